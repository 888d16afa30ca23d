/** Data files of a recipe of images: every file of a table, decoded once, as rows of one column. */
import { readFileSync, mkdirSync, existsSync, renameSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { IsoLensError, createRng, toIsoLensError } from '../core/index.ts';
import type { Progress } from '../core/index.ts';
import { foldsOf, readImageTable } from '../ingest/index.ts';
import type { TableImage } from '../ingest/index.ts';
import type { Modality } from '../modalities/index.ts';
import type { Recipe } from '../recipes/index.ts';
import type { Dataset } from './dataset.ts';
import { writeSafetensors } from './safetensors.ts';

export interface ImageCounts {
  readonly table: string;
  readonly read: number;
  /** Lines without a file, a group or a class. */
  readonly incomplete: number;
  readonly unreadable: Readonly<Record<string, number>>;
  /** Images and groups of the fold that is left out. */
  readonly leftOut: number;
  readonly leftOutGroups: readonly string[];
  readonly train: number;
  readonly validation: number;
}

export interface ImageDatasetOptions {
  readonly recipe: Recipe;
  readonly modality: Modality;
  readonly modalityConfig: unknown;
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
  const { recipe: { images: wanted, validationMolecules, training }, dataFolder, folder, progress } = options;
  const { table, file, group, class: label, folds, leaveOut } = wanted!;
  mkdirSync(folder, { recursive: true });
  const { images, incomplete } = readImageTable(join(dataFolder, table), { file, group, class: label });
  const foldOf = foldsOf(images, folds);
  const classes = [...new Set(images.map((image) => image.class))].sort();
  checkClasses(options.recipe, classes, table);
  const isLeftOut = (image: TableImage): boolean => foldOf.get(image.group) === leaveOut;
  const rest = createRng(training.seed).shuffle(images.filter((image) => !isLeftOut(image)));
  if (rest.length < 2 * validationMolecules) {
    throw new IsoLensError('DATASET_INVALID', `Expected at least ${2 * validationMolecules} images to train on (twice the validation set) but ${join(dataFolder, table)} holds ${rest.length}.`);
  }
  progress.start('preparing images', rest.length);
  const unreadable: Record<string, number> = {};
  let done = 0;
  const parts = { validation: rest.slice(0, validationMolecules), train: rest.slice(validationMolecules) };
  const counts: Record<string, number> = {};
  for (const [name, part] of Object.entries(parts)) {
    counts[name] = await preparePart(options, name, part, classes, unreadable, () => progress.update(++done));
  }
  const leftOutGroups = [...foldOf].filter(([, fold]) => fold === leaveOut).map(([name]) => name);
  const total: ImageCounts = {
    table, read: images.length + incomplete, incomplete, unreadable, leftOut: images.filter(isLeftOut).length, leftOutGroups, train: counts['train']!, validation: counts['validation']!,
  };
  const bad = Object.values(unreadable).reduce((sum, count) => sum + count, 0);
  progress.finish(`${total.train} images to train on, ${total.validation} for validation; left out ${total.leftOut} of fold ${leaveOut}, dropped ${incomplete} incomplete lines and ${bad} unreadable images`);
  return { train: [join(folder, 'train.safetensors')], validation: join(folder, 'validation.safetensors'), measurements: undefined, counts: total };
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

async function preparePart({ modality, modalityConfig: config, folder, signal }: ImageDatasetOptions, name: string, images: readonly TableImage[], classes: readonly string[], unreadable: Record<string, number>, tick: () => void): Promise<number> {
  const files = modality.training.files!;
  const path = join(folder, `${name}.safetensors`);
  const report = join(folder, `${name}.json`);
  const shape = files.shape(config);
  const fingerprint = createHash('sha256').update(JSON.stringify({ version: VERSION, modality: modality.id, shape, images, classes })).digest('hex');
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
  let rows = 0;
  for (const image of images) {
    signal?.throwIfAborted();
    const label = classes.indexOf(image.class);
    try {
      data.set(await files.read(image.paths.map((file) => readFileSync(file)), config), rows * size);
      labels[rows] = label;
      rows++;
    } catch (thrown) {
      const { code } = toIsoLensError(thrown, 'FILE_UNREADABLE');
      own[code] = (own[code] ?? 0) + 1;
    }
    tick();
  }
  if (rows === 0) throw new IsoLensError('DATASET_INVALID', `Expected images for the ${name} part but none of ${images.length} can be read (${Object.keys(own).join(', ')}).`);
  writeSafetensors(path, { [files.column]: { data: data.subarray(0, rows * size), shape: [rows, ...shape] }, [CLASS_COLUMN]: { data: labels.subarray(0, rows), shape: [rows] } }, { rows: String(rows), fingerprint });
  // The report comes last: its presence says that the data file is whole.
  writeFileSync(`${report}.tmp`, JSON.stringify({ fingerprint, rows, unreadable: own }));
  renameSync(`${report}.tmp`, report);
  return count({ rows, unreadable: own });
}
