/** Losses over places: of maps, and of what was gathered from them. Weights are 1 where there is something to learn, else 0. */
import { fixedSize } from '../graph/index.ts';
import type { GraphBuilder, Value } from '../graph/index.ts';

/** Sum over all elements of `x`, each times its weight, over the sum of the weights. */
function weightedMean(g: GraphBuilder, x: Value, weight: Value): Value {
  return g.apply('Div', [g.apply('ReduceSum', [g.apply('Mul', [x, weight])]), atLeastOne(g, weight)]);
}

function atLeastOne(g: GraphBuilder, weight: Value): Value {
  return g.apply('Clip', [g.apply('ReduceSum', [weight])], { min: 1, max: 1e9 });
}

/** 1 - x */
function rest(g: GraphBuilder, x: Value): Value {
  return g.apply('Sub', [g.constant(1), x]);
}

function square(g: GraphBuilder, x: Value): Value {
  return g.apply('Mul', [x, x]);
}

/**
 * Focal loss of a heat map (Law and Deng 2018, arXiv:1808.01244, with exponents 2 and 4): `logits` and `target` (N, 1, h, w),
 * where places are exactly 1 and their surroundings less, and count for less. Over the number of places.
 */
export function focalLoss(g: GraphBuilder, logits: Value, target: Value): Value {
  const place = g.apply('Clip', [g.apply('Mul', [g.apply('Sub', [target, g.constant(0.95)]), g.constant(20)])], { min: 0, max: 1 });
  const p = g.apply('Sigmoid', [logits]);
  const missed = g.apply('Mul', [g.apply('Mul', [place, square(g, rest(g, p))]), g.apply('Softplus', [g.apply('Neg', [logits])])]);
  const elsewhere = g.apply('Mul', [rest(g, place), square(g, square(g, rest(g, target)))]);
  const invented = g.apply('Mul', [g.apply('Mul', [elsewhere, square(g, p)]), g.apply('Softplus', [logits])]);
  return g.apply('Div', [g.apply('ReduceSum', [g.apply('Add', [missed, invented])]), atLeastOne(g, place)]);
}

/** Cross-entropy of `logits` (V, K) against `label` (V, 1), by `weight` (V, 1). */
export function crossEntropy(g: GraphBuilder, logits: Value, label: Value, weight: Value): Value {
  const chosen = g.apply('GatherElements', [g.apply('LogSoftmax', [logits]), label]);
  return g.apply('Neg', [weightedMean(g, chosen, weight)]);
}

/** Smooth L1 distance (quadratic below `bend`) of `x` and `target` (V, D), summed over D, by `weight` (V, 1). */
export function smoothL1(g: GraphBuilder, x: Value, target: Value, weight: Value, bend = 0.05): Value {
  const apart = g.apply('Sub', [x, target]);
  const size = g.apply('Add', [g.apply('Relu', [apart]), g.apply('Relu', [g.apply('Neg', [apart])])]);
  // With q = min(size, bend): q (size - q / 2) / bend
  const near = g.apply('Clip', [size], { min: 0, max: bend });
  const loss = g.apply('Mul', [near, g.apply('Sub', [size, g.apply('Mul', [near, g.constant(0.5)])])]);
  return g.apply('Mul', [weightedMean(g, loss, weight), g.constant(1 / bend)]);
}

/** Rows of maps (N, C, h, w) at the cells `at` (V), counted through the batch: (V, C). */
export function gatherCells(g: GraphBuilder, maps: Value, at: Value): Value {
  const channels = fixedSize(maps, 1);
  const rows = g.apply('Reshape', [g.apply('Transpose', [maps], { perm: [0, 2, 3, 1] })], { shape: [-1, channels] });
  return g.apply('Gather', [rows, at]);
}
