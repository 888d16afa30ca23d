/**
 * Several embeddings of one item side by side: a space that is the sum of spaces. The cosine in it is the mean of the parts'
 * cosines, weighted by their shares; an item that one part knows nothing of (a drawing, of activity) is 0 there, and is
 * compared by the others.
 */
import { IsoLensError } from '../core/index.ts';
import { GraphBuilder } from '../graph/index.ts';
import type { Value } from '../graph/index.ts';
import type { EncoderInput } from '../encoders/index.ts';
import { addServingTower } from './serving-graph.ts';
import type { EncoderGraph, ViewSpec } from './serving-graph.ts';
import type { TowerSpec } from './tower.ts';

/** One part of the joint space, in its order. */
export interface JointPart {
  readonly dimension: number;
  /** Of the joint cosine; the shares of all parts add up to 1. */
  readonly share: number;
  /** Absent: the item has nothing to say here. */
  readonly tower?: {
    readonly spec: TowerSpec;
    readonly views: readonly ViewSpec[];
    /** Inputs of which this tower reads the first columns only: input -> how many. */
    readonly columns: Readonly<Record<string, number>>;
  };
}

/** `inputs`: what several towers share, each as the one that reads most columns of it declares it. */
export function buildJointGraph(name: string, parts: readonly JointPart[], inputs: readonly EncoderInput[]): EncoderGraph {
  const present = parts.filter(({ tower }) => tower !== undefined);
  const total = parts.reduce((sum, { share }) => sum + share, 0);
  if (present.length === 0 || Math.abs(total - 1) > 1e-6) {
    throw new IsoLensError('ARGUMENT_INVALID', `Expected shares of a joint space that add up to 1, and at least one encoder, but received ${parts.map(({ share }) => share).join(' + ')} and ${present.length} encoders.`);
  }
  const g = new GraphBuilder(name);
  const shared = new Map(inputs.map(({ role, dtype, shape }) => [role, g.input(role, dtype, shape)]));
  const names: Record<string, string> = {};
  const embeddings = parts.map(({ tower, dimension }): Value | undefined => {
    if (tower === undefined) return undefined;
    const known = new Map([...shared].map(([input, value]) => [input, firstColumns(g, value, tower.columns[input])]));
    const added = addServingTower(g, known, tower.spec, dimension, tower.views);
    Object.assign(names, added.inputs);
    return added.embedding;
  });
  const some = embeddings.find((one) => one !== undefined)!;
  const known = present.reduce((sum, { share }) => sum + share, 0);
  const columns = parts.map(({ dimension, share }, i) => scaledTo(g, embeddings[i], Math.sqrt(share / known)) ?? zeros(g, some, dimension));
  const embedding = g.named('embedding', g.apply('Concat', columns, { axis: 1 }));
  g.output(embedding);
  return { ir: g.toIr(), embedding: embedding.name, inputs: names };
}

function firstColumns(g: GraphBuilder, value: Value, columns: number | undefined): Value {
  return columns === undefined || columns === value.shape[1] ? value : g.apply('Slice', [value], { starts: [0], ends: [columns], axes: [1] });
}

function scaledTo(g: GraphBuilder, value: Value | undefined, length: number): Value | undefined {
  return value === undefined || length === 1 ? value : g.apply('Mul', [value, g.constant(length)]);
}

/** (N, columns) of 0, as many rows as `like` has. */
function zeros(g: GraphBuilder, like: Value, columns: number): Value {
  const width = like.shape[1] as number;
  const blocks = Array.from({ length: Math.ceil(columns / width) }, () => like);
  const wide = blocks.length === 1 ? like : g.apply('Concat', blocks, { axis: 1 });
  return g.apply('Mul', [firstColumns(g, wide, columns), g.constant(0)]);
}
