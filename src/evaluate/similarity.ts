/** How alike molecules are, by the ways that an evaluation compares. */
import { ECFP4 } from '../chem/index.ts';
import type { BitColumn, FingerprintConfig } from '../chem/index.ts';
import { IsoLensError, dot } from '../core/index.ts';
import { checkSignal } from './define.ts';
import type { EmbedMolecules, EvaluationServices } from './define.ts';

/** Similarities among a fixed list of molecules. */
export interface Similarities {
  /** Of items `a` and `b`, by position; the lowest possible value where either could not be read. */
  between(a: number, b: number): number;
  readonly count: number;
  /** Items that could not be read. */
  readonly failed: number;
}

/** Of one item to every item, in input order. */
export function similaritiesTo(similarities: Similarities, query: number): Float64Array {
  return Float64Array.from({ length: similarities.count }, (_, item) => similarities.between(query, item));
}

export interface SimilarityMethod<Id extends string = string> {
  readonly id: Id;
  readonly summary: string;
  /**
   * Fingerprints are of molecules as `given`, charges and counter-ions included, or of the standardised `parent`; an
   * embedding is always of the parent. `onDone` is told how many items are ready.
   */
  prepare(smiles: readonly string[], form: MoleculeForm, services: MethodServices, onDone?: (done: number) => void): Promise<Similarities>;
}

export type MoleculeForm = 'given' | 'parent';

export interface MethodServices extends EvaluationServices {
  /** Needed by the method `embedding` only. */
  readonly embed?: EmbedMolecules | undefined;
}

const ATOM_PAIR: FingerprintConfig = { kind: 'atom-pair', bits: 2048 };
const EMBED_BATCH = 512;
const FINGERPRINT_BATCH = 4096;

/** Adding a way to compare is one entry here. */
export const METHODS = [
  { id: 'embedding', summary: "Cosine of the bundle's embeddings.", prepare: (smiles, _form, services, onDone) => cosines(smiles, services, onDone) },
  { id: 'ecfp4', summary: 'Tanimoto of ECFP4 (Morgan, radius 2, 2,048 bits).', prepare: (smiles, form, services, onDone) => tanimotos(smiles, ECFP4, form, services, onDone) },
  { id: 'atompair', summary: 'Tanimoto of atom pairs (2,048 bits).', prepare: (smiles, form, services, onDone) => tanimotos(smiles, ATOM_PAIR, form, services, onDone) },
] as const satisfies readonly SimilarityMethod[];

export type MethodId = (typeof METHODS)[number]['id'];

export function methodById(id: string): SimilarityMethod {
  const found: SimilarityMethod | undefined = METHODS.find((method) => method.id === id);
  if (found !== undefined) return found;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected a method (${METHODS.map((method) => method.id).join(', ')}) but received ${JSON.stringify(id)}.`);
}

async function cosines(smiles: readonly string[], { embed, signal }: MethodServices, onDone?: (done: number) => void): Promise<Similarities> {
  if (embed === undefined) throw new IsoLensError('ARGUMENT_INVALID', 'Expected a bundle for the method "embedding" but received none; name one with --bundle.');
  const found = new Cosines(smiles.length);
  for (let from = 0; from < smiles.length; from += EMBED_BATCH) {
    checkSignal(signal);
    const { rows, vectors } = await embed(smiles.slice(from, from + EMBED_BATCH));
    rows.forEach((index, row) => found.set(from + index, vectors.data.slice(row * vectors.cols, (row + 1) * vectors.cols)));
    onDone?.(Math.min(smiles.length, from + EMBED_BATCH));
  }
  return found;
}

class Cosines implements Similarities {
  readonly count: number;
  failed: number;
  private readonly vectors: (Float32Array | undefined)[];

  constructor(count: number) {
    this.count = count;
    this.failed = count;
    this.vectors = new Array<Float32Array | undefined>(count);
  }

  set(index: number, vector: Float32Array): void {
    this.vectors[index] = vector;
    this.failed--;
  }

  between(a: number, b: number): number {
    const left = this.vectors[a];
    const right = this.vectors[b];
    return left === undefined || right === undefined ? -1 : dot(left, right);
  }
}

async function tanimotos(smiles: readonly string[], config: FingerprintConfig, form: MoleculeForm, { chem, signal }: MethodServices, onDone?: (done: number) => void): Promise<Similarities> {
  const found = new Tanimotos(smiles.length, config.bits);
  for (let from = 0; from < smiles.length; from += FINGERPRINT_BATCH) {
    checkSignal(signal);
    const part = smiles.slice(from, from + FINGERPRINT_BATCH);
    const { rows, bits } = form === 'given' ? await chem.fingerprint(part, config) : await fingerprintParents(part, config, chem);
    rows.forEach((index, row) => found.set(from + index, bits.data.subarray(row * bits.bytes, (row + 1) * bits.bytes)));
    onDone?.(Math.min(smiles.length, from + FINGERPRINT_BATCH));
  }
  return found;
}

async function fingerprintParents(smiles: readonly string[], config: FingerprintConfig, chem: EvaluationServices['chem']): Promise<{ rows: Int32Array; bits: BitColumn }> {
  const { rows, bits } = await chem.featurise(smiles, { bits: { fingerprint: config } });
  return { rows, bits: bits['fingerprint']! };
}

/** Fingerprints as 32-bit words. */
class Tanimotos implements Similarities {
  readonly count: number;
  failed: number;
  /** (count, perItem) */
  private readonly words: Int32Array;
  private readonly perItem: number;
  /** Bits set; -1 for what could not be read. */
  private readonly sizes: Int32Array;

  constructor(count: number, bits: number) {
    this.count = count;
    this.failed = count;
    this.perItem = Math.ceil(bits / 32);
    this.words = new Int32Array(count * this.perItem);
    this.sizes = new Int32Array(count).fill(-1);
  }

  set(index: number, packed: Uint8Array): void {
    new Uint8Array(this.words.buffer).set(packed, index * this.perItem * 4);
    this.sizes[index] = this.shared(index, index);
    this.failed--;
  }

  between(a: number, b: number): number {
    const own = this.sizes[a]!;
    const other = this.sizes[b]!;
    if (own < 0 || other < 0) return 0;
    const both = this.shared(a, b);
    const either = own + other - both;
    return either === 0 ? 0 : both / either;
  }

  private shared(a: number, b: number): number {
    const { words, perItem } = this;
    let count = 0;
    for (let w = 0, i = a * perItem, j = b * perItem; w < perItem; w++, i++, j++) count += bitsOf(words[i]! & words[j]!);
    return count;
  }
}

/** Bits set in a 32-bit word. */
function bitsOf(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
