/** What a trained tower is served as: a graph of its own with the same parameter names, so that weights go straight into a file. */
import { encoderConfig, wholeConfig } from '../encoders/index.ts';
import { GraphBuilder } from '../graph/index.ts';
import type { GraphIr, Value } from '../graph/index.ts';
import { addTower } from './tower.ts';
import type { TowerSpec } from './tower.ts';

export interface EncoderGraph {
  readonly ir: GraphIr;
  readonly embedding: string;
  /** Role -> graph input. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** A further look at the same item: the encoder again, with the same weights. */
export interface ViewSpec {
  /** Replaces fields of the encoder's configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputNames: Readonly<Record<string, string>>;
}

/**
 * The inference graph of one tower; inputs are named by role unless the spec says otherwise. Outputs are "embedding": with further
 * views, the mean of all at unit length; and "features": those of the trunk, (N, outputWidth), of the first view.
 */
export function buildEncoderGraph(spec: TowerSpec, embeddingDimension: number, views: readonly ViewSpec[] = []): EncoderGraph {
  const g = new GraphBuilder(spec.prefix);
  const { embedding: value, features, inputs } = addServingTower(g, new Map(), spec, embeddingDimension, views);
  const embedding = g.named('embedding', value);
  g.output(embedding);
  g.output(g.named('features', features));
  return { ir: g.toIr(), embedding: embedding.name, inputs };
}

/** A tower as it serves, all its views, in a graph that may hold others; `known` are inputs that are declared already, by name. */
export function addServingTower(g: GraphBuilder, known: Map<string, Value>, spec: TowerSpec, embeddingDimension: number, views: readonly ViewSpec[]): { embedding: Value; features: Value; inputs: Record<string, string> } {
  const config = wholeConfig(spec.encoder, encoderConfig(spec.encoder, spec.config));
  const roles = Object.fromEntries(spec.encoder.inputs(config).map(({ role }) => [role, role]));
  const { encoder, projection, weightsOf, prefix, isByComponents = false } = spec;
  const own = { encoder, projection, isByComponents, config, prefix: weightsOf ?? prefix, inputNames: { ...roles, ...spec.inputNames } };
  const tower = addTower(g, known, own, embeddingDimension);
  const others = views.map((view, i) => addTower(g, known, {
    ...own, config: encoderConfig(encoder, config, view.config), prefix: `${own.prefix}-view-${i + 2}`, weightsOf: own.prefix, inputNames: view.inputNames,
  }, embeddingDimension));
  const sum = others.reduce((all, other) => g.apply('Add', [all, other.embedding]), tower.embedding);
  const embedding = others.length === 0 ? sum : g.apply('L2Normalise', [sum]);
  return { embedding, features: tower.features, inputs: Object.assign({}, tower.names, ...others.map(({ names }) => Object.fromEntries(Object.values(names).map((name) => [name, name])))) as Record<string, string> };
}
