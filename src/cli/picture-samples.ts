/** Pictures of molecules that a bundle holds, and of others, as queries: what the trust in pictures is fitted on. */
import type { ChemPool } from '../chem/index.ts';
import { PICTURE_RENDERERS } from '../chem/index.ts';
import { svgToPng } from '../image/index.ts';
import { readLibrary } from '../ingest/index.ts';
import type { PictureSample } from '../score/index.ts';
import type { SearchEngine } from '../search/index.ts';
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

export async function pictureSamples({ progress, signal }: Pick<Context, 'progress' | 'signal'>, { engine, chem, outside, count }: SampleOptions): Promise<PictureSample[]> {
  const { molecules } = engine;
  const step = Math.max(1, Math.floor(molecules.count / count));
  const inside = Array.from({ length: Math.min(count, molecules.count) }, (_, i) => molecules.get(i * step).smiles);
  const others = await strangers(engine, chem, outside, count);
  const samples: PictureSample[] = [];
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

/** Evenly over the file, as far as the bundle lacks them. */
async function strangers({ molecules }: SearchEngine, chem: ChemPool, path: string, count: number): Promise<string[]> {
  const all: string[] = [];
  for await (const item of readLibrary({ path })) if (item.kind === 'record') all.push(item.structure);
  const step = Math.max(1, Math.floor(all.length / (2 * count)));
  const outcomes = await chem.standardise(all.filter((_, i) => i % step === 0));
  return outcomes.flatMap((outcome) => (outcome.ok && molecules.rowsOfConnectivity(outcome.value.connectivityKey).length === 0 ? [outcome.value.parentSmiles] : [])).slice(0, count);
}

/** undefined where the molecule cannot be drawn, or its picture is refused. */
async function askBy(engine: SearchEngine, chem: ChemPool, smiles: string, seed: number, inLibrary: boolean): Promise<PictureSample | undefined> {
  const [picture] = await chem.picture([{ smiles, renderer: PICTURE_RENDERERS[seed % PICTURE_RENDERERS.length]!.id, seed }]);
  const [drawn] = await chem.standardise([smiles]);
  if (picture?.ok !== true || drawn?.ok !== true) return undefined;
  try {
    const { hits: [first, second] } = await engine.search({ kind: 'image', bytes: await svgToPng(picture.value, WIDTH) }, { k: 2, reasons: false });
    if (first === undefined || second === undefined) return undefined;
    return { cosine: first.cosine, lead: first.cosine - second.cosine, inLibrary, isFirst: first.inchiKey.slice(0, 14) === drawn.value.connectivityKey };
  } catch {
    return undefined;
  }
}
