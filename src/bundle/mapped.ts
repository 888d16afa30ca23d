/**
 * The files that a search reads whole, as memory: mapped, where the native engine is built, so that they are read where they are touched, and all
 * threads and processes share them; otherwise read into memory that threads share. Files of a generation are never written to again.
 */
import { toIsoLensError } from '../core/index.ts';
import { mapFile } from '../native/index.ts';
import { readShared } from './files.ts';

interface FilePlace {
  readonly path: string;
  readonly bytes: number;
}

/** What one thread sends another for `received`: no copy, but for memory that neither is shared nor lies in a file. */
export type Sent = ArrayBufferLike | FilePlace;

const places = new WeakMap<ArrayBufferLike, FilePlace>();

/** bytes: what the file must have; it is not to be written to, nor is the memory. */
export async function openMapped(path: string, bytes: number): Promise<ArrayBufferLike> {
  return mapped({ path, bytes }) ?? (await readShared(path, bytes, false)).buffer;
}

/** undefined where this machine maps none; what else is wrong with a file shows when it is read. */
function mapped(place: FilePlace): ArrayBufferLike | undefined {
  try {
    const buffer = mapFile(place.path, place.bytes);
    places.set(buffer, place);
    return buffer;
  } catch (thrown) {
    const { code } = toIsoLensError(thrown);
    if (code === 'NATIVE_UNAVAILABLE' || code === 'NATIVE_FAILED') return undefined;
    throw thrown;
  }
}

export function sent(buffer: ArrayBufferLike): Sent {
  return places.get(buffer) ?? buffer;
}

/** The memory that was sent, in the thread that received it. */
export function received(one: Sent): ArrayBufferLike {
  return 'path' in one ? mapFile(one.path, one.bytes) : one;
}
