/** Sends a bundle to a database. Whatever happens on the way, readers see the generation before or the whole new one. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFEST_FILE } from '../bundle/index.ts';
import type { Bundle } from '../bundle/index.ts';
import { IsoLensError } from '../core/index.ts';
import type { Progress } from '../core/index.ts';
import { beginGeneration, dropGeneration, dropOld, lockLibrary, makeLive } from './catalogue.ts';
import { unsuitable } from './errors.ts';
import { Hosts } from './hosts.ts';
import type { DatabasePlace } from './place.ts';
import { fingerprintRows, fingerprintsIn, pushFingerprints } from './fingerprints.ts';
import { pushFiles } from './push-files.ts';
import { pushRows } from './push-rows.ts';
import type { Push } from './push-steps.ts';
import { MOST_DIMENSIONS, createIndexes, migrate } from './schema.ts';
import { withRetries } from './session.ts';
import type { RetryOptions, Session } from './session.ts';
import { verifyGeneration } from './verify.ts';

export interface PushOptions extends RetryOptions {
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
  /** Molecules of one transaction. */
  readonly batchRows?: number | undefined;
}

export interface PushOutcome {
  readonly generation: string;
  readonly count: number;
  /** False where the generation was live already. */
  readonly isNew: boolean;
}

/** About what one part of a file takes. */
const PART_BYTES = 1 << 21;
/** A second each: until the server notices that the connection before is lost, it holds our own lock against us. */
const LOCK_TRIES = 20;
/** Of the memory in which an HNSW index is built; it is not held by a small library. */
const LEAST_BUILD_MB = 64;
const MOST_BUILD_MB = 4096;

/**
 * Makes the opened bundle's generation the live one of its library. A push that was broken off goes on after its last committed batch; a lost
 * connection is replaced. BUNDLE_BUSY where another push is on its way; DATABASE_UNAVAILABLE, DATABASE_READ_ONLY, DATABASE_UNSUITABLE, DISK_FULL;
 * BUNDLE_CORRUPT where what arrived is not what was sent.
 */
export async function pushBundle(bundle: Bundle, place: DatabasePlace, options: PushOptions): Promise<PushOutcome> {
  const text = await readFile(join(bundle.directory, MANIFEST_FILE), 'utf8');
  const { generation, count, dimension } = bundle.manifest;
  if (dimension > MOST_DIMENSIONS) throw unsuitable(place, `an index for vectors of ${dimension} dimensions`, `pgvector, which takes ${MOST_DIMENSIONS} at most`);
  const hosts = new Hosts(place);
  let attempts = 0;
  return withRetries(options, async (progressed) => {
    attempts++;
    const session = await hosts.open({ isWriting: true });
    try {
      await migrate(session);
      await lockLibrary(session, bundle.manifest.name, attempts === 1 ? 1 : LOCK_TRIES);
      return { generation, count, isNew: await pushOnce(session, bundle, text, progressed, options) };
    } finally {
      await session.close();
    }
  });
}

async function pushOnce(session: Session, bundle: Bundle, text: string, progressed: () => void, options: PushOptions): Promise<boolean> {
  const { manifest } = bundle;
  const rowBytes = 4 * manifest.dimension;
  const target = await beginGeneration(session, manifest, text, Math.max(1, Math.floor(PART_BYTES / rowBytes)) * rowBytes);
  const { progress, signal, batchRows = 1000 } = options;
  const push: Push = { session, bundle, target, progress, progressed, signal, check: () => signal?.throwIfAborted(), batchRows };
  if (target.state === 'live') {
    await completeLive(push);
    return false;
  }
  if (target.state === 'building') {
    await pushFiles(push);
    await pushRows(push);
    await pushFingerprints(push);
    await buildIndexes(push);
    await verifyOrRemove(push);
  }
  await makeLive(session, manifest);
  await dropOld(session, manifest.name);
  return true;
}

/** A generation that an earlier version sent lacks what searching in the database needs; readers do not miss it. */
async function completeLive(push: Push): Promise<void> {
  const { session, bundle, target: { schema } } = push;
  if ((await fingerprintRows(session, schema)) >= fingerprintsIn(bundle)) return;
  await buildIndexes(push);
  await pushFingerprints(push);
}

/** What is wrong cannot be gone on with: the next push begins anew. */
async function verifyOrRemove(push: Push): Promise<void> {
  try {
    await verifyGeneration(push);
  } catch (error) {
    if (error instanceof IsoLensError && error.code === 'BUNDLE_CORRUPT') await dropGeneration(push.session, push.target.manifest, push.target.schema);
    throw error;
  }
}

async function buildIndexes({ session, target, progress, progressed, check, signal }: Push): Promise<void> {
  const indexes = createIndexes(target.schema, target.manifest);
  const { count, dimension } = target.manifest;
  const megabytes = Math.min(Math.max(Math.ceil((count * (2 * dimension + 600) * 1.5) / 2 ** 20), LEAST_BUILD_MB), MOST_BUILD_MB);
  progress.start('database indexes', indexes.length);
  for (const [i, { name, text }] of indexes.entries()) {
    check();
    await session.untilAborted(signal, () => session.transaction(async () => {
      await session.query("SELECT set_config('maintenance_work_mem', $1, true)", [`${megabytes}MB`]);
      await session.query(text);
    }));
    progressed();
    progress.update(i + 1, name);
  }
  await session.query(`ANALYZE ${target.schema}.molecules`);
  progress.finish(`${indexes.length} indexes`);
}
