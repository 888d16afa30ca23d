/** How alike molecules are, by the ways that an evaluation compares. */
import { ECFP4 } from '../chem/index.ts';
import type { BitColumn, FingerprintConfig } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import { checkSignal } from './define.ts';
import type { EmbedMolecules, EvaluationServices } from './define.ts';
import { BitTable, VectorTable } from './tables.ts';

/** Similarities among a fixed list of molecules. */
export interface Similarities {
  /** Of items `a` and `b`, by position; the lowest possible value where either could not be read. */
  between(a: number, b: number): number;
  /** Inner product of the two items' features, for linear models over them; absent where the method has no features. */
  product?(a: number, b: number): number;
  /** Whether the item could be read. */
  isKnown(item: number): boolean;
  readonly count: number;
  /** Items that could not be read. */
  readonly failed: number;
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
const TORSION: FingerprintConfig = { kind: 'topological-torsion', bits: 2048 };
const EMBED_BATCH = 1024;
const FINGERPRINT_BATCH = 4096;

/** Adding a way to compare is one entry here. */
export const METHODS = [
  { id: 'embedding', summary: "Cosine of the model's embeddings.", prepare: (smiles, _form, services, onDone) => cosines(smiles, services, onDone) },
  { id: 'ecfp4', summary: 'Tanimoto of ECFP4 (Morgan, radius 2, 2,048 bits).', prepare: (smiles, form, services, onDone) => tanimotos(smiles, ECFP4, form, services, onDone) },
  { id: 'atompair', summary: 'Tanimoto of atom pairs (2,048 bits).', prepare: (smiles, form, services, onDone) => tanimotos(smiles, ATOM_PAIR, form, services, onDone) },
  { id: 'torsion', summary: 'Tanimoto of topological torsions (2,048 bits).', prepare: (smiles, form, services, onDone) => tanimotos(smiles, TORSION, form, services, onDone) },
] as const satisfies readonly SimilarityMethod[];

export type MethodId = (typeof METHODS)[number]['id'];

export function methodById(id: string): SimilarityMethod {
  const found: SimilarityMethod | undefined = METHODS.find((method) => method.id === id);
  if (found !== undefined) return found;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected a method (${METHODS.map((method) => method.id).join(', ')}) but received ${JSON.stringify(id)}.`);
}

/** Distinct texts with their positions, so that a molecule that stands in many lists is read once. */
export class Places {
  private readonly known = new Map<string, number>();

  add(smiles: string): number {
    const found = this.known.get(smiles);
    if (found !== undefined) return found;
    this.known.set(smiles, this.known.size);
    return this.known.size - 1;
  }

  get smiles(): string[] {
    return [...this.known.keys()];
  }
}

async function cosines(smiles: readonly string[], { embed, signal }: MethodServices, onDone?: (done: number) => void): Promise<Similarities> {
  if (embed === undefined) throw new IsoLensError('ARGUMENT_INVALID', 'Expected a bundle or a model for the method "embedding" but received none; name one with --bundle or --model.');
  const found = new VectorTable(smiles.length);
  for (let from = 0; from < smiles.length; from += EMBED_BATCH) {
    checkSignal(signal);
    const { rows, vectors } = await embed(smiles.slice(from, from + EMBED_BATCH));
    rows.forEach((index, row) => found.set(from + index, vectors.data.subarray(row * vectors.cols, (row + 1) * vectors.cols)));
    onDone?.(Math.min(smiles.length, from + EMBED_BATCH));
  }
  return found;
}

async function tanimotos(smiles: readonly string[], config: FingerprintConfig, form: MoleculeForm, { chem, signal }: MethodServices, onDone?: (done: number) => void): Promise<Similarities> {
  const found = new BitTable(smiles.length, config.bits);
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
