/** Whether two texts are at most `limit` insertions, deletions and substitutions apart (Ukkonen 1985: only the band that matters is filled). */
export function isWithinEdits(a: string, b: string, limit: number): boolean {
  if (Math.abs(a.length - b.length) > limit) return false;
  const width = 2 * limit + 1;
  // row[d] = distance of a[0..i) and b[0..i + d - limit)
  let row = Int32Array.from({ length: width }, (_, d) => (d < limit ? limit + 1 : d - limit));
  for (let i = 1; i <= a.length; i++) {
    const next = new Int32Array(width).fill(limit + 1);
    let least = limit + 1;
    for (let d = Math.max(0, limit - i); d < width; d++) {
      const j = i + d - limit;
      if (j > b.length) break;
      let best = d + 1 < width ? row[d + 1]! + 1 : limit + 1;
      if (j > 0) {
        best = Math.min(best, row[d]! + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1));
        if (d > 0) best = Math.min(best, next[d - 1]! + 1);
      }
      next[d] = best;
      least = Math.min(least, best);
    }
    if (least > limit) return false;
    row = next;
  }
  return row[b.length - a.length + limit]! <= limit;
}
