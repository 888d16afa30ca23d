/** From a file of molecules to a published bundle. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { indexBackend } from '../../ann/index.ts';
import { BundleWriter, checkedLink, digestFile, galleryTowers, libraryFactsSchema, writeError } from '../../bundle/index.ts';
import type { BundleManifest, FileDigest, LibraryFacts, Model } from '../../bundle/index.ts';
import { STANDARDISER_VERSION } from '../../chem/index.ts';
import type { ChemPool } from '../../chem/index.ts';
import { IsoLensError } from '../../core/index.ts';
import type { Progress } from '../../core/index.ts';
import { PROFILE_VERSION } from '../../score/index.ts';
import { MAX_PROPERTY_CHARACTERS } from '../columns.ts';
import type { ReadOptions } from '../define.ts';
import { readLibrary } from '../read.ts';
import type { LibrarySource } from '../read.ts';
import { Assembly } from './assembly.ts';
import { openEncoder } from './encoder.ts';
import type { OpenEncoder } from './encoder.ts';
import { GalleryWriter } from './gallery.ts';
import { makeShards } from './pipeline.ts';
import { preparePlan } from './plan.ts';
import { SHARD_RECORDS, readShard, writeShard } from './shard.ts';
import type { Shard } from './shard.ts';

const FACTS = 'a licence of 1 to 5,000 characters and a source that is an http or https address';

export interface BuildBundleOptions {
  /** Directory of all bundles. */
  readonly root: string;
  readonly name: string;
  readonly source: LibrarySource;
  readonly read?: ReadOptions;
  readonly model: Model;
  /** Towers, by name or modality, whose vectors the bundle holds beside those of the model's own gallery. */
  readonly galleries?: readonly string[];
  /** Id of the vector index, and those of its parameters that differ from the defaults. */
  readonly backend: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly chem: ChemPool;
  /** The command as given, for the manifest. */
  readonly command: string;
  readonly seed: number;
  readonly now: () => Date;
  /** Finishes the shard in hand, then ends with CANCELLED. */
  readonly signal?: AbortSignal | undefined;
  readonly progress: Progress;
  /** Also writes the rejected records there, one JSON object a line; they are part of the bundle in any case. */
  readonly rejectsPath?: string | undefined;
  /** Records in the unit that survives an interruption: a multiple of 256, or fewer. */
  readonly shardRecords?: number;
  /** Leaves nothing of an earlier, unfinished run. */
  readonly fresh?: boolean;
  /** Licence, source and links of the library, where they are known. */
  readonly facts?: LibraryFacts;
  /** Whether a map of the library is made; it is where this is absent. */
  readonly map?: boolean;
}

export interface BuildReport {
  readonly manifest: BundleManifest;
  /** Records taken over from an earlier, interrupted run. */
  readonly resumed: number;
}

/**
 * Streams, standardises, merges duplicates, embeds, indexes and publishes. A run that was interrupted in whatever way goes on
 * where it stopped when started again with the same input, model and options (standard input excepted).
 */
export async function buildBundle(options: BuildBundleOptions): Promise<BuildReport> {
  const { root, name, model, progress } = options;
  // Refused at once, not after the long part.
  indexBackend(options.backend).parameters.parse(options.parameters ?? {});
  requireFacts(options.facts ?? {});
  const towers = galleryTowers(model, options.galleries ?? []).map(({ name: tower }) => tower);
  const input = await inspect(options);
  const writer = await BundleWriter.open(root, name);
  try {
    const resumable = await preparePlan(writer.workDirectory, planOf(options, input), options.fresh === true);
    const encoders: OpenEncoder[] = [];
    const galleries = towers.map((tower) => new GalleryWriter(writer, model, tower, options)) as [GalleryWriter, ...GalleryWriter[]];
    const assembly = new Assembly(writer, model, galleries);
    try {
      for (const tower of towers) encoders.push(await openEncoder(model, tower === model.gallery ? {} : { tower, chem: options.chem }));
      const resumed = await collect(options, input, writer.workDirectory, resumable, encoders, assembly);
      // Nothing is embedded or standardised any more: their memory is for the index.
      await Promise.all(encoders.splice(0).map((encoder) => encoder.close()));
      options.chem.rest();
      const { digest } = input;
      const manifest = await assembly.publish(options, [{ file: basename(options.source.path), bytes: digest?.bytes ?? 0, sha256: digest?.sha256 ?? null, records: assembly.records }]);
      for (const warning of warningsOf(assembly)) progress.warn(warning);
      return { manifest, resumed };
    } finally {
      await Promise.all([...galleries, ...encoders, assembly].map((part) => part.close()));
    }
  } catch (error) {
    throw writeError(error, `the bundle ${name}`);
  } finally {
    await writer.close();
  }
}

/** ARGUMENT_INVALID for what cannot be told of a library. */
export function requireFacts(facts: LibraryFacts): void {
  if (facts.link !== undefined) checkedLink(facts.link);
  const { error } = libraryFactsSchema.safeParse(facts);
  const issue = error?.issues[0];
  if (issue !== undefined) throw new IsoLensError('ARGUMENT_INVALID', `Expected ${FACTS} but received another ${issue.path.join('.')}: ${issue.message}.`);
}

function warningsOf({ renamedIds, notices }: Assembly): string[] {
  const { cxsmiles, shortened, blank } = notices;
  const columns = Object.entries(shortened).sort(([, a], [, b]) => b - a).map(([column, cells]) => `${column} (${cells})`).join(', ');
  const warnings: string[] = [];
  if (renamedIds > 0) {
    warnings.push(`${renamedIds} identifiers were used for several molecules; ~2, ~3, ... was added to those after the first.`);
  }
  if (cxsmiles > 0) {
    warnings.push(`CXSMILES blocks (between bars) of ${cxsmiles} molecules were not used: enhanced stereo and labels are lost.`);
  }
  if (columns !== '') warnings.push(`Cells of more than ${MAX_PROPERTY_CHARACTERS} characters were cut, in the columns: ${columns}.`);
  for (const [tower, count] of Object.entries(blank)) warnings.push(`Molecules of which there is no picture for the encoder "${tower}": ${count}; their vectors by the model's own gallery stand in.`);
  return warnings;
}

interface Input {
  /** null for standard input, which can be read only once. */
  readonly digest: FileDigest | null;
  readonly records: number | undefined;
}

/** Counts records and hashes the file first: a second or two for a million molecules, and the time left can be told. */
async function inspect({ source, read, progress, signal }: BuildBundleOptions): Promise<Input> {
  if (source.path === '-') return { digest: null, records: undefined };
  progress.start('reading');
  if (await stat(source.path).then((found) => found.isDirectory(), () => false)) {
    throw new IsoLensError('FILE_UNREADABLE', `Expected a file of molecules but ${source.path} is a directory.`);
  }
  let records = 0;
  for await (const _ of readLibrary(source, read)) {
    records++;
    if (signal?.aborted === true) throw cancelled(0);
  }
  const digest = await digestFile(source.path);
  progress.finish(`${records} records`);
  return { digest, records };
}

/** Everything that decides what a shard holds. */
function planOf({ source, read, model, galleries, shardRecords }: BuildBundleOptions, { digest }: Input): Readonly<Record<string, unknown>> | null {
  if (digest === null) return null;
  return { input: digest, format: source.format ?? null, read: read ?? {}, galleries: galleryTowers(model, galleries ?? []), shardRecords: shardRecords ?? SHARD_RECORDS, standardiser: STANDARDISER_VERSION, profile: PROFILE_VERSION };
}

/** Brings every shard of the input into the assembly, in order, from disk or anew. Returns how many records came from disk. */
async function collect(
  options: BuildBundleOptions, input: Input, directory: string, resumable: boolean,
  encoders: readonly OpenEncoder[], assembly: Assembly,
): Promise<number> {
  const { source, read, chem, signal, progress, shardRecords = SHARD_RECORDS } = options;
  const expected = input.records === undefined ? 0 : Math.ceil(input.records / shardRecords);
  const done = new Set<number>();
  if (resumable) for (let index = 0; index < expected; index++) if ((await readShard(directory, index)) !== undefined) done.add(index);

  progress.start('molecules', input.records);
  let resumed = 0;
  const take = async (shard: Shard): Promise<void> => {
    await assembly.accept(shard);
    progress.update(assembly.records, assembly.rejected > 0 ? `${assembly.rejected} rejected` : '');
  };
  const takeStored = async (from: number): Promise<void> => {
    for (let index = from; done.has(index); index++) {
      const shard = (await readShard(directory, index))!;
      resumed += shard.records;
      await take(shard);
    }
  };
  await takeStored(0);
  let last = 0;
  if (done.size < expected || input.records === undefined) {
    const items = readLibrary(source, read ?? {});
    for await (const { index, shard } of makeShards({ items, shardRecords, isDone: (at) => done.has(at), chem, encoders, signal })) {
      await writeShard(directory, index, shard);
      await take(shard);
      await takeStored(index + 1);
      last = index;
    }
  }
  if (signal?.aborted === true) throw cancelled(last);
  progress.finish(`${assembly.records} records, ${assembly.count} distinct, ${assembly.rejected} rejected${resumed > 0 ? `, ${resumed} from the interrupted run` : ''}`);
  return resumed;
}

function cancelled(shards: number): IsoLensError {
  return new IsoLensError('CANCELLED', 'The build was interrupted; finished parts are kept, and the same command goes on from there.', { details: { shards } });
}
