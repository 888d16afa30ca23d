/**
 * Synthetic sites of cells, for no public set of raw images of many compounds is at hand: a phenotype of eight traits follows from
 * the structure, every site shows it with noise, and what a model could reach at best is known. They say whether training works, and
 * nothing of biology.
 */
import { createRng } from '../../core/index.ts';
import type { Rng } from '../../core/index.ts';
import { RANKS } from './retrieval.ts';

/** What a trait of the phenotype changes in a picture. None is the brightness of a whole channel: encoders see each channel at its own scale. */
export const TRAITS = [
  'radius of nuclei', 'radius of cells', 'place of nuclei', 'reach of the endoplasmic reticulum', 'brightness of nucleoli', 'brightness of cell borders', 'grain of mitochondria', 'elongation',
] as const;

const CHANNELS = ['AGP', 'DNA', 'ER', 'Mito', 'RNA'] as const;
export const SYNTHETIC_CHANNELS = CHANNELS.length;

/** Counts of a molecule's substructures: what stands at [offsets[i], offsets[i + 1]) belongs to molecule i. */
export interface SparseCounts {
  readonly indices: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly offsets: ArrayLike<number | bigint>;
}

/**
 * (molecules, traits): each trait is a random linear function of ln(1 + how often a substructure occurs), scaled to mean 0 and standard
 * deviation 1 over the molecules. `width`: so many substructures are told apart.
 */
export function phenotypes({ indices, values, offsets }: SparseCounts, width: number, seed: number): Float64Array[] {
  const rng = createRng(seed);
  const weights = TRAITS.map(() => Float64Array.from({ length: width }, () => rng.normal()));
  const rows = Array.from({ length: offsets.length - 1 }, (_, i) => Float64Array.from(weights, (own) => {
    let sum = 0;
    for (let k = Number(offsets[i]!); k < Number(offsets[i + 1]!); k++) sum += own[indices[k]!]! * Math.log1p(values[k]!);
    return sum;
  }));
  for (const t of TRAITS.keys()) {
    const mean = rows.reduce((sum, row) => sum + row[t]!, 0) / rows.length;
    const deviation = Math.sqrt(rows.reduce((sum, row) => sum + (row[t]! - mean) ** 2, 0) / rows.length);
    for (const row of rows) row[t] = (row[t]! - mean) / (deviation === 0 ? 1 : deviation);
  }
  return rows;
}

/** The phenotype that one site shows: its compound's, with normal noise. */
export function shownPhenotype(phenotype: Float64Array, noise: number, rng: Rng): Float64Array {
  return phenotype.map((value) => value + noise * rng.normal());
}

/**
 * What a model reaches that reads phenotypes off sites and off structures without error: share of compounds whose own phenotype is
 * the nearest to what their sites show in the mean (the likeliest, for the noise is normal), and among the nearest five and ten.
 */
export function perfectRetrieval(rows: readonly Float64Array[], noise: number, sites: number, seed: number): readonly [top1: number, top5: number, top10: number] {
  const rng = createRng(seed);
  const hits = RANKS.map(() => 0);
  rows.forEach((own, i) => {
    const shown = shownPhenotype(own, noise / Math.sqrt(sites), rng);
    const distance = (row: Float64Array): number => row.reduce((sum, value, t) => sum + (value - shown[t]!) ** 2, 0);
    const mine = distance(own);
    const nearer = rows.filter((row, j) => j !== i && distance(row) < mine).length;
    RANKS.forEach((k, at) => { if (nearer < k) hits[at]!++; });
  });
  return hits.map((count) => count / rows.length) as unknown as readonly [number, number, number];
}

interface Cell {
  readonly x: number;
  readonly y: number;
  readonly angle: number;
  readonly jitter: number;
}

/** (channels, side, side), 0 to 255, in the order AGP, DNA, ER, Mito, RNA, of a site whose cells all show these traits. */
export function renderSite(traits: Float64Array, side: number, rng: Rng): Uint8Array {
  const squashed = traits.map((value) => Math.tanh(value / 2.5));
  const [nucleus, body, offset, reach, nucleoli, border, grain, elongation] = squashed as unknown as readonly number[];
  const unit = side / 64;
  const nucleusRadius = (5 + 2 * nucleus!) * unit;
  const bodyRadius = (11 + 3.5 * body!) * unit;
  const stretch = 1.35 + 0.3 * elongation!;
  const wave = (2 * Math.PI) / ((5 + 2.2 * grain!) * unit);
  const levels = { nucleoli: 110 + 70 * nucleoli!, border: 110 + 70 * border! };
  const [away, fading] = [(0.3 + 0.28 * offset!) * bodyRadius, 1.4 - 1.2 * reach!];
  const cells = Array.from({ length: 8 }, (): Cell => ({ x: rng.next() * side, y: rng.next() * side, angle: Math.PI * rng.next(), jitter: 1 + 0.06 * rng.normal() }));
  const out = new Float32Array(CHANNELS.length * side * side);
  const plane = side * side;
  for (const cell of cells) paintCell(cell);
  return Uint8Array.from(out, (value) => Math.max(0, Math.min(255, Math.round(12 + value + 5 * rng.normal()))));

  function paintCell({ x, y, angle, jitter }: Cell): void {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const extent = Math.ceil(bodyRadius * stretch * 1.2);
    for (let v = Math.max(0, Math.floor(y - extent)); v < Math.min(side, y + extent); v++) {
      for (let u = Math.max(0, Math.floor(x - extent)); u < Math.min(side, x + extent); u++) {
        const along = (cos * (u - x) + sin * (v - y)) / stretch;
        const across = (-sin * (u - x) + cos * (v - y)) * stretch;
        const distance = Math.hypot(along, across);
        const inBody = soft((bodyRadius * jitter - distance) / unit);
        if (inBody < 0.01) continue;
        const inner = along - away;
        const toNucleus = Math.hypot(inner, across);
        const inNucleus = soft((nucleusRadius * jitter - toNucleus) / unit);
        const rim = Math.exp(-(((bodyRadius * jitter - distance) / (1.5 * unit)) ** 2));
        const spots = Math.exp(-((Math.hypot(inner - 0.35 * nucleusRadius, across) / (0.3 * nucleusRadius)) ** 2)) + Math.exp(-((Math.hypot(inner + 0.4 * nucleusRadius, across) / (0.25 * nucleusRadius)) ** 2));
        const ripple = 0.5 + 0.5 * Math.sin(wave * u) * Math.sin(wave * v);
        const at = v * side + u;
        const values = [levels.border * rim + 25 * inBody, 150 * inNucleus, 170 * Math.exp((-fading * toNucleus) / bodyRadius) * inBody * (1 - 0.7 * inNucleus), 140 * ripple * inBody * (1 - inNucleus), 45 * inBody + levels.nucleoli * spots * inNucleus];
        for (const [channel, value] of values.entries()) out[channel * plane + at] = Math.max(out[channel * plane + at]!, value);
      }
    }
  }
}

/** 0 outside, 1 inside, over two pixels. */
function soft(depth: number): number {
  return Math.max(0, Math.min(1, 0.5 + depth / 2));
}
