/** How alike molecules are, by the ways that an evaluation compares. */
import { ATOM_PAIR, ECFP4, ERG_WIDTH, TORSION } from '../chem/index.ts';
import type { FeatureBatch, FeatureRequest, FingerprintConfig } from '../chem/index.ts';
import { IsoLensError, l2Normalise, matrixOf } from '../core/index.ts';
import { PROFILE_REQUEST } from '../score/index.ts';
import type { Mode, ScoreModel } from '../score/index.ts';
import { checkSignal } from './define.ts';
import type { EvaluationServices, MethodTable, Similarities } from './define.ts';
import { ScoreTable } from './score-table.ts';
import { BitTable, CountTable, VectorTable } from './tables.ts';

export interface SimilarityMethod<Id extends string = string> {
  readonly id: Id;
  readonly summary: string;
  /** What chemistry must compute of the standardised parent. */
  readonly request: FeatureRequest;
  /** The embedding is needed, too. */
  readonly embeds?: boolean;
  /** Can be made of molecules as given, charges and counter-ions included, as published numbers are. */
  readonly fingerprint?: FingerprintConfig;
  open(count: number, services: MethodServices): MethodTable;
}

/** Molecules as `given`, where the method can, or their standardised `parent`. */
export type MoleculeForm = 'given' | 'parent';

/** The tower that embeds libraries. */
export interface EvaluationEncoder {
  readonly dimension: number;
  readonly request: FeatureRequest;
  encode(batch: FeatureBatch): Promise<Float32Array>;
}

export interface MethodServices extends EvaluationServices {
  /** Needed by the methods `embedding` and `score`. */
  readonly encoder?: EvaluationEncoder | undefined;
  /** Needed by the method `score`. */
  readonly score?: { readonly model: ScoreModel; readonly mode: Mode } | undefined;
}

const BATCH = 1024;
const GIVEN_BATCH = 4096;

/** Adding a way to compare is one entry here. */
export const METHODS = [
  {
    id: 'embedding', summary: "Cosine of the model's embeddings.", request: {}, embeds: true,
    open: (count) => {
      const table = new VectorTable(count);
      return { similarities: table, accept: ({ rows }, from, vectors) => rows.forEach((index, row) => table.set(from + index, slice(vectors!, row, rows.length))) };
    },
  },
  fingerprintMethod('ecfp4', 'Tanimoto of ECFP4 (Morgan, radius 2, 2,048 bits).', ECFP4),
  fingerprintMethod('atompair', 'Tanimoto of atom pairs (2,048 bits).', ATOM_PAIR),
  fingerprintMethod('torsion', 'Tanimoto of topological torsions (2,048 bits).', TORSION),
  {
    id: 'pharmacophore', summary: 'Tanimoto of extended reduced graphs.', request: { pharmacophore: true },
    open: (count) => {
      const table = new CountTable(count, ERG_WIDTH);
      return { similarities: table, accept: ({ rows, pharmacophore }, from) => rows.forEach((index, row) => table.set(from + index, slice(pharmacophore!.data, row, rows.length))) };
    },
  },
  {
    id: 'score', summary: 'The bioisostere score: all terms together.', request: PROFILE_REQUEST, embeds: true,
    open: (count, { score, encoder }) => {
      if (score === undefined) throw new IsoLensError('ARGUMENT_INVALID', 'Expected a model with a calibrated score for the method "score" but it has none; make one with "isolens calibrate".');
      return new ScoreTable(count, encoder!.dimension, score.model, score.mode);
    },
  },
] as const satisfies readonly SimilarityMethod[];

export type MethodId = (typeof METHODS)[number]['id'];

function fingerprintMethod<const Id extends string>(id: Id, summary: string, config: FingerprintConfig): SimilarityMethod<Id> {
  return {
    id, summary, request: { bits: { [id]: config } }, fingerprint: config,
    open: (count) => {
      const table = new BitTable(count, config.bits);
      return { similarities: table, accept: ({ rows, bits }, from) => rows.forEach((index, row) => table.set(from + index, slice(bits[id]!.data, row, rows.length))) };
    },
  };
}

function slice<A extends Uint8Array | Float32Array>(data: A, row: number, rows: number): A {
  const width = data.length / rows;
  return data.subarray(row * width, (row + 1) * width) as A;
}

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

/** Reads every molecule once for all methods together: standardising is what takes the time. Similarities in the order of the methods. */
export async function prepareMethods(
  methods: readonly SimilarityMethod[], smiles: readonly string[], form: MoleculeForm, services: MethodServices, onDone: (done: number) => void = () => {},
): Promise<Similarities[]> {
  const { chem, signal, encoder } = services;
  if (encoder === undefined && methods.some((method) => method.embeds === true)) throw new IsoLensError('ARGUMENT_INVALID', 'Expected a bundle or a model for a method that embeds but received none; name one with --bundle or --model.');
  const isGiven = (method: SimilarityMethod): boolean => form === 'given' && method.fingerprint !== undefined;
  const tables = methods.map((method) => ({ method, table: method.open(smiles.length, services) }));
  for (const { method, table } of tables) {
    if (!isGiven(method)) continue;
    for (let from = 0; from < smiles.length; from += GIVEN_BATCH) {
      checkSignal(signal);
      const { rows, bits } = await chem.fingerprint(smiles.slice(from, from + GIVEN_BATCH), method.fingerprint!);
      table.accept({ rows, molecules: [], errors: [], counts: {}, bits: { [method.id]: bits } }, from, undefined);
      onDone(Math.min(smiles.length, from + GIVEN_BATCH));
    }
  }
  const ofParents = tables.filter(({ method }) => !isGiven(method));
  if (ofParents.length === 0) return tables.map(({ table }) => table.similarities);
  const embeds = ofParents.some(({ method }) => method.embeds === true);
  const request = mergeRequests([...ofParents.map(({ method }) => method.request), ...(embeds ? [encoder!.request] : [])]);
  for (let from = 0; from < smiles.length; from += BATCH) {
    checkSignal(signal);
    const batch = await chem.featurise(smiles.slice(from, from + BATCH), request);
    if (batch.rows.length === 0) continue;
    const vectors = embeds ? l2Normalise(matrixOf(await encoder!.encode(batch), encoder!.dimension)).data : undefined;
    for (const { table } of ofParents) table.accept(batch, from, vectors);
    onDone(Math.min(smiles.length, from + BATCH));
  }
  return tables.map(({ table }) => table.similarities);
}

export function mergeRequests(requests: readonly FeatureRequest[]): FeatureRequest {
  return requests.reduce((all, one) => ({ ...all, ...one, bits: { ...all.bits, ...one.bits }, counts: { ...all.counts, ...one.counts } }), {});
}
