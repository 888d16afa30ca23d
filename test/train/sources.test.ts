import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readSources } from '../../src/train/sources.ts';
import { temporaryFolder } from './support.ts';

const path = temporaryFolder();
const folder = path('');

describe('readSources', () => {
  it('reads lists and columns, plain and gzipped', () => {
    writeFileSync(path('a.smi'), 'CCO ethanol\r\nCCN\tethylamine\r\n\r\nCCO again\r\n');
    writeFileSync(path('b.csv.gz'), gzipSync('name,smiles\n"one, two",CCC\nthree,CCCl\nfour,\n'));
    writeFileSync(path('c.tsv'), '!remark\nid\tsmiles\n1\tC"C\n2\tCCBr\n');
    const { smiles, counts } = readSources([
      { file: 'a.smi', repeat: 1 }, { file: 'b.csv.gz', column: 'smiles', repeat: 1 }, { file: 'c.tsv', column: 'smiles', repeat: 1 },
    ], folder, 1);
    expect([...smiles].sort()).toEqual(['C"C', 'CCBr', 'CCC', 'CCCl', 'CCN', 'CCO']);
    expect(counts).toEqual([{ file: 'a.smi', distinct: 2, taken: 2 }, { file: 'b.csv.gz', distinct: 2, taken: 2 }, { file: 'c.tsv', distinct: 2, taken: 2 }]);
  });

  it('gives a molecule to the first source that has it, with that source\'s repeats', () => {
    writeFileSync(path('often.smi'), 'CCO\nCCN\n');
    writeFileSync(path('once.smi'), 'CCN\nCCC\n');
    const { smiles, repeats, counts } = readSources([{ file: 'often.smi', repeat: 3 }, { file: 'once.smi', repeat: 1 }], folder, 1);
    expect(Object.fromEntries(smiles.map((one, i) => [one, repeats[i]]))).toEqual({ CCO: 3, CCN: 3, CCC: 1 });
    expect(counts.map(({ taken }) => taken)).toEqual([2, 1]);
  });

  it('takes a sample over the whole file, the same for the same seed', () => {
    const all = Array.from({ length: 1000 }, (_, i) => `${'C'.repeat(1 + Math.floor(i / 100))}N${i}`);
    writeFileSync(path('many.smi'), `${all.join('\n')}\n`);
    const sample = (seed: number): string[] => readSources([{ file: 'many.smi', limit: 200, repeat: 1 }], folder, seed).smiles;
    expect(sample(1)).toHaveLength(200);
    expect(sample(1)).toEqual(sample(1));
    expect(sample(1)).not.toEqual(sample(2));
    for (let decile = 0; decile < 10; decile++) expect(sample(1).filter((one) => one.indexOf('N') === decile + 1).length).toBeGreaterThan(5);
  });

  it('shuffles, so that any first part is a fair sample', () => {
    const { smiles } = readSources([{ file: 'many.smi', repeat: 1 }], folder, 1);
    expect(new Set(smiles.slice(0, 100).map((one) => one.indexOf('N'))).size).toBeGreaterThan(5);
  });

  it('says which file or column is missing', () => {
    expect(() => readSources([{ file: 'absent.smi', repeat: 1 }], folder, 1)).toThrow(expect.objectContaining({ code: 'FILE_NOT_FOUND', message: expect.stringContaining('--data') as string }));
    expect(() => readSources([{ file: 'b.csv.gz', column: 'SMI', repeat: 1 }], folder, 1)).toThrow(expect.objectContaining({ code: 'COLUMN_MISSING', message: expect.stringContaining('name, smiles') as string }));
    writeFileSync(path('empty.csv'), '');
    expect(() => readSources([{ file: 'empty.csv', column: 'smiles', repeat: 1 }], folder, 1)).toThrow(expect.objectContaining({ code: 'COLUMN_MISSING' }));
  });
});
