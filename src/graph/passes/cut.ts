import { IsoLensError } from '../../core/index.ts';
import { formatShape } from '../dims.ts';
import type { Shape } from '../dims.ts';
import { inferGraph } from '../infer.ts';
import type { GraphIr, GraphNode } from '../ir.ts';
import { pruneGraph } from './prune.ts';

/** A value that crosses the cut. */
export interface CutValue {
  /** An output of `towers`, an input of `head`. */
  readonly value: string;
  /** The input of `towers` that takes the gradient which `head` gives for it. */
  readonly gradient: string;
}

export interface CutGraph {
  /** What computes the embeddings row by row, and the scalar `surrogate`, whose gradient is that of the loss. */
  readonly towers: GraphIr;
  readonly surrogate: string;
  /** What makes the loss and the metrics of the embeddings. */
  readonly head: GraphIr;
  readonly values: readonly CutValue[];
  /** Those of the asked for that need no (N, N) matrix. */
  readonly metrics: readonly string[];
}

const PREFIX = 'cut';

/**
 * Cuts a training graph behind its embeddings (N, ..), so that towers can run chunk by chunk while the loss sees the whole batch:
 * gradient caching (Gao et al. 2021, arXiv:2101.06983). The surrogate is the sum of embeddings times their gradients.
 */
export function cutGraph(graph: GraphIr, embeddings: readonly string[], loss: string, metrics: readonly string[]): CutGraph {
  const values = inferGraph(graph);
  const shapeOf = (name: string): Shape => values.get(name)!.shape;
  const inTowers = new Set(pruneGraph(graph, embeddings).nodes.filter(({ inputs }) => inputs.length > 0).map(({ name }) => name));

  const kept = metrics.filter((metric) => !pruneGraph(graph, [metric]).nodes.some(({ name }) => isMatrix(shapeOf(name))));
  const head = headOf(graph, inTowers, [loss, ...kept]);
  const crossing = [...new Set(head.nodes.flatMap(({ inputs }) => inputs).concat(head.outputs))].filter((name) => inTowers.has(name));
  for (const name of [...crossing, ...head.inputs.map((input) => input.name)]) expectRows(name, shapeOf(name));

  const cut = crossing.map((value, i) => ({ value, gradient: `${PREFIX}.gradient-${i}` }));
  const declared = cut.map(({ value }) => ({ name: value, dtype: 'f32' as const, shape: [...shapeOf(value)] }));
  return {
    towers: towersOf(graph, cut, declared.map(({ shape }) => shape)),
    surrogate: `${PREFIX}.surrogate`,
    head: { ...head, symbols: ['N'], inputs: [...head.inputs, ...declared] },
    values: cut,
    metrics: kept,
  };
}

function isMatrix(shape: Shape): boolean {
  return shape.length === 2 && shape[0] === 'N' && shape[1] === 'N';
}

/** What `outputs` need beyond the towers; values of the towers are left without a maker. */
function headOf(graph: GraphIr, inTowers: ReadonlySet<string>, outputs: readonly string[]): GraphIr {
  return pruneGraph({ ...graph, nodes: graph.nodes.filter(({ name }) => !inTowers.has(name)) }, outputs);
}

function expectRows(name: string, shape: Shape): void {
  if (shape[0] === 'N' && shape.slice(1).every((size) => typeof size === 'number')) return;
  throw new IsoLensError('GRAPH_INVALID', `Expected values with one row for each of the batch between towers and loss but "${name}" is ${formatShape(shape)}. Train this model without chunks.`);
}

function towersOf(graph: GraphIr, cut: readonly CutValue[], shapes: readonly Shape[]): GraphIr {
  const node = (op: string, name: string, inputs: string[]): GraphNode =>
    ({ op, name: `${PREFIX}.${name}`, inputs, outputs: [`${PREFIX}.${name}`], attributes: op === 'ReduceSum' ? { axes: [], keepdims: 0 } : {} });
  const nodes = cut.flatMap(({ value, gradient }, i) => [
    node('Mul', `product-${i}`, [value, gradient]),
    node('ReduceSum', `sum-${i}`, [`${PREFIX}.product-${i}`]),
    ...(i === 0 ? [] : [node('Add', `total-${i}`, [i === 1 ? `${PREFIX}.sum-0` : `${PREFIX}.total-${i - 1}`, `${PREFIX}.sum-${i}`])]),
  ]);
  const last = nodes.at(-1)!.name;
  const whole: GraphIr = {
    ...graph,
    inputs: [...graph.inputs, ...cut.map(({ gradient }, i) => ({ name: gradient, dtype: 'f32' as const, shape: [...shapes[i]!] }))],
    nodes: [...graph.nodes, ...nodes, { ...node('Identity', 'surrogate', [last]) }],
  };
  return pruneGraph(whole, [`${PREFIX}.surrogate`, ...cut.map(({ value }) => value)]);
}
