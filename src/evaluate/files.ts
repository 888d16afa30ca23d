/** Files of evaluation sets. */
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip, gzipSync } from 'node:zlib';
import type * as z from 'zod';
import { IsoLensError, toIsoLensError } from '../core/index.ts';

const unpack = promisify(gunzip);

/** Text of a file, unpacked where it is gzip (by its first bytes), without a byte order mark. */
export async function readText(path: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = await unpack(bytes);
  } catch (thrown) {
    const error = toIsoLensError(thrown, 'FILE_UNREADABLE');
    throw new IsoLensError(error.code, `Expected to read ${path} but it cannot be read (${error.message}); check the path.`, { cause: thrown });
  }
  return new TextDecoder().decode(bytes).replace(/^\uFEFF/, '');
}

/** JSON, gzipped where the name ends in .gz. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value);
  await writeFile(path, path.endsWith('.gz') ? gzipSync(text) : text);
}

/** A JSON file, plain or gzip, of a shape that the schema describes. */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  let value: unknown;
  const text = await readText(path);
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw new IsoLensError('FILE_UNREADABLE', `Expected JSON in ${path} but it cannot be parsed: ${thrown instanceof Error ? thrown.message : String(thrown)}`, { cause: thrown });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new IsoLensError('DATASET_INVALID', `Expected the evaluation format in ${path} but ${issue?.path.join('.') || 'its top level'} is not as it should be: ${issue?.message ?? ''}.`);
}
