/** Tables of real drawings with the molecule that each shows. */
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { IsoLensError } from '../core/index.ts';

export interface DrawingLabel {
  readonly file: string;
  readonly smiles: string;
  readonly set: string;
}

export function parseLabels(path: string, text: string): DrawingLabel[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const header = lines[0]?.split('\t').map((name) => name.trim().toLowerCase()) ?? [];
  const [file, smiles, set] = ['file', 'smiles', 'set'].map((name) => header.indexOf(name)) as [number, number, number];
  if (file < 0 || smiles < 0) {
    throw new IsoLensError('COLUMN_MISSING', `Expected tab-separated columns file, smiles and set in ${path} but its first line has ${header.join(', ') || 'none'}.`);
  }
  return lines.slice(1).map((line) => {
    const cells = line.split('\t').map((cell) => cell.trim());
    return { file: cells[file] ?? '', smiles: cells[smiles] ?? '', set: cells[set] ?? 'all' };
  });
}

/** At most `perSet` of each set, evenly over its length. */
export function spreadLabels(labels: readonly DrawingLabel[], perSet: number | undefined): readonly DrawingLabel[] {
  if (perSet === undefined) return labels;
  return [...new Set(labels.map(({ set }) => set))].flatMap((set) => {
    const own = labels.filter((label) => label.set === set);
    const step = Math.max(1, own.length / perSet);
    return Array.from({ length: Math.min(perSet, own.length) }, (_, i) => own[Math.floor(i * step)]!);
  });
}

export function resolveFile(labels: string, file: string): string {
  return isAbsolute(file) ? file : join(dirname(labels), file);
}

/** A file that the labels name must be there: otherwise the numbers would be of another set. */
export async function readImage(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (thrown) {
    throw new IsoLensError('FILE_NOT_FOUND', `Expected the image ${path}, which the labels name, but it cannot be read; keep the images beside the labels.`, { cause: thrown });
  }
}
