/** Tables of images: columns, plates however they were read, and folds of whole plates. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { foldsOf, plateKey, readImageTable } from '../../src/ingest/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'isolens-images-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const columns = { file: 'file', group: 'plate', class: 'class' };
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe('tables of images', () => {
  it('reads tabs and commas, and counts lines that lack something', () => {
    const expected = { images: [{ paths: [join(folder, 'a.tif'), join(folder, 'a2.tif')], group: 'BR01', class: 'x' }, { paths: [join(folder, 'b.tif')], group: 'P2', class: 'y' }], incomplete: 2 };
    expect(readImageTable(write('t.tsv', 'file\tplate\twell\tclass\na.tif;a2.tif\tBRO01\tA1\tx\nb.tif\tp2\tA2\ty\nc.tif\t\tA1\tx\nd.tif\tp2\n'), columns)).toEqual(expected);
    expect(readImageTable(write('t.csv', '\uFEFFclass,plate,file\nx,"BR-001","a.tif; a2.tif"\ny,P2,b.tif\n,P2,c.tif\n,,\n'), columns)).toEqual(expected);
  });

  it.each([
    ['a file that is not there', 'none.tsv', undefined, 'FILE_NOT_FOUND', /none\.tsv/],
    ['a column that is not there', 'c.tsv', 'file\tplate\na\tb\n', 'COLUMN_MISSING', /"class".*file, plate/],
    ['a table without complete lines', 'e.tsv', 'file\tplate\tclass\na\tb\t\n', 'DATASET_INVALID', /none of its 1 lines/],
  ])('refuses %s', (_, name, text, code, message) => {
    const path = text === undefined ? join(folder, name) : write(name, text);
    expect(() => readImageTable(path, columns)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error);
  });

  it('takes spellings of one barcode for one plate', () => {
    expect(new Set(['BRO0123951', 'BR00123951', 'BROO123951', '|BROO123951', ")BROO123951'", 'br00123951'].map(plateKey)).size).toBe(1);
    expect(plateKey('BR00123950')).not.toBe(plateKey('BR00123951'));
  });
});

describe('folds', () => {
  const images = (counts: Readonly<Record<string, number>>): { paths: string[]; group: string; class: string }[] => (
    Object.entries(counts).flatMap(([group, count]) => Array.from({ length: count }, (_, i) => ({ paths: [String(i)], group, class: group[0]! })))
  );

  it('keep a plate whole and give every fold every class that has enough plates', () => {
    const all = images({ a1: 9, a2: 5, a3: 4, b1: 3, b2: 8, b3: 1, c1: 2 });
    const folds = foldsOf(all, 3);
    expect(Object.fromEntries(folds)).toEqual({ a1: 0, a2: 1, a3: 2, b2: 0, b1: 1, b3: 2, c1: 0 });
    expect(foldsOf([...all].reverse(), 3)).toEqual(folds);
  });

  it('count a plate of several classes for the one that it holds most of', () => {
    const mixed = [...images({ a1: 2, a2: 2, b1: 2 }), { paths: ['x'], group: 'a1', class: 'b' }];
    expect(foldsOf(mixed, 2).get('a1')).toBe(0);
    expect(foldsOf(mixed, 2).get('a2')).toBe(1);
  });
});
