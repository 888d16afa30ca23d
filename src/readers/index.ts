import { IsoLensError } from '../core/index.ts';
import type { Reader } from './define.ts';
import { structure } from './structure.ts';

/** Adding a reader: one file and one line here. */
export const READERS = [structure] as const;

export function readerById(id: string): Reader {
  const found = READERS.find((reader) => reader.id === id);
  if (found !== undefined) return found;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected a reader (${READERS.map((reader) => reader.id).join(', ')}) but received "${id}".`);
}

export { defineReader, readerConfig } from './define.ts';
export type { Reader, ReaderFeed, ReaderInput, ReaderLoss } from './define.ts';
export { buildReaderGraph, buildServingGraph } from './graphs.ts';
export type { ReaderGraph, ServingGraph } from './graphs.ts';
