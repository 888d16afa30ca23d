/** Pictures of molecules that a bundle holds, and of others, as queries: what the trust in pictures is fitted on. */
import type { ChemPool } from '../chem/index.ts';
import { PICTURE_RENDERERS } from '../chem/index.ts';
import { greyToPng, svgToPng, worsen } from '../image/index.ts';
import { readLibrary } from '../ingest/index.ts';
import type { DrawingReader } from '../reading/index.ts';
import type { PictureSample, ReadSample, ReadingSample } from '../score/index.ts';
import type { SearchEngine, SearchResult } from '../search/index.ts';
import { sampleDrawings } from '../train/index.ts';
import type { Context } from './context.ts';

/** Pixels. */
const WIDTH = 500;

export interface SampleOptions {
  readonly engine: SearchEngine;
  readonly chem: ChemPool;
  /** Library of molecules, most of which the bundle does not hold. */
  readonly outside: string;
  /** Of each kind. */
  readonly count: number;
}

/** A picture, asked as a whole and by what was read of it. */
export interface AskedPicture {
  readonly whole: PictureSample;
  /** Absent where nothing was read. */
  readonly read: ReadSample | undefined;
}

export async function pictureSamples({ progress, signal }: Pick<Context, 'progress' | 'signal'>, { engine, chem, outside, count }: SampleOptions): Promise<AskedPicture[]> {
  const { molecules, manifest } = engine;
  const step = Math.max(1, Math.floor(manifest.count / count));
  const rows = Array.from({ length: Math.min(count, manifest.count) }, (_, i) => i * step);
  const inside = (await molecules.getAll(rows)).map(({ smiles }) => smiles);
  const others = await strangers(engine, chem, outside, count);
  const samples: AskedPicture[] = [];
  progress.start('pictures', inside.length + others.length);
  for (const [at, smiles] of [...inside, ...others].entries()) {
    signal?.throwIfAborted();
    const sample = await askBy(engine, chem, smiles, at, at < inside.length);
    if (sample !== undefined) samples.push(sample);
    progress.update(at + 1);
  }
  progress.finish(`${samples.length} of ${inside.length + others.length} could be drawn and read`);
  return samples;
}

/** Drawings of a library's molecules, read by a reader that is to be calibrated. */
export async function readingSamples({ progress, signal }: Pick<Context, 'progress' | 'signal'>, reader: DrawingReader, chem: ChemPool, library: string, count: number): Promise<ReadingSample[]> {
  const all: string[] = [];
  for await (const item of readLibrary({ path: library })) if (item.kind === 'record') all.push(item.structure);
  const step = Math.max(1, Math.floor(all.length / count));
  const chosen = all.filter((_, i) => i % step === 0).slice(0, count);
  const samples: ReadingSample[] = [];
  progress.start('pictures', chosen.length);
  for (const [seed, smiles] of chosen.entries()) {
    signal?.throwIfAborted();
    const drawn = await drawnPicture(chem, smiles, seed);
    const read = drawn === undefined ? undefined : await reader.read(drawn.bytes).catch(() => undefined);
    if (drawn !== undefined && read !== undefined) {
      const [outcome] = await chem.standardise([read.molfile]);
      samples.push({ signs: read.signs, isExact: outcome?.ok === true && outcome.value.connectivityKey === drawn.key });
    }
    progress.update(seed + 1);
  }
  progress.finish(`${samples.length} of ${chosen.length} read, ${samples.filter(({ isExact }) => isExact).length} of them exactly`);
  return samples;
}

/** A picture of the molecule, and the first block of its InChIKey; undefined where it cannot be drawn. */
async function drawnPicture(chem: ChemPool, smiles: string, seed: number): Promise<{ readonly bytes: Uint8Array; readonly key: string } | undefined> {
  const [drawn] = await chem.standardise([smiles]);
  if (drawn?.ok !== true) return undefined;
  const bytes = seed % 4 === 0 ? await pictureByProgram(chem, smiles, seed) : await pictureByEngine(chem, smiles, seed);
  return bytes === undefined ? undefined : { bytes, key: drawn.value.connectivityKey };
}

/** By another program, clean or worsened. */
async function pictureByProgram(chem: ChemPool, smiles: string, seed: number): Promise<Uint8Array | undefined> {
  const [picture] = await chem.picture([{ smiles, renderer: PICTURE_RENDERERS[(seed / 4) % PICTURE_RENDERERS.length | 0]!.id, seed }]);
  return picture?.ok === true ? worsen(await svgToPng(picture.value, WIDTH), seed) : undefined;
}

/** In the styles of papers and patents, with captions, salts and scanning: most of what is asked looks so. */
async function pictureByEngine(chem: ChemPool, smiles: string, seed: number): Promise<Uint8Array | undefined> {
  const [drawing] = await sampleDrawings(chem, [smiles], seed);
  return drawing === undefined ? undefined : greyToPng(drawing.grey, drawing.height, drawing.width);
}

/** Evenly over the file, as far as the bundle lacks them. */
async function strangers({ molecules }: SearchEngine, chem: ChemPool, path: string, count: number): Promise<string[]> {
  const all: string[] = [];
  for await (const item of readLibrary({ path })) if (item.kind === 'record') all.push(item.structure);
  const step = Math.max(1, Math.floor(all.length / (2 * count)));
  const outcomes = await chem.standardise(all.filter((_, i) => i % step === 0));
  const found: string[] = [];
  for (const outcome of outcomes) {
    if (found.length < count && outcome.ok && !(await molecules.holdsConnectivity(outcome.value.connectivityKey))) found.push(outcome.value.parentSmiles);
  }
  return found;
}

/** undefined where the molecule cannot be drawn, or its picture is refused. */
async function askBy(engine: SearchEngine, chem: ChemPool, smiles: string, seed: number, inLibrary: boolean): Promise<AskedPicture | undefined> {
  const drawn = await drawnPicture(chem, smiles, seed);
  if (drawn === undefined) return undefined;
  const { bytes, key } = drawn;
  try {
    const ask = (via: 'embedding' | 'both'): ReturnType<SearchEngine['search']> => engine.search({ kind: 'image', bytes, via }, { k: 2, reasons: 'none' });
    const { hits: [first, second] } = await ask('embedding');
    if (first === undefined || second === undefined) return undefined;
    const whole = { cosine: first.cosine, lead: first.cosine - second.cosine, inLibrary, isFirst: first.inchiKey.startsWith(key) };
    return { whole, read: readSample(await ask('both'), key) };
  } catch {
    return undefined;
  }
}

function readSample({ query: { reading }, hits: [first, second] }: SearchResult, key: string): ReadSample | undefined {
  if (reading === null || first === undefined || first.reading === null) return undefined;
  const isSame = reading.inchiKey !== null && first.inchiKey.slice(0, 14) === reading.inchiKey.slice(0, 14);
  return {
    similarity: first.reading, lead: first.score - (second?.score ?? 0), confidence: reading.confidence, same: isSame ? 1 : 0, cosine: first.cosine,
    isFirst: first.inchiKey.startsWith(key),
  };
}
