/** What a chemistry worker can be asked to do. Adding a task: one entry here. */
import type { ErrorCode, ErrorDetails } from '../core/index.ts';
import { bitColumn, joinBits, joinU8 } from './columns.ts';
import type { BitColumn } from './columns.ts';
import { compare, contrast } from './compare.ts';
import type { CompareRequest, Comparison } from './compare.ts';
import { assemble } from './cuts/assemble.ts';
import { changesBetween } from './cuts/change.ts';
import { NO_CUTS, cutMolecules, joinCuts } from './cuts/cut-task.ts';
import type { CutBatch } from './cuts/cut-task.ts';
import { answerGroups, ioniseFragment } from './cuts/query.ts';
import type { CutRequest } from './cuts/table.ts';
import { depict, depictPlaced } from './depict.ts';
import { atomEnvironments } from './environments.ts';
import { featurise, itemError, joinBatches } from './featurise.ts';
import type { FeatureRequest } from './feature-request.ts';
import type { FeatureBatch, ItemError } from './featurise.ts';
import { groupName } from './group-names.ts';
import { checkFingerprint, fingerprintBits } from './fingerprints.ts';
import type { FingerprintConfig } from './fingerprints.ts';
import type { Kernel } from './kernel.ts';
import { molblockOf } from './molblock.ts';
import { drawPicture } from './picture.ts';
import { withMolecule } from './rdkit.ts';
import { scaffoldDistance } from './scaffold-distance.ts';
import { matchSubstructures, outlinePattern } from './substructure.ts';
import type { PatternOutline, SubstructureRequest } from './substructure.ts';

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ItemError };

export interface ChemTask<Item, Options, Result> {
  /** Runs in the worker; tells `begin` before each item. What it throws is the failure of the whole request. */
  run(kernel: Kernel, items: readonly Item[], options: Options, begin: (index: number) => void): Result | Promise<Result>;
  /** Joins the results of consecutive pieces; `starts[i]` is where piece i began. */
  join(results: readonly Result[], starts: readonly number[]): Result;
  /** The result for a single item (index 0) that no worker survived. */
  failed(error: ItemError, options: Options): Result;
}

const featuriseTask: ChemTask<string, FeatureRequest, FeatureBatch> = {
  run: featurise,
  join: (results, starts) => joinBatches(results, starts),
  // An empty batch with the right columns: what featurising nothing gives, plus the error.
  failed: (error, options) => ({ ...featurise(NO_KERNEL, [], options), errors: [error] }),
};

/** A task that treats each item by itself and gives one outcome an item. */
function eachItem<Item, Value>(work: (kernel: Kernel, item: Item) => Value | Promise<Value>): ChemTask<Item, null, readonly Outcome<Value>[]> {
  return {
    run: async (kernel, items, _options, begin) => {
      const outcomes: Outcome<Value>[] = [];
      for (const [index, item] of items.entries()) {
        begin(index);
        try {
          outcomes.push({ ok: true, value: await work(kernel, item) });
        } catch (thrown) {
          outcomes.push({ ok: false, error: itemError(index, thrown) });
        }
      }
      return outcomes;
    },
    join: (results, starts) => results.flatMap((outcomes, i) => outcomes.map((outcome) => (outcome.ok ? outcome : { ok: false, error: { ...outcome.error, index: outcome.error.index + starts[i]! } }))),
    failed: (error) => [{ ok: false, error }],
  };
}

const compareTask: ChemTask<CompareRequest, null, readonly Outcome<Comparison>[]> = eachItem(compare);
const patternTask: ChemTask<string, null, readonly Outcome<PatternOutline>[]> = eachItem(outlinePattern);

/** Two parents, as this program wrote them. */
export type ChangeRequest = readonly [first: string, second: string];

const changeTask = eachItem((kernel, [first, second]: ChangeRequest) => changesBetween(kernel.parent(first), kernel.parent(second)));

/** Whether a molecule passed; what no worker finished counts as undecided. */
export const [REFUSED, PASSED, UNDECIDED] = [0, 1, 2] as const;

/** SMARTS were read before, so every item has an answer. */
const substructureTask: ChemTask<string, SubstructureRequest, Uint8Array> = {
  run: (kernel, items, options, begin) => (items.length === 0 ? new Uint8Array(0) : matchSubstructures(kernel, items, options, begin)),
  join: (results) => joinU8(results),
  failed: () => Uint8Array.of(UNDECIDED),
};

/** Packed fingerprints of the molecules that could be read; `rows[r]` is the input index of row r. */
export interface FingerprintBatch {
  readonly rows: Int32Array;
  readonly bits: BitColumn;
  readonly errors: readonly ItemError[];
}

/** Of molecules as given: published numbers are made without standardising. */
const fingerprintTask: ChemTask<string, FingerprintConfig, FingerprintBatch> = {
  run: (kernel, items, config, begin) => {
    checkFingerprint(config, 'bits');
    const rows: number[] = [];
    const packed: Uint8Array[] = [];
    const errors: ItemError[] = [];
    items.forEach((item, index) => {
      begin(index);
      try {
        packed.push(withMolecule(kernel.rdkit, item, (mol) => fingerprintBits(mol, undefined, config)));
        rows.push(index);
      } catch (thrown) {
        errors.push(itemError(index, thrown));
      }
    });
    return { rows: Int32Array.from(rows), bits: bitColumn(packed, Math.ceil(config.bits / 8)), errors };
  },
  join: (results, starts) => ({
    rows: Int32Array.from(results.flatMap(({ rows }, i) => Array.from(rows, (row) => row + starts[i]!))),
    bits: joinBits(results.map(({ bits }) => bits)),
    errors: results.flatMap(({ errors }, i) => errors.map((error) => ({ ...error, index: error.index + starts[i]! }))),
  }),
  failed: (error, config) => ({ rows: new Int32Array(0), bits: bitColumn([], Math.ceil(config.bits / 8)), errors: [error] }),
};

const cutTask: ChemTask<string, CutRequest, CutBatch> = {
  run: cutMolecules,
  join: joinCuts,
  failed: (error) => ({ ...NO_CUTS, errors: [error] }),
};

/** Featurising no molecule touches no kernel. */
const NO_KERNEL = {} as Kernel;

export const CHEM_TASKS = {
  featurise: featuriseTask,
  depict: eachItem(depict),
  depictPlaced: eachItem(depictPlaced),
  nameGroup: eachItem(groupName),
  molblock: eachItem(molblockOf),
  picture: eachItem(drawPicture),
  fingerprint: fingerprintTask,
  compare: compareTask,
  pattern: patternTask,
  substructure: substructureTask,
  cut: cutTask,
  change: changeTask,
  contrast: eachItem(contrast),
  scaffoldDistance: eachItem(scaffoldDistance),
  environments: eachItem((kernel, smiles: string) => atomEnvironments(kernel.parent(smiles))),
  group: eachItem(answerGroups),
  ionise: eachItem(ioniseFragment),
  assemble: eachItem(assemble),
};

export type ChemTasks = typeof CHEM_TASKS;
export type TaskName = keyof ChemTasks;

/** The table with its types erased, for the two places that carry any task: pool and worker. */
export type AnyTask = ChemTask<unknown, unknown, unknown>;
export const TASK_TABLE = CHEM_TASKS as unknown as Readonly<Record<string, AnyTask>>;

export interface WorkerRequest {
  readonly task: string;
  readonly items: readonly unknown[];
  readonly options: unknown;
}

export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly result: unknown }
  /** The request cannot be answered; the worker goes on. */
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string; readonly details: ErrorDetails };

export interface WorkerData {
  /** One Int32: the index of the item in hand, -1 between requests. */
  readonly progress: SharedArrayBuffer;
}
