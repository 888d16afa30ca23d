/** Drawings by other programs as training data: some molecules of the sources, in data files of their own beside the others. */
import { PICTURE_RENDERERS } from '../chem/index.ts';
import type { ChemPool } from '../chem/index.ts';
import { createRng } from '../core/index.ts';
import type { Progress } from '../core/index.ts';
import { hasFonts, rasteriseSvg } from '../image/index.ts';
import type { GreyImage } from '../image/index.ts';
import type { PictureSize } from '../modalities/index.ts';
import type { MoleculeSources } from './sources.ts';
import type { StoredTensor } from './safetensors.ts';

/** What decides the pictures of a shard, beside its molecules. */
export interface PictureWish {
  /** Changes with the looks of any renderer: shards of another version are made again. */
  readonly version: number;
  readonly renderer: string;
  readonly size: PictureSize;
  readonly seed: number;
}

export interface PictureShard {
  readonly name: string;
  readonly smiles: readonly string[];
  readonly repeat: number;
  readonly pictures: PictureWish;
}

const VERSION = 2;
const SHARD_PICTURES = 2000;
/** Stored in sizes from this share of the largest on. */
const SMALLEST = 0.7;
/** SVG of so many is held at a time. */
const PIECE = 256;

export interface PictureOptions {
  readonly recipe: MoleculeSources;
  readonly pictures?: PictureSize | undefined;
  readonly chem: ChemPool;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/** Other molecules for every renderer, as far as they reach; none where no tower reads pictures. */
export async function pictureShards({ recipe, pictures: size, progress }: PictureOptions, smiles: readonly string[]): Promise<PictureShard[]> {
  const { molecules, repeat } = recipe.pictures;
  if (size === undefined || molecules === 0) return [];
  if (!(await hasFonts())) {
    progress.warn('No fonts are installed: pictures by other programs, whose letters need some, are left out. Install a package of fonts, such as fonts-dejavu-core.');
    return [];
  }
  const { seed } = recipe.training;
  const chosen = createRng(seed ^ 0x91c7).shuffle([...smiles]);
  const each = Math.min(molecules, Math.floor(chosen.length / PICTURE_RENDERERS.length));
  return PICTURE_RENDERERS.flatMap(({ id: renderer }, i) => {
    const own = chosen.slice(i * each, (i + 1) * each);
    return Array.from({ length: Math.ceil(own.length / SHARD_PICTURES) }, (_, k) => ({
      name: `pictures-${renderer}-${String(k + 1).padStart(2, '0')}`,
      smiles: own.slice(k * SHARD_PICTURES, (k + 1) * SHARD_PICTURES),
      repeat,
      pictures: { version: VERSION, renderer, size, seed: seed + 7919 * (k + 1) },
    }));
  });
}

/** One picture a molecule; a molecule that the renderer cannot draw has none, and is drawn by the engine alone. */
export async function drawPictures({ chem, signal }: PictureOptions, { renderer, size, seed }: PictureWish, smiles: readonly string[]): Promise<{ columns: Record<string, StoredTensor>; drawn: number }> {
  const rng = createRng(seed);
  const pictures: (GreyImage | null)[] = [];
  for (let at = 0; at < smiles.length; at += PIECE) {
    const requests = smiles.slice(at, at + PIECE).map((one, i) => ({ smiles: one, renderer, seed: seed + at + i }));
    const outcomes = await chem.picture(requests, signal === undefined ? {} : { signal });
    const scales = outcomes.map(() => SMALLEST + (1 - SMALLEST) * rng.next());
    // Sharp has threads of its own; it queues what exceeds them.
    pictures.push(...(await Promise.all(outcomes.map(async (outcome, i) => (outcome.ok ? rasteriseSvg(outcome.value, { height: scales[i]! * size.height, width: scales[i]! * size.width }) : null)))));
  }
  return { columns: pictureColumns(pictures), drawn: pictures.filter((picture) => picture !== null).length };
}

/** The columns that the native drawing feed reads; a row without a picture has no pixels. */
export function pictureColumns(pictures: readonly (GreyImage | null)[]): Record<string, StoredTensor> {
  const offsets = new BigInt64Array(pictures.length + 1);
  pictures.forEach((picture, i) => (offsets[i + 1] = offsets[i]! + BigInt(picture?.data.length ?? 0)));
  const pixels = new Uint8Array(Number(offsets.at(-1)!));
  pictures.forEach((picture, i) => picture !== null && pixels.set(picture.data, Number(offsets[i]!)));
  const sides = (side: 'rows' | 'columns'): StoredTensor => ({ data: Uint16Array.from(pictures, (picture) => picture?.[side] ?? 0), shape: [pictures.length] });
  return {
    'picture.offsets': { data: offsets, shape: [offsets.length] },
    'picture.heights': sides('rows'),
    'picture.widths': sides('columns'),
    'picture.pixels': { data: pixels, shape: [pixels.length] },
  };
}
