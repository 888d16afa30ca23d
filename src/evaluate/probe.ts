/**
 * Logistic regression for a few examples with many features. Its weights lie in the span of the examples, so it is solved over
 * their inner products alone (Kimeldorf & Wahba 1971): 32 unknowns, whatever the width of the features.
 */

/** (n, n) inner products, row by row. */
export interface Gram {
  readonly n: number;
  readonly values: Float64Array;
}

export interface Probe {
  /** One a training example: the score of x is the sum of alpha[i] <x_i, x>, plus the offset. */
  readonly alpha: Float64Array;
  readonly offset: number;
}

const ROUNDS = 30;
const CONVERGED = 1e-8;
const MIN_WEIGHT = 1e-5;
/** Strengths of the penalty that cross-validation chooses from, in units of the mean squared length of the centred features. */
const PENALTIES: readonly number[] = [0.01, 0.03, 0.1, 0.3, 1, 3, 10];
const FOLDS = 4;

/** Minimises log-loss + penalty / 2 |w|^2 with a free offset, by iteratively reweighted least squares. label: 0 or 1. */
export function fitProbe(gram: Gram, label: ArrayLike<number>, penalty: number): Probe {
  const { n, values } = gram;
  let alpha = new Float64Array(n);
  let offset = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const system = Array.from({ length: n + 1 }, () => new Float64Array(n + 2));
    for (let i = 0; i < n; i++) {
      let score = offset;
      for (let j = 0; j < n; j++) score += values[i * n + j]! * alpha[j]!;
      const p = 1 / (1 + Math.exp(-score));
      const weight = Math.max(MIN_WEIGHT, p * (1 - p));
      const row = system[i]!;
      for (let j = 0; j < n; j++) row[j] = values[i * n + j]!;
      row[i]! += penalty / weight;
      row[n] = 1;
      row[n + 1] = score + (label[i]! - p) / weight;
      // A free offset wants the alphas to cancel.
      system[n]![i] = 1;
    }
    const solution = solve(system);
    let change = Math.abs(solution[n]! - offset);
    for (let i = 0; i < n; i++) change = Math.max(change, Math.abs(solution[i]! - alpha[i]!));
    alpha = solution.slice(0, n);
    offset = solution[n]!;
    if (change < CONVERGED) break;
  }
  return { alpha, offset };
}

/** Fits with the penalty that predicts left-out examples best (log-loss, folds of both classes). */
export function fitProbeByValidation(gram: Gram, label: ArrayLike<number>): Probe {
  const scale = meanCentredLength(gram);
  let best = { loss: Number.POSITIVE_INFINITY, penalty: scale };
  for (const relative of PENALTIES) {
    const penalty = Math.max(relative * scale, Number.MIN_VALUE);
    const loss = validationLoss(gram, label, penalty);
    if (loss < best.loss) best = { loss, penalty };
  }
  return fitProbe(gram, label, best.penalty);
}

function validationLoss(gram: Gram, label: ArrayLike<number>, penalty: number): number {
  const folds = foldsOf(label);
  let loss = 0;
  for (let fold = 0; fold < FOLDS; fold++) {
    const kept = folds.flatMap((of, i) => (of === fold ? [] : [i]));
    const part: Gram = { n: kept.length, values: Float64Array.from({ length: kept.length ** 2 }, (_, at) => gram.values[kept[Math.floor(at / kept.length)]! * gram.n + kept[at % kept.length]!]!) };
    const { alpha, offset } = fitProbe(part, kept.map((i) => label[i]!), penalty);
    folds.forEach((of, i) => {
      if (of !== fold) return;
      const score = kept.reduce((sum, k, j) => sum + alpha[j]! * gram.values[i * gram.n + k]!, offset);
      loss += Math.log1p(Math.exp(-(label[i] === 1 ? score : -score)));
    });
  }
  return loss;
}

/** Deals out the examples of each class in turn. */
function foldsOf(label: ArrayLike<number>): number[] {
  const next = [0, 0];
  return Array.from({ length: label.length }, (_, i) => next[label[i]!]!++ % FOLDS);
}

/** Mean squared distance of the examples from their mean: it makes penalties comparable across kinds of features. */
function meanCentredLength({ n, values }: Gram): number {
  let trace = 0;
  let total = 0;
  for (let i = 0; i < n; i++) {
    trace += values[i * n + i]!;
    for (let j = 0; j < n; j++) total += values[i * n + j]!;
  }
  return Math.max(1e-12, trace / n - total / (n * n));
}

/** Gaussian elimination with partial pivoting; each row ends with its right side. */
function solve(rows: Float64Array[]): Float64Array {
  const n = rows.length;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let r = column + 1; r < n; r++) if (Math.abs(rows[r]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = r;
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    const top = rows[column]!;
    for (let r = column + 1; r < n; r++) {
      const row = rows[r]!;
      const factor = row[column]! / top[column]!;
      if (factor !== 0) for (let c = column; c <= n; c++) row[c]! -= factor * top[c]!;
    }
  }
  const solution = new Float64Array(n);
  for (let r = n - 1; r >= 0; r--) {
    let sum = rows[r]![n]!;
    for (let c = r + 1; c < n; c++) sum -= rows[r]![c]! * solution[c]!;
    solution[r] = sum / rows[r]![r]!;
  }
  return solution;
}
