/** Data files of a recipe of images: every file of a table, decoded once, as rows of one column. */
import { readFileSync, mkdirSync, existsSync, renameSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { RDKIT_VERSION, STANDARDISER_VERSION } from '../chem/index.ts';
import { IsoLensError, createRng, toIsoLensError } from '../core/index.ts';
import type { Progress } from '../core/index.ts';
import { foldsOf, readImageTable } from '../ingest/index.ts';
import type { TableImage } from '../ingest/index.ts';
import type { Modality } from '../modalities/index.ts';
import type { Recipe } from '../recipes/index.ts';
import { columnsOf } from './columns.ts';
import type { Dataset } from './dataset.ts';
import { splitTreated, treatmentsOf } from './treatments.ts';
import type { Split, TreatmentChemistry, Treatments } from './treatments.ts';
import { writeSafetensors } from './safetensors.ts';

export interface ImageCounts {
  readonly table: string;
  readonly read: number;
  /** Lines that lack what a named column should hold. */
  readonly incomplete: number;
  /** Images by the code of what is wrong with them, or with their molecule. */
  readonly unreadable: Readonly<Record<string, number>>;
  /** Images and groups of the fold that is left out. */
  readonly leftOut: number;
  readonly leftOutGroups: readonly string[];
  /** Images of molecules that must not be trained on, and further images of those that validation holds. */
  readonly heldOut: number;
  readonly alsoInValidation: number;
  readonly train: number;
  readonly validation: number;
}

export interface ImageDatasetOptions {
  readonly recipe: Recipe;
  readonly modality: Modality;
  readonly modalityConfig: unknown;
  /** For recipes whose images have molecules. */
  readonly molecules?: TreatmentChemistry;
  readonly dataFolder: string;
  /** Where the data files go. */
  readonly folder: string;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/** Bump it when the content of data files changes for another reason than those in the fingerprint. */
const VERSION = 2;

/** Column of the classes, numbered in the order of their names. */
export const CLASS_COLUMN = 'class';

/** A file that cannot be read is counted and left out. Data files that are there already and made of the same are used again. */
export async function prepareImages(options: ImageDatasetOptions): Promise<Dataset<ImageCounts>> {
  const { recipe: { images: wanted }, dataFolder, folder, progress } = options;
  const { table, file, group, class: label, smiles, folds, leaveOut } = wanted!;
  mkdirSync(folder, { recursive: true });
  const read = readImageTable(join(dataFolder, table), { file, group, class: label, smiles });
  const molecules = smiles === undefined ? undefined : await treatmentsOf(read.images, options.molecules!, options.signal);
  const images = molecules?.items ?? read.images;
  // Molecules are classes of their own: only their numbers can be even.
  const foldOf = foldsOf(molecules === undefined ? images : images.map((image) => ({ ...image, class: '' })), folds);
  const classes = [...new Set(images.map((image) => image.class))].sort();
  checkClasses(options.recipe, classes, table);
  const isLeftOut = (image: TableImage): boolean => foldOf.get(image.group) === leaveOut;
  const parts = partsOf(options, images.filter((image) => !isLeftOut(image)));
  progress.start('preparing images', parts.validation.length + parts.train.length);
  const unreadable: Record<string, number> = { ...molecules?.unreadable };
  let done = 0;
  const counts: Record<string, number> = {};
  for (const [name, part] of [['validation', parts.validation], ['train', parts.train]] as const) {
    counts[name] = await preparePart(options, { name, images: part, classes, molecules }, unreadable, () => progress.update(++done));
  }
  const leftOutGroups = [...foldOf].filter(([, fold]) => fold === leaveOut).map(([name]) => name);
  const total: ImageCounts = {
    table, read: read.images.length + read.incomplete, incomplete: read.incomplete, unreadable, leftOut: images.filter(isLeftOut).length, leftOutGroups,
    heldOut: molecules?.heldOut ?? 0, alsoInValidation: parts.alsoInValidation, train: counts['train']!, validation: counts['validation']!,
  };
  const bad = Object.values(unreadable).reduce((sum, count) => sum + count, 0);
  const ofMolecules = molecules === undefined ? '' : `, ${total.heldOut} of held-out molecules and ${total.alsoInValidation} more of molecules in validation`;
  progress.finish(`${total.train} images to train on, ${total.validation} for validation; left out ${total.leftOut} of fold ${leaveOut}${ofMolecules}, dropped ${total.incomplete} incomplete lines and ${bad} unreadable ${molecules === undefined ? 'images' : 'images or molecules'}`);
  return { train: [join(folder, 'train.safetensors')], validation: join(folder, 'validation.safetensors'), measurements: undefined, counts: total };
}

function partsOf({ recipe: { images, validationMolecules, training }, dataFolder }: ImageDatasetOptions, usable: readonly TableImage[]): Split<TableImage> {
  const where = join(dataFolder, images!.table);
  if (images!.smiles !== undefined) return splitTreated(usable, validationMolecules, training.seed, where);
  const shuffled = createRng(training.seed).shuffle([...usable]);
  if (shuffled.length < 2 * validationMolecules) {
    throw new IsoLensError('DATASET_INVALID', `Expected at least ${2 * validationMolecules} images to train on (twice the validation set) but ${where} holds ${shuffled.length}.`);
  }
  return { validation: shuffled.slice(0, validationMolecules), train: shuffled.slice(validationMolecules), alsoInValidation: 0 };
}

/** Every class that the table names must be one that the losses know. */
function checkClasses({ losses }: Recipe, classes: readonly string[], table: string): void {
  const known = losses.flatMap(({ config }) => (typeof config['classes'] === 'number' ? [config['classes']] : []));
  if (known.every((count) => count >= classes.length)) return;
  throw new IsoLensError('DATASET_INVALID', `Expected "classes" of the losses to be at least ${classes.length} (${table} has ${classes.slice(0, 5).join(', ')}${classes.length > 5 ? ' ...' : ''}) but received ${Math.min(...known)}.`);
}

interface Report {
  readonly fingerprint: string;
  readonly rows: number;
  readonly unreadable: Readonly<Record<string, number>>;
}

interface Part {
  readonly name: string;
  readonly images: readonly TableImage[];
  readonly classes: readonly string[];
  readonly molecules: Treatments<TableImage> | undefined;
}

async function preparePart({ modality, modalityConfig: config, molecules: chemistry, folder, signal }: ImageDatasetOptions, { name, images, classes, molecules }: Part, unreadable: Record<string, number>, tick: () => void): Promise<number> {
  const files = modality.training.files!;
  const path = join(folder, `${name}.safetensors`);
  const report = join(folder, `${name}.json`);
  const shape = files.shape(config);
  const ofChemistry = molecules === undefined ? {} : { request: chemistry!.request, rdkit: RDKIT_VERSION, standardiser: STANDARDISER_VERSION };
  const fingerprint = createHash('sha256').update(JSON.stringify({ version: VERSION, modality: modality.id, shape, images, classes, ...ofChemistry })).digest('hex');
  const count = ({ rows, unreadable: codes }: Omit<Report, 'fingerprint'>): number => {
    for (const [code, times] of Object.entries(codes)) unreadable[code] = (unreadable[code] ?? 0) + times;
    return rows;
  };
  const known = existsSync(report) && existsSync(path) ? JSON.parse(readFileSync(report, 'utf8')) as Report : undefined;
  if (known?.fingerprint === fingerprint) return count(known);

  const own: Record<string, number> = {};
  const size = shape.reduce((product, length) => product * length, 1);
  const data = new Uint8Array(images.length * size);
  const labels = new Int32Array(images.length);
  const rowsOfMolecules: number[] = [];
  let rows = 0;
  for (const image of images) {
    signal?.throwIfAborted();
    const label = classes.indexOf(image.class);
    try {
      data.set(await files.read(image.paths.map((file) => readFileSync(file)), config), rows * size);
      labels[rows] = label;
      if (molecules !== undefined) rowsOfMolecules.push(molecules.rowOf.get(image.smiles!)!);
      rows++;
    } catch (thrown) {
      const { code } = toIsoLensError(thrown, 'FILE_UNREADABLE');
      own[code] = (own[code] ?? 0) + 1;
    }
    tick();
  }
  if (rows === 0) throw new IsoLensError('DATASET_INVALID', `Expected images for the ${name} part but none of ${images.length} can be read (${Object.keys(own).join(', ')}).`);
  writeSafetensors(path, { [files.column]: { data: data.subarray(0, rows * size), shape: [rows, ...shape] }, [CLASS_COLUMN]: { data: labels.subarray(0, rows), shape: [rows] }, ...(molecules === undefined ? {} : columnsOf(molecules.batch, rowsOfMolecules)) }, { rows: String(rows), fingerprint });
  // The report comes last: its presence says that the data file is whole.
  writeFileSync(`${report}.tmp`, JSON.stringify({ fingerprint, rows, unreadable: own }));
  renameSync(`${report}.tmp`, report);
  return count({ rows, unreadable: own });
}
