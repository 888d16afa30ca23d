/**
 * Data files for the native trainer: molecules from the sources, standardised, without what is held out, with the columns
 * that the towers need. Written in shards of fixed ranges, so that an interrupted preparation goes on where it stopped.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RDKIT_VERSION, STANDARDISER_VERSION } from '../chem/index.ts';
import type { ChemPool, FeatureBatch, FeatureRequest } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import type { Progress } from '../core/index.ts';
import type { PictureSize } from '../modalities/index.ts';
import type { MoleculeSources, SourceCount } from './sources.ts';
import { columnsOf } from './columns.ts';
import { withCounterIons } from './counter-ions.ts';
import { isRowHeldOut } from './held-out.ts';
import type { HeldOut } from './held-out.ts';
import { describeTable, writeMeasurements } from './measurements.ts';
import type { KnownMolecules, WrittenMeasurements } from './measurements.ts';
import { drawPictures, pictureShards } from './pictures.ts';
import type { PictureWish } from './pictures.ts';
import { writeSafetensors } from './safetensors.ts';
import { readSources } from './sources.ts';

export interface Dataset<Counts = DatasetCounts> {
  /** Data files; a file stands here as often as an epoch visits it. */
  readonly train: string[];
  readonly validation: string;
  /** Of the recipe's measurements: which row was measured where, and what came out. */
  readonly measurements: string | undefined;
  readonly counts: Counts;
}

export interface DatasetCounts {
  readonly sources: readonly SourceCount[];
  readonly read: number;
  readonly unreadable: Readonly<Record<string, number>>;
  readonly heldOut: number;
  /** Left out of training because validation holds the same skeleton. */
  readonly alsoInValidation: number;
  /** Other spellings and salts of molecules that an earlier row holds: one row stands for all of them. */
  readonly merged: number;
  readonly train: number;
  readonly validation: number;
  /** Measurements of molecules that are trained on, assays they come from and targets these are known to belong to; 0 where the recipe has none. */
  readonly measurements: number;
  readonly assays: number;
  readonly targets: number;
  /** What became of the records of each table of measurements. */
  readonly tables: WrittenMeasurements['tables'];
  /** Pictures by other programs, of molecules that are counted above. */
  readonly pictures: Readonly<Record<string, number>>;
}

export interface DatasetOptions {
  readonly recipe: MoleculeSources;
  /** What the towers need of each molecule. */
  readonly request: FeatureRequest;
  /** Size of the pictures by other programs; undefined where no tower reads any. */
  readonly pictures?: PictureSize | undefined;
  readonly dataFolder: string;
  /** Where the shards go. */
  readonly folder: string;
  readonly heldOut: HeldOut;
  readonly chem: ChemPool;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/** What is remembered of a finished shard, beside its data file. */
interface StoredReport {
  /** Of everything that decides the shard's content; another one means that the shard is stale. */
  readonly fingerprint: string;
  readonly rows: number;
  readonly read: number;
  readonly heldOut: number;
  readonly alsoInValidation: number;
  readonly merged: number;
  readonly unreadable: Readonly<Record<string, number>>;
  /** InChIKeys of the rows; none of shards with pictures, whose molecules stand in other shards. */
  readonly keys: readonly string[];
  /** Of shards with pictures only: how many, by renderer. */
  readonly pictures?: Readonly<Record<string, number>>;
  /** Of recipes with measurements only: the InChIKey of each of the shard's molecules, empty where it cannot be read. */
  readonly keyOf?: readonly string[];
  /** Of these molecules, by place: those that are not trained on. */
  readonly passedOver?: readonly number[];
  /** Of the validation shard only: what training leaves out. */
  readonly connectivityKeys: readonly string[];
}

interface ShardReport extends StoredReport {
  readonly file: string;
  readonly repeat: number;
}

const VALIDATION = 'validation';
const SHARD_MOLECULES = 10_000;

/** Prepares, or completes, the data files of a recipe. The first shard is for validation and is never trained on. */
export async function prepareDataset(options: DatasetOptions): Promise<Dataset> {
  const { recipe, dataFolder, folder, progress } = options;
  mkdirSync(folder, { recursive: true });
  const { smiles: pure, repeats, counts } = readSources(recipe.sources, dataFolder, recipe.training.seed);
  const smiles = withCounterIons(pure, recipe.counterIonShare, recipe.training.seed);
  const shards = cutShards(smiles, repeats, recipe.validationMolecules);
  const pictures = await pictureShards(options, smiles.slice(recipe.validationMolecules));

  progress.start('preparing molecules', smiles.length + pictures.reduce((sum, shard) => sum + shard.smiles.length, 0));
  const reports: ShardReport[] = [];
  let done = 0;
  let taken: ReadonlySet<string> = new Set();
  const earlier = new EarlierRows();
  const prepare = async (shard: Shard, name: string): Promise<ShardReport> => {
    options.signal?.throwIfAborted();
    const report = await prepareShard(options, shard, name, taken, earlier);
    if (shard.pictures === undefined) earlier.add(report);
    done += shard.smiles.length;
    progress.update(done);
    return report;
  };
  for (const [number, shard] of shards.entries()) {
    reports.push(await prepare(shard, number === 0 ? VALIDATION : `train-${String(number).padStart(4, '0')}`));
    if (number === 0) taken = new Set(reports[0]!.connectivityKeys);
  }
  const drawn: ShardReport[] = [];
  for (const shard of pictures) drawn.push(await prepare(shard, shard.name));
  const total = totalCounts(reports, drawn, counts);
  const parts = Object.entries(total.pictures).map(([renderer, count]) => `, ${count} pictures by ${renderer}`).join('');
  const unreadable = Object.values(total.unreadable).reduce((sum, count) => sum + count, 0);
  progress.finish(
    `${total.train} to train on${parts}, ${total.validation} for validation; merged ${total.merged} spellings of the same molecules, ` +
      `dropped ${total.heldOut} held-out and ${unreadable} unreadable molecules`,
  );
  const files = [...reports.slice(1), ...drawn].filter((report) => report.rows > 0);
  const train = files.flatMap(({ file, repeat }) => Array<string>(repeat).fill(file));
  const measured = recipe.measurements === undefined ? undefined : writeMeasurements(recipe.measurements, dataFolder, join(folder, 'measurements.safetensors'), knownMolecules(shards, reports));
  for (const [name, table] of Object.entries(measured?.tables ?? {})) {
    progress.start(name);
    progress.finish(describeTable(table));
  }
  return { train, validation: reports[0]!.file, measurements: measured?.path, counts: { ...total, measurements: measured?.measurements ?? 0, assays: measured?.assays ?? 0, targets: measured?.targets ?? 0, tables: measured?.tables ?? {} } };
}

/** Of every molecule that is trained on: its row at its first visit. All spellings of a molecule name one row. */
function knownMolecules(shards: readonly Shard[], reports: readonly ShardReport[]): KnownMolecules {
  const rowOfKey = new Map<string, number>();
  const rows = new Map<string, number>();
  const keys = new Map<string, string>();
  let first = 0;
  reports.forEach((report, i) => {
    const isTrainedOn = i > 0; // after validation
    if (isTrainedOn) report.keys.forEach((key, row) => rowOfKey.set(key, first + row));
    const passedOver = new Set(report.passedOver);
    report.keyOf!.forEach((key, k) => {
      if (key !== '') keys.set(shards[i]!.smiles[k]!, key);
      const row = rowOfKey.get(key);
      if (isTrainedOn && !passedOver.has(k) && row !== undefined) rows.set(shards[i]!.smiles[k]!, row);
    });
    if (isTrainedOn) first += report.rows * report.repeat;
  });
  return { rows, keys };
}

/** Molecules of the shards before the one in hand, and what those shards were made of. */
class EarlierRows {
  readonly #keys = new Set<string>();
  #digest = '';

  /** Changes with everything that decides which molecules are here. */
  get digest(): string {
    return this.#digest;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add({ keys, fingerprint }: ShardReport): void {
    for (const key of keys) this.#keys.add(key);
    this.#digest = fingerprint;
  }
}

interface Shard {
  readonly smiles: readonly string[];
  readonly repeat: number;
  readonly pictures?: PictureWish;
}

/** Validation first; the rest in shards of equal repeat. */
function cutShards(smiles: readonly string[], repeats: Uint8Array, validationMolecules: number): Shard[] {
  if (smiles.length < 2 * validationMolecules) {
    throw new IsoLensError('DATASET_INVALID', `Expected at least ${2 * validationMolecules} molecules (twice the validation set) but the sources hold ${smiles.length}.`);
  }
  const shards: Shard[] = [{ smiles: smiles.slice(0, validationMolecules), repeat: 1 }];
  const byRepeat = new Map<number, string[]>();
  for (let i = validationMolecules; i < smiles.length; i++) {
    const list = byRepeat.get(repeats[i]!) ?? [];
    list.push(smiles[i]!);
    byRepeat.set(repeats[i]!, list);
  }
  for (const [repeat, list] of [...byRepeat].sort(([a], [b]) => b - a)) {
    for (let at = 0; at < list.length; at += SHARD_MOLECULES) shards.push({ smiles: list.slice(at, at + SHARD_MOLECULES), repeat });
  }
  return shards;
}

async function prepareShard(
  options: DatasetOptions, shard: Shard, name: string, taken: ReadonlySet<string>, earlier: EarlierRows,
): Promise<ShardReport> {
  const file = join(options.folder, `${name}.safetensors`);
  const reportFile = join(options.folder, `${name}.json`);
  const fingerprint = fingerprintOf(options, shard, taken, earlier);
  const known = readReport(reportFile, fingerprint);
  if (known !== undefined && existsSync(file)) return { ...known, file, repeat: shard.repeat };

  const batch = await options.chem.featurise(shard.smiles, { ...options.request, inputKey: true }, options.signal === undefined ? {} : { signal: options.signal });
  const unreadable: Record<string, number> = {};
  for (const { code } of batch.errors) unreadable[code] = (unreadable[code] ?? 0) + 1;
  const rows = batch.molecules.map((_, row) => row);
  const allowed = rows.filter((row) => !isRowHeldOut(options.heldOut, batch, row));
  const trainable = allowed.filter((row) => !taken.has(batch.molecules[row]!.connectivityKey));
  const wish = shard.pictures;
  // Two rows of one molecule in a batch would be each other's negatives.
  const keep = wish === undefined ? firstOfEach(trainable, (row) => batch.molecules[row]!.inchiKey, earlier) : trainable;
  const pictures = wish === undefined ? undefined : await drawPictures(options, wish, keep.map((row) => shard.smiles[batch.rows[row]!]!));
  writeSafetensors(file, { ...columnsOf(batch, keep), ...pictures?.columns }, { rows: String(keep.length), fingerprint });
  const report: StoredReport = {
    fingerprint,
    rows: keep.length,
    read: shard.smiles.length,
    heldOut: rows.length - allowed.length,
    alsoInValidation: allowed.length - trainable.length,
    merged: trainable.length - keep.length,
    unreadable,
    keys: wish === undefined ? keep.map((row) => batch.molecules[row]!.inchiKey) : [],
    ...(wish === undefined ? {} : { pictures: { [wish.renderer]: pictures!.drawn } }),
    ...(options.recipe.measurements === undefined ? {} : { keyOf: keysByPlace(shard, batch, rows), passedOver: placesOf(batch, rows, trainable) }),
    connectivityKeys: name === VALIDATION ? keep.map((row) => batch.molecules[row]!.connectivityKey) : [],
  };
  // The report comes last: its presence says that the data file is whole.
  writeFileSync(`${reportFile}.tmp`, JSON.stringify(report));
  renameSync(`${reportFile}.tmp`, reportFile);
  return { ...report, file, repeat: shard.repeat };
}

/** The first row of every molecule that no earlier shard holds. */
function firstOfEach(rows: readonly number[], keyOf: (row: number) => string, earlier: EarlierRows): number[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const key = keyOf(row);
    if (seen.has(key) || earlier.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function keysByPlace(shard: Shard, batch: FeatureBatch, rows: readonly number[]): string[] {
  const keys = new Array<string>(shard.smiles.length).fill('');
  for (const row of rows) keys[batch.rows[row]!] = batch.molecules[row]!.inchiKey;
  return keys;
}

function placesOf(batch: FeatureBatch, rows: readonly number[], without: readonly number[]): number[] {
  const others = new Set(without);
  return rows.filter((row) => !others.has(row)).map((row) => batch.rows[row]!);
}

/** Bump it when the content of shards changes for another reason than those in the fingerprint. */
const SHARD_VERSION = 3;

function fingerprintOf(
  { request, heldOut, recipe }: DatasetOptions, { smiles, pictures }: Shard, taken: ReadonlySet<string>, earlier: EarlierRows,
): string {
  // JSON leaves out what is undefined.
  const facts = {
    version: SHARD_VERSION,
    request,
    standardiser: STANDARDISER_VERSION,
    rdkit: RDKIT_VERSION,
    heldOut: heldOut.digest,
    smiles,
    taken: [...taken].sort(),
    // Pictures are of molecules as they come: what other shards hold is nothing to them.
    earlier: pictures === undefined ? earlier.digest : undefined,
    pictures,
    measured: recipe.measurements === undefined ? undefined : true,
  };
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

function readReport(path: string, fingerprint: string): StoredReport | undefined {
  if (!existsSync(path)) return undefined;
  const report = JSON.parse(readFileSync(path, 'utf8')) as StoredReport;
  return report.fingerprint === fingerprint ? report : undefined;
}

/** `drawn` are the shards of pictures: their molecules have been counted. */
function totalCounts(reports: readonly ShardReport[], drawn: readonly ShardReport[], sources: readonly SourceCount[]): Omit<DatasetCounts, 'measurements' | 'assays' | 'targets' | 'tables'> {
  const total = (pick: (report: ShardReport) => number, of: readonly ShardReport[] = reports): number => of.reduce((sum, report) => sum + pick(report), 0);
  const unreadable: Record<string, number> = {};
  for (const report of reports) for (const [code, count] of Object.entries(report.unreadable)) unreadable[code] = (unreadable[code] ?? 0) + count;
  const pictures: Record<string, number> = {};
  for (const report of drawn) for (const [renderer, count] of Object.entries(report.pictures ?? {})) pictures[renderer] = (pictures[renderer] ?? 0) + count;
  return {
    sources,
    read: total((report) => report.read),
    unreadable,
    heldOut: total((report) => report.heldOut),
    alsoInValidation: total((report) => report.alsoInValidation),
    merged: total((report) => report.merged),
    train: total((report) => report.rows, reports.slice(1)),
    validation: reports[0]!.rows,
    pictures,
  };
}
