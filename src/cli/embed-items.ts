/** What `isolens embed` reads: molecules of a library, or pictures of a folder or a list. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { IsoLensError, toIsoLensError } from '../core/index.ts';
import { IMAGE_FORMATS, sniffImage } from '../image/index.ts';
import { readLibrary } from '../ingest/index.ts';
import type { Context } from './context.ts';
import { readImageFile, readText } from './files.ts';
import { librarySource, readOptions } from './library.ts';
import type { LibraryFlags } from './options.ts';

export interface EmbedItem {
  /** From 1: the line of the list or library, the position in the folder. */
  readonly line: number;
  readonly id: string | null;
  /** What was read, for the list of rejects. */
  readonly input: string;
  /** SMILES, molfile or the bytes of a picture; undefined where there is an error. */
  readonly content: string | Uint8Array | undefined;
  readonly error?: { readonly code: string; readonly message: string };
}

const MAX_INPUT_CHARACTERS = 1000;

export async function* moleculeItems(context: Context, path: string, flags: LibraryFlags): AsyncGenerator<EmbedItem> {
  for await (const item of readLibrary(librarySource(context, path, flags), readOptions(flags))) {
    const { line, id } = item;
    if (item.kind === 'reject') yield { line, id, input: item.input, content: undefined, error: item };
    else yield { line, id, input: item.structure.slice(0, MAX_INPUT_CHARACTERS), content: item.structure };
  }
}

export async function* imageItems(path: string): AsyncGenerator<EmbedItem> {
  for (const { file, line } of await listImages(path)) {
    try {
      yield { line, id: file.name, input: file.name, content: await readImageFile(file.path) };
    } catch (thrown) {
      const { code, message } = toIsoLensError(thrown);
      yield { line, id: file.name, input: file.name, content: undefined, error: { code, message } };
    }
  }
}

interface ListedImage {
  readonly line: number;
  readonly file: { readonly name: string; readonly path: string };
}

async function listImages(path: string): Promise<ListedImage[]> {
  if (await stat(path).then((found) => found.isDirectory(), () => false)) {
    const endings = [...IMAGE_FORMATS.map((format) => `.${format}`), '.jpg', '.tif'];
    const names = (await readdir(path)).filter((name) => endings.some((ending) => name.toLowerCase().endsWith(ending))).sort();
    return names.map((name, i) => ({ line: i + 1, file: { name, path: join(path, name) } }));
  }
  if (await isImage(path)) return [{ line: 1, file: { name: path, path } }];
  return parseList(path, await readText(path, 'a list of images'));
}

async function isImage(path: string): Promise<boolean> {
  const bytes = await readImageFile(path).catch((error: unknown) => {
    if (error instanceof IsoLensError && error.code === 'IMAGE_TOO_LARGE') return undefined;
    throw error;
  });
  if (bytes === undefined) return false;
  try {
    sniffImage(bytes);
    return true;
  } catch {
    return false;
  }
}

/** One path a line, relative to the list; or a table separated by tabs with a column "file". */
function parseList(list: string, text: string): ListedImage[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const header = lines[0]!.split('\t').map((cell) => cell.trim().toLowerCase());
  const column = Math.max(0, header.indexOf('file'));
  const found = lines.flatMap((cells, i) => {
    const name = cells.split('\t')[column]?.trim() ?? '';
    const isHeader = i === 0 && header.includes('file');
    return name === '' || isHeader ? [] : [{ line: i + 1, file: { name, path: isAbsolute(name) ? name : join(dirname(list), name) } }];
  });
  if (found.length === 0) throw new IsoLensError('RECORD_INVALID', `Expected a picture, a folder of pictures or a list of picture files in ${list} but it names none.`);
  return found;
}
