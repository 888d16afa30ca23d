/** Who is whose neighbour, and how surely: the fuzzy graph of UMAP (McInnes et al. 2018, arXiv:1802.03426, section 3.1). */

/** (rows, k) neighbours of each row, nearest first, the row itself left out; -1 where there are fewer. */
export interface NeighbourTable {
  readonly k: number;
  readonly labels: Int32Array;
  /** 1 - cosine, parallel to `labels`. */
  readonly distances: Float32Array;
}

/** Pairs of rows, each once, with the sureness of their bond, 0 to 1. */
export interface Bonds {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly weights: Float32Array;
}

const ROUNDS = 40;

export function bondsOf(rows: number, table: NeighbourTable): Bonds {
  const { k, labels } = table;
  const sureness = surenessOf(rows, table);
  const merged = new Map<number, number>();
  for (let r = 0; r < rows; r++) {
    for (let i = r * k; i < (r + 1) * k; i++) {
      const other = labels[i]!;
      if (other < 0) continue;
      const key = Math.min(r, other) * rows + Math.max(r, other);
      const known = merged.get(key) ?? 0;
      // Either of two says so: the probability that at least one of them is right.
      merged.set(key, known + sureness[i]! - known * sureness[i]!);
    }
  }
  const pairs = [...merged];
  return {
    from: Int32Array.from(pairs, ([key]) => Math.floor(key / rows)),
    to: Int32Array.from(pairs, ([key]) => key % rows),
    weights: Float32Array.from(pairs, ([, weight]) => weight),
  };
}

/** exp(-(distance - nearest) / scale), with the scale at which a row's sum is log2(k): dense and sparse regions count alike. */
function surenessOf(rows: number, { k, labels, distances }: NeighbourTable): Float32Array {
  const sureness = new Float32Array(labels.length);
  const wanted = Math.log2(k);
  for (let r = 0; r < rows; r++) {
    const at = r * k;
    const nearest = distances[at]!;
    let [low, high] = [0, 8];
    for (let round = 0; round < ROUNDS; round++) {
      const scale = (low + high) / 2;
      let sum = 0;
      for (let i = at; i < at + k; i++) if (labels[i]! >= 0) sum += Math.exp(-(distances[i]! - nearest) / scale);
      if (sum > wanted) high = scale;
      else low = scale;
    }
    for (let i = at; i < at + k; i++) if (labels[i]! >= 0) sureness[i] = Math.exp(-(distances[i]! - nearest) / Math.max(high, 1e-6));
  }
  return sureness;
}
