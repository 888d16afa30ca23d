import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { open, readdir, rename } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { IsoLensError, systemErrorCode, toIsoLensError } from '../core/index.ts';

const CHUNK_BYTES = 1 << 22;

export interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
}

export async function digestFile(path: string): Promise<FileDigest> {
  const hash = createHash('sha256');
  const bytes = await withFile(path, 'r', (file) => readInto(file, Buffer.allocUnsafe(CHUNK_BYTES), Number.POSITIVE_INFINITY, hash));
  return { bytes, sha256: hash.digest('hex') };
}

/** Reads a file into memory that threads can share, hashing it on the way where that is wanted: what is large is read once, not twice. */
export async function readShared(path: string, expected: number, isHashed = true): Promise<{ buffer: SharedArrayBuffer; digest: FileDigest }> {
  const buffer = new SharedArrayBuffer(expected);
  const hash = createHash('sha256');
  const target = Buffer.from(buffer);
  const bytes = await withFile(path, 'r', async (file) => {
    let total = 0;
    for (let read = 1; read > 0 && total < target.length; total += read) {
      const length = Math.min(CHUNK_BYTES, target.length - total);
      read = (await file.read(target, total, length, total)).bytesRead;
      if (isHashed) hash.update(target.subarray(total, total + read));
    }
    // One byte more than expected is as wrong as one less.
    return total + (await file.read(Buffer.alloc(1), 0, 1, total)).bytesRead;
  });
  return { buffer, digest: { bytes, sha256: hash.digest('hex') } };
}

/** Writes a file so that a reader sees the old content or the new, never a part. */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`;
  await withFile(temporary, 'w', async (file) => {
    await file.writeFile(content);
    await file.sync();
  });
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

/** Forces every file below a directory, and the directories, to the disk. */
export async function syncTree(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else await withFile(path, 'r+', (file) => file.sync());
  }
  await syncDirectory(directory);
}

export async function syncDirectory(directory: string): Promise<void> {
  // Windows cannot open a directory; there the rename alone must do.
  await withFile(directory, 'r', (file) => file.sync()).catch((error: unknown) => {
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL'].includes(systemErrorCode(error) ?? '')) throw error;
  });
}

/** Relative paths of all files below a directory, sorted. */
export async function listFiles(directory: string, below = ''): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(directory, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await listFiles(directory, path)));
    else found.push(path);
  }
  return found.sort();
}

/** What a failed write means to the user. */
export function writeError(error: unknown, what: string): IsoLensError {
  const known = toIsoLensError(error);
  if (known.code !== 'DISK_FULL') return known;
  return new IsoLensError('DISK_FULL', `Expected room for ${what}, but the disk is full; free some and start again: finished parts are kept.`, { cause: error });
}

async function withFile<T>(path: string, flags: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function readInto(file: FileHandle, buffer: Buffer, limit: number, hash: Hash): Promise<number> {
  let total = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, limit - total), null);
    if (bytesRead === 0) return total;
    hash.update(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
}
