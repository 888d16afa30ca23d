/** Tables of images, one line each: which file, which plate it comes from, and of which class it is. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { IsoLensError } from '../core/index.ts';
import { parseNamedTable } from './table.ts';

export interface ImageTableColumns {
  /** Files, relative to the table; several of one image, a channel each, are separated by ";". */
  readonly file: string;
  /** What stays together in every split: a plate. */
  readonly group?: string | undefined;
  /** Over which folds are evened out, and which a probe learns. */
  readonly class?: string | undefined;
  /** What the cells were treated with. */
  readonly smiles?: string | undefined;
}

export interface TableImage {
  /** One, or one for each channel. */
  readonly paths: readonly string[];
  /** Empty where no column is named. */
  readonly group: string;
  readonly class: string;
  readonly smiles?: string;
}

export interface ImageTable {
  readonly images: readonly TableImage[];
  /** Lines that lack what a named column should hold. */
  readonly incomplete: number;
}

/**
 * Reads a comma- or tab-separated table whose first line names the columns. FILE_NOT_FOUND, COLUMN_MISSING where a column is not there,
 * DATASET_INVALID where no line is complete.
 */
export function readImageTable(path: string, columns: ImageTableColumns): ImageTable {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new IsoLensError('FILE_NOT_FOUND', `Expected a table of images in ${path} but the file cannot be read; check the path.`, { cause: thrown });
  }
  const [header = [], ...rows] = parseNamedTable(text);
  const at = (name: string): number => {
    const found = header.findIndex((cell) => cell.trim() === name);
    if (found < 0) throw new IsoLensError('COLUMN_MISSING', `Expected the column ${JSON.stringify(name)} in ${path} but its columns are ${header.join(', ') || 'none'}; name another.`);
    return found;
  };
  const { file, group, class: label, smiles } = columns;
  const named = Object.entries({ file, group, class: label, smiles }).flatMap(([field, name]) => (name === undefined ? [] : [{ field, name, place: at(name) }]));
  const cell = (row: readonly string[], place: number): string => (row[place] ?? '').trim();
  const lines = rows.map((row) => Object.fromEntries(named.map(({ field, place }) => [field, field === 'group' ? plateKey(cell(row, place)) : cell(row, place)])));
  const complete = lines.filter((line) => Object.values(line).every((value) => value !== ''));
  const images = complete.map(({ file: files, ...line }) => ({ group: '', class: '', ...line, paths: files!.split(';').map((one) => join(dirname(path), one.trim())) }));
  if (images.length > 0) return { images, incomplete: lines.length - images.length };
  const names = named.map(({ name }) => name);
  throw new IsoLensError('DATASET_INVALID', `Expected lines with ${names.slice(0, -1).join(', ')} and ${names.at(-1)!} in ${path} but none of its ${rows.length} lines has ${names.length === 2 ? 'both' : 'all three'}.`);
}

/**
 * What names of one plate share however they were read: barcodes are written down with O for 0, with a 0 too many and with stray signs.
 * Two plates taken for one only make a split stricter; one taken for two would stand on both sides of it.
 */
export function plateKey(name: string): string {
  return name.toUpperCase().replaceAll('O', '0').replace(/[^A-Z0-9]/g, '').replace(/0+/g, '0');
}

/**
 * The fold, 0 to `folds` - 1, of every group: the groups of each class, the largest first, are dealt out in turn, so that every fold sees
 * every class that has as many groups. A group of several classes counts for the one that it holds most of. Without chance.
 */
export function foldsOf(images: readonly { readonly group: string; readonly class: string }[], folds: number): ReadonlyMap<string, number> {
  const groups = new Map<string, Map<string, number>>();
  for (const { group, class: name } of images) {
    const own = groups.get(group) ?? new Map<string, number>();
    own.set(name, (own.get(name) ?? 0) + 1);
    groups.set(group, own);
  }
  const ranked = [...groups].map(([group, counts]) => {
    const [[main] = ['']] = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    return { group, main, size: [...counts.values()].reduce((sum, count) => sum + count, 0) };
  }).sort((a, b) => b.size - a.size || (a.group < b.group ? -1 : 1));
  const dealt = new Map<string, number>();
  const foldOf = new Map<string, number>();
  for (const { group, main } of ranked) {
    const before = dealt.get(main) ?? 0;
    foldOf.set(group, before % folds);
    dealt.set(main, before + 1);
  }
  return foldOf;
}
