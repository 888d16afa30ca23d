/**
 * Maximal marginal relevance (Carbonell & Goldstein 1998): each next one is good, and unlike those before it. `likeness(i)` gives the likeness
 * of i, 0 to 1, to any other. Returns positions in `relevance`, at most k, in the order in which they were chosen.
 */
export function diversified(relevance: Float64Array, k: number, lambda: number, likeness: (i: number) => (j: number) => number): Int32Array {
  const left = Array.from(relevance, (value, i) => ({ i, value, nearest: 0 }));
  const chosen: number[] = [];
  const gain = ({ value, nearest }: (typeof left)[number]): number => (1 - lambda) * value - lambda * nearest;
  while (chosen.length < k && left.length > 0) {
    let best = 0;
    for (let at = 1; at < left.length; at++) if (gain(left[at]!) > gain(left[best]!)) best = at;
    const [{ i }] = left.splice(best, 1) as [(typeof left)[number]];
    chosen.push(i);
    const toChosen = likeness(i);
    for (const other of left) other.nearest = Math.max(other.nearest, toChosen(other.i));
  }
  return Int32Array.from(chosen);
}
