/** Features of images by exported encoders, and by counting pixels. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readModel } from '../bundle/index.ts';
import { IsoLensError, stackRows, toIsoLensError } from '../core/index.ts';
import type { Matrix } from '../core/index.ts';
import type { ImageFeatureSource } from '../evaluate/index.ts';
import { readSite } from '../image/index.ts';
import { InferencePool } from '../inference/index.ts';
import { featuriseItems, modalityById, modalityConfig } from '../modalities/index.ts';
import type { ModalityServices } from '../modalities/index.ts';
import { layerOf } from '../ingest/index.ts';
import type { FeatureLayer, ImageTable, TableImage } from '../ingest/index.ts';

const BATCH = 32;

/** The tower of a model that reads images. `path` may hold {fold}: the model that was trained without that fold. */
export function encoderOfImages(name: string, path: string, layer: FeatureLayer, services: ModalityServices): ImageFeatureSource {
  const known = new Map<string, Promise<Matrix>>();
  return {
    name,
    features: (images, fold) => {
      const folder = resolve(path.replaceAll('{fold}', String(fold)));
      const found = known.get(folder) ?? encoded(images, folder, layer, services);
      known.set(folder, found);
      return found;
    },
  };
}

async function encoded(images: readonly TableImage[], folder: string, layer: FeatureLayer, services: ModalityServices): Promise<Matrix> {
  const model = await readModel(folder);
  const tower = model.towers.find(({ modality }) => modalityById(modality).source === 'image');
  if (tower === undefined) throw new IsoLensError('MODEL_INVALID', `Expected a model with an encoder of images in ${folder} but its encoders read ${model.towers.map(({ modality }) => modality).join(', ')}.`);
  const modality = modalityById(tower.modality);
  const config = modalityConfig(modality, tower.modalityConfig);
  const file = join(model.directory, tower.file);
  const pool = await InferencePool.open([{ name: tower.name, path: file }]);
  try {
    const rows: Float32Array[] = [];
    for (let from = 0; from < images.length; from += BATCH) {
      const some = images.slice(from, from + BATCH);
      const { tensors, errors: [error] } = await featuriseItems(modality, await Promise.all(some.map(filesOf)), config, services);
      if (error !== undefined) throw new IsoLensError(error.code, `${some[error.index]!.paths.join(', ')}: ${error.message}`);
      const found = layerOf(await pool.run(tower.name, tensors, { move: true }), layer, file);
      for (let row = 0; row < some.length; row++) rows.push(found.data.slice(row * found.shape[1]!, (row + 1) * found.shape[1]!));
    }
    return stackRows(rows);
  } finally {
    await pool.close();
  }
}

function filesOf({ paths }: TableImage): Promise<Buffer[]> {
  return Promise.all(paths.map((path) => readFile(path)));
}

/** Side of the squares whose pixels are looked at. */
const SIDE = 256;

/** The images whose files are sites of so many channels, and how many others there are, by the code of what is wrong. */
export async function readableImages(table: ImageTable, channels: number): Promise<{ table: ImageTable; unreadable: Map<string, number> }> {
  const unreadable = new Map<string, number>();
  const images: TableImage[] = [];
  for (const image of table.images) {
    try {
      await readSite(await filesOf(image), channels, SIDE);
      images.push(image);
    } catch (thrown) {
      const { code } = toIsoLensError(thrown, 'FILE_UNREADABLE');
      unreadable.set(code, (unreadable.get(code) ?? 0) + 1);
    }
  }
  return { table: { ...table, images }, unreadable };
}

/** Mean, standard deviation and seven quantiles of every channel: what no encoder is needed for. */
export function pixelStatistics(channels: number): ImageFeatureSource {
  let known: Promise<Matrix> | undefined;
  return {
    name: 'pixels',
    features: (images) => (known ??= Promise.all(images.map(async (image) => statisticsOf((await readSite(await filesOf(image), channels, SIDE)).data, channels))).then(stackRows)),
  };
}

const QUANTILES = [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99];

function statisticsOf(data: Uint8Array, channels: number): Float32Array {
  const area = data.length / channels;
  return Float32Array.from(Array.from({ length: channels }, (_, channel) => {
    const sorted = data.slice(channel * area, (channel + 1) * area).sort();
    const mean = sorted.reduce((sum, value) => sum + value, 0) / area;
    const variance = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / area;
    return [mean, Math.sqrt(variance), ...QUANTILES.map((share) => sorted[Math.floor(share * area)]!)];
  }).flat());
}
