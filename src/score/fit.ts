/** Logistic regression with weights of known sign, by coordinate descent: convex, so it ends at the one best place. */

export interface Example {
  /** One value a term. */
  readonly values: Float64Array;
  /** 1 acts alike, 0 does not. */
  readonly label: 0 | 1;
  readonly weight: number;
}

export interface Fitted {
  readonly intercept: number;
  readonly weights: number[];
}

const ROUNDS = 200;
const CONVERGED = 1e-6;

/**
 * signs: 1 keeps a weight from falling below 0, -1 from rising above. ridge: penalty on squared weights, of the whole sum of losses.
 * Without an intercept it fits differences: which of two is the better one.
 */
export function fitLogistic(examples: readonly Example[], signs: readonly (1 | -1)[], ridge: number, hasIntercept = true): Fitted {
  const width = signs.length;
  const weights = new Float64Array(width + 1); // the last is the intercept
  const scores = new Float64Array(examples.length);
  for (let round = 0; round < ROUNDS; round++) {
    let largest = 0;
    for (let t = 0; t < width + (hasIntercept ? 1 : 0); t++) {
      const penalty = t < width ? ridge : 0;
      let gradient = penalty * weights[t]!;
      let curvature = penalty + 1e-9;
      examples.forEach(({ values, label, weight }, i) => {
        const x = t < width ? values[t]! : 1;
        const p = 1 / (1 + Math.exp(-scores[i]!));
        gradient += weight * (p - label) * x;
        // At least a fifth of the largest curvature: steps stay small where all examples are decided.
        curvature += weight * Math.max(p * (1 - p), 0.05) * x * x;
      });
      let next = weights[t]! - gradient / curvature;
      if (t < width && next * signs[t]! < 0) next = 0;
      const change = next - weights[t]!;
      if (change === 0) continue;
      weights[t] = next;
      largest = Math.max(largest, Math.abs(change));
      for (let i = 0; i < examples.length; i++) scores[i]! += change * (t < width ? examples[i]!.values[t]! : 1);
    }
    if (largest < CONVERGED) break;
  }
  return { intercept: weights[width]!, weights: Array.from(weights.subarray(0, width)) };
}
