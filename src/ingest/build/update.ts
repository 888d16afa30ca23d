/** A bundle with molecules more, others in the place of some, or without some: a new generation, for which only what is new is computed. */
import { basename } from 'node:path';
import { BundleWriter, digestFile, readManifest, statedFacts, writeError } from '../../bundle/index.ts';
import type { BundleManifest, FileDigest } from '../../bundle/index.ts';
import { STANDARDISER_VERSION } from '../../chem/index.ts';
import type { ChemPool } from '../../chem/index.ts';
import { IsoLensError } from '../../core/index.ts';
import type { Progress } from '../../core/index.ts';
import { PROFILE_VERSION } from '../../score/index.ts';
import type { ReadItem, ReadOptions } from '../define.ts';
import { readLibrary } from '../read.ts';
import type { LibrarySource } from '../read.ts';
import { Assembly } from './assembly.ts';
import { Base } from './base.ts';
import { openEncoder } from './encoder.ts';
import type { OpenEncoder } from './encoder.ts';
import { GalleryWriter } from './gallery.ts';
import { makeShards, unnamed } from './pipeline.ts';
import { preparePlan } from './plan.ts';
import { SHARD_RECORDS, readShard, writeShard } from './shard.ts';

export interface UpdateBundleOptions {
  /** Directory of all bundles. */
  readonly root: string;
  readonly name: string;
  /** What is added; a record whose identifier the bundle has takes its place. */
  readonly add?: { readonly source: LibrarySource; readonly read?: ReadOptions } | undefined;
  /** Identifiers and InChIKeys of what is removed. */
  readonly remove?: readonly string[];
  readonly chem: ChemPool;
  /** The command as given, for the manifest. */
  readonly command: string;
  readonly now: () => Date;
  readonly signal?: AbortSignal | undefined;
  readonly progress: Progress;
  readonly shardRecords?: number;
}

export interface UpdateReport {
  readonly manifest: BundleManifest;
  /** Distinct molecules that came, and that went. */
  readonly added: number;
  readonly removed: number;
  /** Of `remove`, what the bundle does not have. */
  readonly unknown: readonly string[];
}

/**
 * Publishes the next generation, whole or not at all; a service takes it over while it runs. Chemistry and embeddings of what stays are taken over; the
 * index, the map and the table of readings are made anew. An interrupted update goes on where it stopped.
 */
export async function updateBundle(options: UpdateBundleOptions): Promise<UpdateReport> {
  const { root, name, add, remove = [] } = options;
  if (add === undefined && remove.length === 0) throw new IsoLensError('ARGUMENT_INVALID', 'Expected molecules to add or to remove but received neither.');
  // Refused before a folder is made for it.
  await readManifest(root, name);
  const digest = add === undefined ? undefined : await digestFile(add.source.path);
  const writer = await BundleWriter.open(root, name);
  try {
    const base = await Base.open(root, name);
    try {
      return await update(options, writer, base, digest);
    } finally {
      base.close();
    }
  } catch (error) {
    throw writeError(error, `the bundle ${name}`);
  } finally {
    await writer.close();
  }
}

async function update(options: UpdateBundleOptions, writer: BundleWriter, base: Base, digest: FileDigest | undefined): Promise<UpdateReport> {
  const { add, shardRecords: size = SHARD_RECORDS, remove = [], progress, now, command, signal } = options;
  const { bundle: { manifest }, model } = base;
  const plan = { base: manifest.generation, input: digest ?? null, read: add?.read ?? {}, shardRecords: size, standardiser: STANDARDISER_VERSION, profile: PROFILE_VERSION };
  const isResumed = await preparePlan(writer.workDirectory, plan, false);
  // New shards stand behind the places of all old ones, of which some may turn out empty.
  const work = { directory: writer.workDirectory, first: Math.ceil(base.entries / size), size, isResumed };
  const index = { backend: manifest.index.backend, parameters: manifest.index.parameters, signal, progress };
  const galleries = base.galleries.map((tower) => new GalleryWriter(writer, model, tower, index)) as [GalleryWriter, ...GalleryWriter[]];
  const assembly = new Assembly(writer, model, galleries);
  try {
    const made = add === undefined ? NOTHING : await computeNew({ ...options, add }, base, work);
    options.chem.rest();
    const { rows, unknown } = rowsOf(base, remove);
    await assembly.takeOver(base.rejects);
    let shard = 0;
    for (const part of base.shards(size, ({ row }, id) => !rows.has(row) && !made.ids.has(id))) {
      await writeShard(work.directory, shard++, part);
      await assembly.accept(part);
      signal?.throwIfAborted();
    }
    const before = assembly.count;
    for (let i = 0; i < made.shards; i++) await assembly.accept((await readShard(work.directory, work.first + i))!);
    const sources = add === undefined ? [] : [{ file: basename(add.source.path), bytes: digest!.bytes, sha256: digest!.sha256, records: made.records }];
    const facts = statedFacts(manifest);
    const next = await assembly.publish({ ...index, command, seed: manifest.seed, now, facts, map: manifest.map !== undefined, modelId: manifest.modelId }, [...manifest.sources, ...sources]);
    return { manifest: next, added: next.count - before, removed: manifest.count - before, unknown };
  } finally {
    await Promise.all([...galleries, assembly].map((part) => part.close()));
  }
}

interface Work {
  readonly directory: string;
  /** Number of the first new shard. */
  readonly first: number;
  /** Records of a shard. */
  readonly size: number;
  readonly isResumed: boolean;
}

interface Made {
  readonly shards: number;
  readonly records: number;
  /** Identifiers that the file gave to what was accepted: whatever had them goes. A record that is refused removes nothing. */
  readonly ids: ReadonlySet<string>;
}

const NOTHING: Made = { shards: 0, records: 0, ids: new Set() };

/** Brings every new shard to disk, or finds it there. */
async function computeNew({ add, chem, progress, signal }: UpdateBundleOptions & { readonly add: NonNullable<UpdateBundleOptions['add']> }, { model, galleries }: Base, work: Work): Promise<Made> {
  const { directory, first, size, isResumed } = work;
  let records = 0;
  for await (const _ of readLibrary(add.source, add.read ?? {})) records++;
  const shards = Math.ceil(records / size);
  const done = new Set<number>();
  if (isResumed) for (let i = 0; i < shards; i++) if ((await readShard(directory, first + i)) !== undefined) done.add(first + i);
  const encoders: OpenEncoder[] = [];
  progress.start('molecules', records);
  try {
    for (const tower of galleries) encoders.push(await openEncoder(model, tower === model.gallery ? {} : { tower, chem }));
    let told = done.size * size;
    for await (const { index, shard } of makeShards({ items: moved(add, first * size), shardRecords: size, isDone: (at) => done.has(at), chem, encoders, signal })) {
      await writeShard(directory, index, shard);
      progress.update(Math.min(records, (told += shard.records)));
    }
  } finally {
    await Promise.all(encoders.map((encoder) => encoder.close()));
  }
  if (signal?.aborted === true) throw new IsoLensError('CANCELLED', 'The update was interrupted; finished parts are kept, and the same command goes on from there.');
  progress.finish(`${records} records${done.size > 0 ? `, ${Math.min(records, done.size * size)} from the interrupted run` : ''}`);
  return { shards, records, ids: await idsIn(work, shards) };
}

async function* moved({ source, read }: NonNullable<UpdateBundleOptions['add']>, by: number): AsyncGenerator<ReadItem> {
  for await (const item of readLibrary(source, read ?? {})) yield { ...item, ordinal: item.ordinal + by };
}

async function idsIn({ directory, first }: Work, shards: number): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let i = 0; i < shards; i++) {
    const shard = await readShard(directory, first + i);
    if (shard === undefined) throw new IsoLensError('FILE_UNREADABLE', `Expected part ${i} of the update in ${directory} but it is gone; start it again.`);
    for (const { id, ordinal } of shard.entries) if (id !== unnamed(ordinal)) ids.add(id);
  }
  return ids;
}

function rowsOf({ bundle: { molecules } }: Base, wanted: readonly string[]): { rows: ReadonlySet<number>; unknown: string[] } {
  const rows = new Set<number>();
  const unknown: string[] = [];
  for (const text of wanted) {
    const row = molecules.rowOfId(text) ?? molecules.findInchiKey(text.replace(/^InChIKey=/i, ''))?.row;
    if (row === undefined) unknown.push(text);
    else rows.add(row);
  }
  return { rows, unknown };
}
