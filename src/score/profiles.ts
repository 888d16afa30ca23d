/** Everything that the score compares, of many molecules, as flat arrays. */
import { ALERTS_VERSION, ALERT_BYTES, ATOM_PAIR, DESCRIPTOR_NAMES, ECFP4, ERG_WIDTH, PATTERN, TORSION } from '../chem/index.ts';
import type { DescriptorName, FeatureBatch, FeatureRequest } from '../chem/index.ts';
import type { Matrix } from '../core/index.ts';

export const FINGERPRINT_BYTES = 256;
const WORDS = FINGERPRINT_BYTES / 4;

/** What chemistry must compute for a profile. */
export const PROFILE_REQUEST = {
  bits: { ecfp4: ECFP4, atomPair: ATOM_PAIR, torsion: TORSION }, descriptors: true, scaffold: true, pharmacophore: true,
} as const satisfies FeatureRequest;

/** One molecule, but for its embedding. */
export interface Profile {
  readonly ecfp4: Uint8Array;
  readonly atomPair: Uint8Array;
  readonly torsion: Uint8Array;
  /** Counts in tenths. */
  readonly pharmacophore: Uint8Array;
  /** In the order of DESCRIPTOR_NAMES. */
  readonly descriptors: Float32Array;
  /** '' for a molecule without rings. */
  readonly scaffold: string;
}

export function profileOf(batch: FeatureBatch, row: number): Profile {
  const bits = (name: 'ecfp4' | 'atomPair' | 'torsion'): Uint8Array => batch.bits[name]!.data.subarray(row * FINGERPRINT_BYTES, (row + 1) * FINGERPRINT_BYTES);
  return {
    ecfp4: bits('ecfp4'), atomPair: bits('atomPair'), torsion: bits('torsion'),
    pharmacophore: batch.pharmacophore!.data.subarray(row * ERG_WIDTH, (row + 1) * ERG_WIDTH),
    descriptors: batch.descriptors!.subarray(row * DESCRIPTOR_NAMES.length, (row + 1) * DESCRIPTOR_NAMES.length),
    scaffold: batch.scaffolds![row] ?? '',
  };
}

/** What a library keeps of each molecule beside its ECFP4 and scaffold; another version is another layout or another chemistry. */
export const PROFILE_VERSION = `1.${ALERTS_VERSION}`;
export const LIBRARY_REQUEST = {
  ...PROFILE_REQUEST, bits: { ...PROFILE_REQUEST.bits, pattern: PATTERN }, alerts: true,
} as const satisfies FeatureRequest;

const PARTS = [FINGERPRINT_BYTES, FINGERPRINT_BYTES, ERG_WIDTH, DESCRIPTOR_NAMES.length * 4, FINGERPRINT_BYTES, ALERT_BYTES] as const;
export const PROFILE_BYTES = PARTS.reduce((sum, bytes) => sum + bytes, 0);

export interface StoredProfile extends Omit<Profile, 'ecfp4' | 'scaffold'> {
  /** For substructures: what lacks a bit of the pattern cannot hold it. */
  readonly pattern: Uint8Array;
  readonly alerts: Uint8Array;
}

/** One row of a batch as bytes. */
export function packProfile(batch: FeatureBatch, row: number): Uint8Array {
  const { atomPair, torsion, pharmacophore, descriptors } = profileOf(batch, row);
  const packed = new Uint8Array(PROFILE_BYTES);
  let at = 0;
  for (const part of [
    atomPair, torsion, pharmacophore, new Uint8Array(descriptors.slice().buffer),
    batch.bits['pattern']!.data.subarray(row * FINGERPRINT_BYTES, (row + 1) * FINGERPRINT_BYTES), batch.alerts!.data.subarray(row * ALERT_BYTES, (row + 1) * ALERT_BYTES),
  ]) {
    packed.set(part, at);
    at += part.length;
  }
  return packed;
}

export function unpackProfile(packed: Uint8Array): StoredProfile {
  let at = 0;
  const [atomPair, torsion, pharmacophore, descriptors, pattern, alerts] = PARTS.map((bytes) => packed.subarray(at, (at += bytes))) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  return { atomPair, torsion, pharmacophore, descriptors: new Float32Array(new Uint8Array(descriptors).buffer), pattern, alerts };
}

/** How much of each property counts as one step away. */
const STEPS: readonly (readonly [name: DescriptorName, step: number])[] = [
  ['molecularWeight', 60], ['logP', 1], ['tpsa', 25], ['hBondDonors', 1], ['hBondAcceptors', 1.5], ['charge', 0.5], ['rotatableBonds', 2.5], ['rings', 1], ['fractionCsp3', 0.2],
];
const STEP_COLUMNS = STEPS.map(([name, step]) => [DESCRIPTOR_NAMES.indexOf(name), step] as const);
const WIDTH = DESCRIPTOR_NAMES.length;

/** Fingerprints of one kind, 32 bits a word. */
class BitColumn {
  private readonly words: Int32Array;
  private readonly bytes: Uint8Array;
  private readonly sizes: Uint16Array;

  constructor(count: number) {
    this.words = new Int32Array(count * WORDS);
    this.bytes = new Uint8Array(this.words.buffer);
    this.sizes = new Uint16Array(count);
  }

  set(row: number, packed: Uint8Array): void {
    this.bytes.set(packed, row * FINGERPRINT_BYTES);
    this.sizes[row] = this.shared(row, row);
  }

  tanimoto(a: number, b: number): number {
    const both = this.shared(a, b);
    const either = this.sizes[a]! + this.sizes[b]! - both;
    return either === 0 ? 0 : both / either;
  }

  private shared(a: number, b: number): number {
    const { words } = this;
    let count = 0;
    for (let w = 0, i = a * WORDS, j = b * WORDS; w < WORDS; w++, i++, j++) {
      let x = words[i]! & words[j]!;
      if (x === 0) continue;
      x -= (x >>> 1) & 0x55555555;
      x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
      count += Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
    }
    return count;
  }
}

/** Profiles by row. The last row is free for a query, so that a query is compared as any row is. */
export class Profiles {
  readonly count: number;
  /** Row of the query. */
  readonly query: number;
  private readonly vectors: Float32Array;
  private readonly queryVector: Float32Array;
  private readonly dimension: number;
  private readonly ecfp4: BitColumn;
  private readonly atomPair: BitColumn;
  private readonly torsion: BitColumn;
  /** (count + 1, ERG_WIDTH) */
  private readonly pharmacophore: Uint8Array;
  private readonly pharmacophoreSize: Float64Array;
  /** (count + 1, DESCRIPTOR_NAMES) */
  readonly descriptors: Float32Array;
  /** Equal numbers, equal scaffolds; 0 for none, -1 for a query's that no row has. */
  readonly scaffolds: Int32Array;
  private readonly scaffoldNumbers = new Map<string, number>([['', 0]]);

  /** vectors: (count, D), unit rows; shared, not copied. */
  constructor(vectors: Matrix) {
    this.count = vectors.rows;
    this.query = this.count;
    this.vectors = vectors.data;
    this.dimension = vectors.cols;
    this.queryVector = new Float32Array(vectors.cols);
    const rows = this.count + 1;
    this.ecfp4 = new BitColumn(rows);
    this.atomPair = new BitColumn(rows);
    this.torsion = new BitColumn(rows);
    this.pharmacophore = new Uint8Array(rows * ERG_WIDTH);
    this.pharmacophoreSize = new Float64Array(rows);
    this.descriptors = new Float32Array(rows * WIDTH);
    this.scaffolds = new Int32Array(rows);
  }

  set(row: number, profile: Profile): void {
    this.ecfp4.set(row, profile.ecfp4);
    this.atomPair.set(row, profile.atomPair);
    this.torsion.set(row, profile.torsion);
    this.pharmacophore.set(profile.pharmacophore, row * ERG_WIDTH);
    this.pharmacophoreSize[row] = profile.pharmacophore.reduce((sum, value) => sum + value * value, 0);
    this.descriptors.set(profile.descriptors, row * WIDTH);
    this.scaffolds[row] = this.scaffoldNumber(row, profile.scaffold);
  }

  /** Distinct scaffolds, "none" among them. */
  get scaffoldCount(): number {
    return this.scaffoldNumbers.size;
  }

  /** Rows stay, so their scaffolds are numbered; queries pass, and a service that remembered theirs would grow with every one. */
  private scaffoldNumber(row: number, scaffold: string): number {
    const known = this.scaffoldNumbers.get(scaffold);
    if (known !== undefined) return known;
    if (row === this.query) return -1;
    const number = this.scaffoldNumbers.size;
    this.scaffoldNumbers.set(scaffold, number);
    return number;
  }

  /** Puts a query in its row. */
  ask(vector: Float32Array, profile: Profile): void {
    this.queryVector.set(vector);
    this.set(this.query, profile);
  }

  cosine(a: number, b: number): number {
    const { dimension } = this;
    const [left, right] = [this.dataOf(a), this.dataOf(b)];
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    let i = a === this.query ? 0 : a * dimension;
    let j = b === this.query ? 0 : b * dimension;
    const end = i + dimension;
    for (; i + 3 < end; i += 4, j += 4) {
      s0 += left[i]! * right[j]!;
      s1 += left[i + 1]! * right[j + 1]!;
      s2 += left[i + 2]! * right[j + 2]!;
      s3 += left[i + 3]! * right[j + 3]!;
    }
    for (; i < end; i++, j++) s0 += left[i]! * right[j]!;
    return s0 + s1 + s2 + s3;
  }

  ecfp4Tanimoto(a: number, b: number): number {
    return this.ecfp4.tanimoto(a, b);
  }

  atomPairTanimoto(a: number, b: number): number {
    return this.atomPair.tanimoto(a, b);
  }

  torsionTanimoto(a: number, b: number): number {
    return this.torsion.tanimoto(a, b);
  }

  pharmacophoreTanimoto(a: number, b: number): number {
    const { pharmacophore } = this;
    let ab = 0;
    for (let w = 0, i = a * ERG_WIDTH, j = b * ERG_WIDTH; w < ERG_WIDTH; w++, i++, j++) ab += pharmacophore[i]! * pharmacophore[j]!;
    const either = this.pharmacophoreSize[a]! + this.pharmacophoreSize[b]! - ab;
    return either === 0 ? 0 : ab / either;
  }

  /** The same from one row to many: only the types of pairs that it has are looked at. */
  pharmacophoreFrom(a: number): (b: number) => number {
    const { pharmacophore, pharmacophoreSize } = this;
    const own = pharmacophore.slice(a * ERG_WIDTH, (a + 1) * ERG_WIDTH);
    const columns = Uint16Array.from(Array.from(own.keys()).filter((column) => own[column] !== 0));
    const values = Uint8Array.from(columns, (column) => own[column]!);
    const size = pharmacophoreSize[a]!;
    return (b) => {
      const from = b * ERG_WIDTH;
      let ab = 0;
      for (let i = 0; i < columns.length; i++) ab += values[i]! * pharmacophore[from + columns[i]!]!;
      const either = size + pharmacophoreSize[b]! - ab;
      return either === 0 ? 0 : ab / either;
    };
  }

  /** 1 for equal properties, falling with the mean number of steps between them. */
  propertyAgreement(a: number, b: number): number {
    const { descriptors } = this;
    let steps = 0;
    for (const [column, step] of STEP_COLUMNS) steps += Math.abs(descriptors[a * WIDTH + column]! - descriptors[b * WIDTH + column]!) / step;
    return Math.exp(-steps / STEP_COLUMNS.length);
  }

  /** Molecules without rings have no scaffold to share. */
  sameScaffold(a: number, b: number): boolean {
    return this.scaffolds[a] === this.scaffolds[b] && this.scaffolds[a] !== 0;
  }

  private dataOf(row: number): Float32Array {
    return row === this.query ? this.queryVector : this.vectors;
  }
}
