/** Who is whose neighbour, and how surely: the fuzzy graph of UMAP (McInnes et al. 2018, arXiv:1802.03426, section 3.1). */

/** (rows, k) neighbours of each row, nearest first, the row itself left out; -1 where there are fewer. */
export interface NeighbourTable {
  readonly k: number;
  readonly labels: Int32Array;
  /** 1 - cosine, parallel to `labels`. */
  readonly distances: Float32Array;
}

/** The same with how sure each bond is, 0 to 1; 0 where there is none. A pair may be bound both ways. */
export interface Bonds {
  readonly k: number;
  readonly labels: Int32Array;
  readonly weights: Float32Array;
}

const ROUNDS = 24;
/** Wider than any scale of distances from 0 to 2 has to be. */
const WIDEST = 8;
const NARROWEST = 1e-6;

/** exp(-(distance - nearest) / scale), with the scale at which a row's sum is log2(k): dense and sparse regions count alike. */
export function bondsOf({ k, labels, distances }: NeighbourTable): Bonds {
  const weights = new Float32Array(labels.length);
  const wanted = Math.log2(k);
  for (let at = 0; at < labels.length; at += k) {
    const nearest = distances[at]!;
    const weightAt = (i: number, scale: number): number => (labels[i]! < 0 ? 0 : Math.exp(-(distances[i]! - nearest) / scale));
    let [low, high] = [NARROWEST, WIDEST];
    for (let round = 0; round < ROUNDS; round++) {
      const scale = Math.sqrt(low * high);
      let sum = 0;
      for (let i = at; i < at + k; i++) sum += weightAt(i, scale);
      if (sum > wanted) high = scale;
      else low = scale;
    }
    for (let i = at; i < at + k; i++) weights[i] = weightAt(i, high);
  }
  return { k, labels, weights };
}
