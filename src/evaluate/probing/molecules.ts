/** The distinct molecules of a table with their scaffolds, labels and features. */
import { setBits } from '../../chem/index.ts';
import type { FeatureBatch, FeatureRequest } from '../../chem/index.ts';
import { IsoLensError, l2Normalise, matrixOf, stackRows } from '../../core/index.ts';
import type { Matrix } from '../../core/index.ts';
import { checkSignal } from '../define.ts';
import type { EvaluationServices } from '../define.ts';
import { METHODS, mergeRequests, methodById } from '../similarity.ts';
import type { EvaluationEncoder } from '../similarity.ts';
import type { Features } from './design.ts';
import { GAP } from './table.ts';
import type { LabelTable } from './table.ts';

/** What is probed: a frozen encoder, or a fixed fingerprint. */
export interface FeatureSource {
  readonly name: string;
  readonly request: FeatureRequest;
  open(): Collector;
}

/** Gathers the features of the molecules that are kept, in their order. */
interface Collector {
  accept(batch: FeatureBatch, kept: readonly number[]): Promise<void>;
  finish(): Features;
}

export interface LeftOutCounts {
  /** Records by the code of the error. */
  readonly unreadable: Readonly<Record<string, number>>;
  /** Records of a molecule (InChIKey of the parent) that stood in the table before. */
  readonly duplicates: number;
  /** Labels on which the records of one molecule disagree. */
  readonly contradictingLabels: number;
  /** Molecules without any label, or with none that is left. */
  readonly unlabelled: number;
}

export interface ProbedMolecules {
  readonly count: number;
  /** Bemis-Murcko scaffolds; '' without a ring. */
  readonly scaffolds: readonly string[];
  /** One array a column: 1, 0 or GAP. */
  readonly labels: readonly Int8Array[];
  /** One a source. */
  readonly features: readonly Features[];
  readonly leftOut: LeftOutCounts;
}

/** Embeddings of a frozen encoder, at unit length. */
export function encoderSource(name: string, encoder: Pick<EvaluationEncoder, 'request' | 'encode'>): FeatureSource {
  return denseSource(name, encoder, l2Normalise);
}

/** Features of a frozen encoder's trunk, of whatever length: a linear model may use how long they are. */
export function trunkSource(name: string, trunk: Pick<EvaluationEncoder, 'request' | 'encode'>): FeatureSource {
  return denseSource(name, trunk, (matrix) => matrix);
}

function denseSource(name: string, { request, encode }: Pick<EvaluationEncoder, 'request' | 'encode'>, finished: (matrix: Matrix) => Matrix): FeatureSource {
  return {
    name, request,
    open: () => {
      const rows: Float32Array[] = [];
      return {
        accept: async (batch, kept) => {
          if (kept.length === 0) return;
          const data = await encode(batch);
          const width = data.length / batch.rows.length;
          for (const row of kept) rows.push(data.slice(row * width, (row + 1) * width));
        },
        finish: () => {
          return { kind: 'dense', matrix: finished(stackRows(rows)) };
        },
      };
    },
  };
}

/** Bits of one of the fingerprints that evaluations compare by; ARGUMENT_INVALID for a method that is none. */
export function fingerprintSource(id: string): FeatureSource {
  const { fingerprint } = methodById(id);
  if (fingerprint === undefined) {
    const known = METHODS.filter((method) => 'fingerprint' in method && method.fingerprint !== undefined).map((method) => method.id);
    const expected = `Expected fingerprints (${known.join(', ')}) but "${id}" has no bits of its own`;
    throw new IsoLensError('ARGUMENT_INVALID', `${expected}; an encoder is probed with --model.`);
  }
  return {
    name: id, request: { bits: { [id]: fingerprint } },
    open: () => {
      const indices: number[] = [];
      const offsets = [0];
      return {
        accept: (batch, kept) => {
          const { data, bytes } = batch.bits[id]!;
          for (const row of kept) {
            for (const bit of setBits(data.subarray(row * bytes, (row + 1) * bytes))) indices.push(bit);
            offsets.push(indices.length);
          }
          return Promise.resolve();
        },
        finish: () => ({ kind: 'bits', indices: Int32Array.from(indices), offsets: Int32Array.from(offsets), width: fingerprint.bits }),
      };
    },
  };
}

const BATCH = 1024;

/** Reads every record once for all sources: standardising is what takes the time. */
export async function readProbedMolecules(
  table: LabelTable, sources: readonly FeatureSource[], { chem, progress, signal }: EvaluationServices,
): Promise<ProbedMolecules> {
  const request = mergeRequests([{ scaffold: true }, ...sources.map((source) => source.request)]);
  const collectors = sources.map((source) => source.open());
  const merged = new MergedLabels(table);
  const scaffolds: string[] = [];
  const unreadable: Record<string, number> = {};
  progress.start('molecules', table.smiles.length);
  for (let from = 0; from < table.smiles.length; from += BATCH) {
    checkSignal(signal);
    const batch = await chem.featurise(table.smiles.slice(from, from + BATCH), request, signal === undefined ? {} : { signal });
    for (const { code } of batch.errors) unreadable[code] = (unreadable[code] ?? 0) + 1;
    const kept = Array.from(batch.rows.keys()).filter((row) => merged.add(batch.molecules[row]!.inchiKey, from + batch.rows[row]!));
    for (const row of kept) scaffolds.push(batch.scaffolds![row]!);
    for (const collector of collectors) await collector.accept(batch, kept);
    progress.update(Math.min(table.smiles.length, from + BATCH));
  }
  progress.finish(`${scaffolds.length} distinct`);
  const labelled = merged.labelled();
  return {
    count: labelled.length,
    scaffolds: labelled.map((i) => scaffolds[i]!),
    labels: merged.labels(labelled),
    features: collectors.map((collector) => pick(collector.finish(), labelled)),
    leftOut: {
      unreadable, duplicates: merged.duplicates, contradictingLabels: merged.contradictions, unlabelled: scaffolds.length - labelled.length,
    },
  };
}

/** Labels of both 0 and 1 were given: such a one stays a gap, whatever comes after. */
const CONTRADICTED = 2;

/** Labels by molecule: records of the same InChIKey fill each other's gaps. */
class MergedLabels {
  duplicates = 0;
  contradictions = 0;
  private readonly table: LabelTable;
  private readonly places = new Map<string, number>();
  /** (columns) of each molecule. */
  private readonly rows: Int8Array[] = [];

  constructor(table: LabelTable) {
    this.table = table;
  }

  /** True for a molecule that was not seen before. */
  add(key: string, record: number): boolean {
    const given = this.table.labels.map((column) => column[record]!);
    const place = this.places.get(key);
    if (place === undefined) {
      this.places.set(key, this.rows.length);
      this.rows.push(Int8Array.from(given));
      return true;
    }
    this.duplicates++;
    const row = this.rows[place]!;
    given.forEach((value, column) => {
      if (value === GAP || row[column] === value || row[column] === CONTRADICTED) return;
      this.contradictions += row[column] === GAP ? 0 : 1;
      row[column] = row[column] === GAP ? value : CONTRADICTED;
    });
    return false;
  }

  /** Molecules with at least one label. */
  labelled(): number[] {
    return Array.from(this.rows.keys()).filter((i) => this.rows[i]!.some((value) => value === 0 || value === 1));
  }

  labels(molecules: readonly number[]): Int8Array[] {
    const shown = (value: number): number => (value === CONTRADICTED ? GAP : value);
    return this.table.columns.map((_, column) => Int8Array.from(molecules, (i) => shown(this.rows[i]![column]!)));
  }
}

/** The features of some molecules. */
function pick(features: Features, molecules: readonly number[]): Features {
  if (features.kind === 'dense') {
    const { data, cols } = features.matrix;
    const out = new Float32Array(molecules.length * cols);
    molecules.forEach((from, to) => out.set(data.subarray(from * cols, (from + 1) * cols), to * cols));
    return { kind: 'dense', matrix: matrixOf(out, cols) };
  }
  const { indices, offsets } = features;
  const starts = [0];
  for (const from of molecules) starts.push(starts.at(-1)! + offsets[from + 1]! - offsets[from]!);
  const out = new Int32Array(starts.at(-1)!);
  molecules.forEach((from, to) => out.set(indices.subarray(offsets[from], offsets[from + 1]), starts[to]));
  return { ...features, indices: out, offsets: Int32Array.from(starts) };
}
