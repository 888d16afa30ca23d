/** Writes the live generation of a library back as a bundle on disk, file for file as it was pushed. */
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BundleWriter, readManifest } from '../bundle/index.ts';
import type { BundleManifest } from '../bundle/index.ts';
import { IsoLensError } from '../core/index.ts';
import type { Progress } from '../core/index.ts';
import { liveGeneration } from './catalogue.ts';
import type { StoredGeneration } from './catalogue.ts';
import { Hosts } from './hosts.ts';
import type { DatabasePlace } from './place.ts';
import { withRetries } from './session.ts';
import type { RetryOptions, Session } from './session.ts';

export interface PullOptions extends RetryOptions {
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

export interface PullOutcome {
  readonly manifest: BundleManifest;
  /** False where the bundle on disk has this generation already. */
  readonly isNew: boolean;
}

/**
 * root: where bundles lie. Files are compared with the hashes of the manifest before anything is published; what is on disk stays as it is until
 * then. BUNDLE_NOT_FOUND, BUNDLE_BUSY, BUNDLE_CORRUPT, DISK_FULL, DATABASE_UNAVAILABLE, DATABASE_UNSUITABLE.
 */
export async function pullBundle(place: DatabasePlace, name: string, root: string, options: PullOptions): Promise<PullOutcome> {
  const hosts = new Hosts(place);
  return withRetries(options, async (progressed) => {
    const session = await hosts.open();
    try {
      const live = await liveGeneration(session, name);
      const local = await readManifest(root, name).catch(() => undefined);
      if (local?.manifest.generation === live.manifest.generation) return { manifest: live.manifest, isNew: false };
      return { manifest: await write(session, live, root, progressed, options), isNew: true };
    } finally {
      await session.close();
    }
  });
}

async function write(session: Session, live: StoredGeneration, root: string, progressed: () => void, { progress, signal }: PullOptions): Promise<BundleManifest> {
  const { manifest, text } = live;
  const writer = await BundleWriter.open(root, manifest.name);
  try {
    // Made for bundles that are built here: a copy holds no folder that its generation lacks.
    await rm(writer.path('encoders'), { recursive: true, force: true });
    progress.start('files', manifest.files.reduce((sum, { bytes }) => sum + bytes, 0));
    let before = 0;
    for (const file of manifest.files) {
      await pullFile(session, live, file, writer.path(file.path), (bytes) => {
        signal?.throwIfAborted();
        progressed();
        progress.update(before + bytes, file.path);
      });
      before += file.bytes;
    }
    const published = await writer.publishCopy(text);
    progress.finish(`${manifest.files.length} files`);
    return published;
  } finally {
    await writer.close();
  }
}

/** path: where it is written to, its folder is made; done: bytes so far. */
export async function pullFile(session: Session, live: StoredGeneration, file: { path: string; bytes: number }, path: string, done: (bytes: number) => void): Promise<void> {
  const { schema, manifest, partBytes } = live;
  await mkdir(dirname(path), { recursive: true });
  const target = await open(path, 'w');
  try {
    let bytes = 0;
    for (let part = 0; part < Math.ceil(file.bytes / partBytes); part++) {
      const [found] = await session.query<{ content: Buffer }>(`SELECT content FROM ${schema}.parts WHERE path = $1 AND part = $2::int`, [file.path, part]);
      if (found === undefined) {
        throw new IsoLensError('BUNDLE_CORRUPT', `Expected part ${part} of ${file.path} of "${manifest.name}", but the database lacks it; push the library again.`);
      }
      await target.writeFile(found.content);
      done((bytes += found.content.length));
    }
  } finally {
    await target.close();
  }
}
