/**
 * That a generation was verified, and that none of its files has changed since: for each its inode, size and times, to the nanosecond. Whatever
 * is written to a file or its name changes one of them, so that a start need not hash hundreds of megabytes that were hashed before.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from './files.ts';
import type { BundleManifest } from './manifest.ts';

export const STAMP_FILE = 'verified.json';

/** What the files of a generation look like now; taken before they are read. */
export async function stampOf({ generation, files }: BundleManifest, directory: string): Promise<string> {
  const lines = await Promise.all(files.map(async ({ path, sha256 }) => {
    const { ino, dev, size, mtimeNs, ctimeNs } = await stat(join(directory, path), { bigint: true });
    return [path, sha256, dev, ino, size, mtimeNs, ctimeNs].map(String);
  }));
  return JSON.stringify({ generation, files: lines });
}

export async function isStamped(directory: string, stamp: string): Promise<boolean> {
  return (await readFile(join(directory, STAMP_FILE), 'utf8').catch(() => undefined)) === stamp;
}

/** Remembers a verification; where the folder cannot be written to, the next start verifies again. */
export async function writeStamp(directory: string, stamp: string): Promise<void> {
  await writeAtomic(join(directory, STAMP_FILE), stamp).catch(() => {});
}
