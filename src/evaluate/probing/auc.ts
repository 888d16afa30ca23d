/** The area under the ROC curve from scores, ties and weights included. */

/** Scores in order, made once for many resamplings. */
export class RankedScores {
  /** Positions, lowest score first. */
  private readonly order: Int32Array;
  /** Where each group of equal scores ends in `order`. */
  private readonly ends: Int32Array;
  private readonly label: ArrayLike<number>;

  /** scores, label: (n); label 0 or 1. */
  constructor(scores: ArrayLike<number>, label: ArrayLike<number>) {
    this.label = label;
    this.order = Int32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
    const ends: number[] = [];
    this.order.forEach((position, i) => {
      if (i === this.order.length - 1 || scores[this.order[i + 1]!]! !== scores[position]!) ends.push(i + 1);
    });
    this.ends = Int32Array.from(ends);
  }

  /** Share of pairs in the right order, a tie counting half; NaN where a class is missing. weights: (n), how often each counts. */
  auc(weights?: ArrayLike<number>): number {
    let [pairs, positives, negatives, at] = [0, 0, 0, 0];
    for (const end of this.ends) {
      let [ownPositives, ownNegatives] = [0, 0];
      for (; at < end; at++) {
        const position = this.order[at]!;
        const weight = weights === undefined ? 1 : weights[position]!;
        if (this.label[position] === 1) ownPositives += weight;
        else ownNegatives += weight;
      }
      pairs += ownPositives * (negatives + ownNegatives / 2);
      positives += ownPositives;
      negatives += ownNegatives;
    }
    return positives === 0 || negatives === 0 ? Number.NaN : pairs / (positives * negatives);
  }
}

/** Mean of the numbers among the values; NaN where there is none. */
export function meanOfNumbers(values: readonly number[]): number {
  let [sum, count] = [0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return count === 0 ? Number.NaN : sum / count;
}
