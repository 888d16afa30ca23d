import { basename } from 'node:path';
import type { LibrarySource, ReadOptions } from '../ingest/index.ts';
import type { Context } from './context.ts';
import type { LibraryFlags } from './options.ts';

export function librarySource(context: Context, path: string, { format }: LibraryFlags): LibrarySource {
  return { path, format, stdin: path === '-' ? context.stdin : undefined };
}

export function readOptions({ smilesColumn, idColumn, nameColumn, delimiter, header }: LibraryFlags): ReadOptions {
  return {
    columns: { smiles: smilesColumn, id: idColumn, name: nameColumn },
    header,
    delimiter: delimiter === 'tab' || delimiter === '\\t' ? '\t' : delimiter,
  };
}

/** The name of an input for messages and file names. */
export function inputName(path: string): string {
  return path === '-' ? 'standard input' : basename(path);
}
