/** Every writer; a file format more is one file and one line here. */
import { IsoLensError } from '../../core/index.ts';
import { csv } from './csv.ts';
import type { WriterDefinition } from './define.ts';
import { jsonl } from './jsonl.ts';
import { sdf } from './sdf.ts';
import { smiles } from './smiles.ts';

export const WRITERS = [sdf, smiles, csv, jsonl] as const;

export type WriterId = (typeof WRITERS)[number]['id'];

export function writerOf(id: WriterId): WriterDefinition {
  return WRITERS.find((writer) => writer.id === id)!;
}

/** By the extension of a path. */
export function writerFor(path: string): WriterDefinition {
  const name = path.toLowerCase();
  const found = WRITERS.find((writer) => writer.extensions.some((extension) => name.endsWith(extension)));
  if (found !== undefined) return found;
  const known = WRITERS.flatMap((writer) => writer.extensions).join(' ');
  throw new IsoLensError('FILE_FORMAT_UNKNOWN', `Expected a file named with one of ${known} but received ${path}.`);
}
