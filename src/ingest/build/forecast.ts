/** What indexing a library would take, from a sample of it: nothing is written but a temporary store. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { galleryTowers } from '../../bundle/index.ts';
import type { Model } from '../../bundle/index.ts';
import type { ChemPool } from '../../chem/index.ts';
import { IsoLensError, rowBytes } from '../../core/index.ts';
import type { Progress } from '../../core/index.ts';
import { PROFILE_COLUMNS } from '../../score/index.ts';
import { MoleculeWriter } from '../../store/index.ts';
import type { ReadItem, ReadOptions } from '../define.ts';
import { readLibrary } from '../read.ts';
import type { LibrarySource } from '../read.ts';
import { openEncoder } from './encoder.ts';
import type { OpenEncoder } from './encoder.ts';
import { Merger } from './merge.ts';
import { makeShards } from './pipeline.ts';
import type { Reject, Shard } from './shard.ts';

/** Records that are read, standardised and embedded to know the rest: some seconds. */
const SAMPLE = 4096;
const BATCH = 256;
const EXAMPLES = 3;

export interface ForecastOptions {
  readonly source: LibrarySource;
  readonly read?: ReadOptions;
  readonly model: Model;
  readonly galleries?: readonly string[];
  readonly chem: ChemPool;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Records of the sample, spread over the library (default 4096). */
  readonly sample?: number;
}

export interface Forecast {
  readonly records: number;
  readonly sampled: number;
  /** Of the sample: what indexing would refuse, by code, the most frequent first. */
  readonly rejected: readonly { readonly code: string; readonly count: number; readonly examples: readonly Pick<Reject, 'line' | 'id' | 'message'>[] }[];
  /** Of the sample: records that are a molecule met before; of the whole library there may be many more. */
  readonly merged: number;
  /** Records a second, without the index and the map. */
  readonly perSecond: number;
  /** Of one molecule on disk. */
  readonly bytes: { readonly vectors: number; readonly profiles: number; readonly molecules: number };
  readonly dimension: number;
  readonly galleries: number;
}

/** FILE_UNREADABLE for a library without records; everything that refuses a library when it is indexed refuses it here. */
export async function forecastBuild(options: ForecastOptions): Promise<Forecast> {
  const { source, model, progress, now, chem, sample = SAMPLE } = options;
  if (source.path === '-') throw new IsoLensError('ARGUMENT_INVALID', 'Expected a file to look through before it is indexed but received standard input, which can be read only once.');
  const records = await countRecords(options);
  if (records === 0) throw new IsoLensError('FILE_UNREADABLE', `Expected molecules in ${source.path} but it holds no record.`);
  const towers = galleryTowers(model, options.galleries ?? []).map(({ name }) => name);
  const encoders: OpenEncoder[] = [];
  try {
    for (const tower of towers) encoders.push(await openEncoder(model, tower === model.gallery ? {} : { tower, chem }));
    const step = Math.max(1, Math.floor(records / sample));
    progress.start('sample', Math.ceil(records / step));
    const shards: Shard[] = [];
    // Workers start and code is compiled with the first batch, which is not timed.
    let begun = now();
    let timed = 0;
    for await (const { shard } of makeShards({ items: sampled(options, step), shardRecords: BATCH, isDone: () => false, chem, encoders, signal: options.signal })) {
      if (shards.length === 0) begun = now();
      else timed += shard.records;
      shards.push(shard);
      progress.update(shards.length * BATCH);
    }
    options.signal?.throwIfAborted();
    const seconds = (now() - begun) / 1000;
    progress.finish(`${shards.reduce((sum, shard) => sum + shard.records, 0)} of ${records} records`);
    return { records, ...(await told(shards)), perSecond: timed === 0 || seconds === 0 ? 0 : timed / seconds, dimension: model.dimension, galleries: towers.length };
  } finally {
    await Promise.all(encoders.map((encoder) => encoder.close()));
  }
}

async function countRecords({ source, read, progress, signal }: ForecastOptions): Promise<number> {
  progress.start('reading');
  let records = 0;
  for await (const _ of readLibrary(source, read ?? {})) {
    records++;
    signal?.throwIfAborted();
  }
  progress.finish(`${records} records`);
  return records;
}

async function* sampled({ source, read }: ForecastOptions, step: number): AsyncGenerator<ReadItem> {
  let taken = 0;
  for await (const item of readLibrary(source, read ?? {})) if (item.ordinal % step === 0) yield { ...item, ordinal: taken++ };
}

async function told(shards: readonly Shard[]): Promise<Pick<Forecast, 'sampled' | 'rejected' | 'merged' | 'bytes'>> {
  const merger = new Merger();
  for (const shard of shards) merger.accept(shard);
  const byCode = new Map<string, Reject[]>();
  for (const { rejects } of shards) for (const reject of rejects) byCode.set(reject.code, [...(byCode.get(reject.code) ?? []), reject]);
  const rejected = [...byCode].sort(([, a], [, b]) => b.length - a.length).map(([code, found]) => ({
    code, count: found.length, examples: found.slice(0, EXAMPLES).map(({ line, id, message }) => ({ line, id, message })),
  }));
  const entries = shards.reduce((sum, shard) => sum + shard.entries.length, 0);
  const vectors = entries === 0 ? 0 : (4 * shards.reduce((sum, shard) => sum + shard.vectors.length, 0)) / entries;
  const profiles = PROFILE_COLUMNS.reduce((sum, column) => sum + rowBytes(column), 0);
  return {
    sampled: shards.reduce((sum, shard) => sum + shard.records, 0), rejected, merged: merger.merged,
    bytes: { vectors, profiles, molecules: await storeBytes(shards, merger) },
  };
}

/** Of one molecule, as the store holds it. */
async function storeBytes(shards: readonly Shard[], merger: Merger): Promise<number> {
  if (merger.count === 0) return 0;
  const folder = await mkdtemp(join(tmpdir(), 'isolens-sample-'));
  try {
    const path = join(folder, 'molecules.sqlite');
    const writer = new MoleculeWriter(path);
    for (const shard of shards) writer.insert(merger.finished(shard));
    writer.close();
    return (await stat(path)).size / merger.count;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
