/** Reading what a person names on the command line, with messages for people. */
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { IsoLensError, systemErrorCode } from '../core/index.ts';
import { IMAGE_LIMITS } from '../image/index.ts';

const unpack = promisify(gunzip);

/** The bytes of an image file; what they hold is the image reader's affair. */
export async function readImageFile(path: string): Promise<Uint8Array> {
  const size = await fileSize(path, 'an image');
  if (size > IMAGE_LIMITS.bytes) {
    throw new IsoLensError('IMAGE_TOO_LARGE', `Expected an image of at most ${IMAGE_LIMITS.bytes >> 20} MiB but ${path} has ${Math.ceil(size / (1 << 20))} MiB; cut out the structure or save it smaller.`);
  }
  return readFile(path);
}

/** Text, plain or gzipped. */
export async function readText(path: string, what: string): Promise<string> {
  await fileSize(path, what);
  const bytes = await readFile(path);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8');
  const text = await unpack(bytes).catch((error: unknown) => { throw unreadable(path, what, error); });
  return text.toString('utf8');
}

async function fileSize(path: string, what: string): Promise<number> {
  const found = await stat(path).catch((error: unknown) => { throw unreadable(path, what, error); });
  if (found.isDirectory()) throw new IsoLensError('FILE_UNREADABLE', `Expected ${what} but ${path} is a directory.`);
  return found.size;
}

function unreadable(path: string, what: string, error: unknown): IsoLensError {
  const code = systemErrorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return new IsoLensError('FILE_NOT_FOUND', `Expected ${what} in ${path} but there is no such file.`, { cause: error });
  return new IsoLensError('FILE_UNREADABLE', `Expected ${what} in ${path} but it cannot be read (${code ?? String(error)}).`, { cause: error });
}
