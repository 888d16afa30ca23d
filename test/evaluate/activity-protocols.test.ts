import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS, createRng } from '../../src/core/index.ts';
import { averagePrecision, bootstrapInterval, evaluateCliffs, evaluateFewShot, evaluateHops, fewShotTable, mineHops } from '../../src/evaluate/index.ts';
import { countEncoder, scratch } from './support.ts';

const file = scratch();
const folder = mkdtempSync(join(tmpdir(), 'cliffs-'));
let chem: ChemPool;
beforeAll(() => {
  chem = new ChemPool({ workers: 1 });
});
afterAll(async () => {
  await chem.close();
  rmSync(folder, { recursive: true, force: true });
});
const services = () => ({ chem, encoder: countEncoder(), progress: SILENT_PROGRESS });

describe('numbers', () => {
  it('averages precision as scikit-learn does', () => {
    expect(averagePrecision([1, 0, 1, 0])).toBeCloseTo((1 + 2 / 3) / 2, 12);
    expect(averagePrecision([0, 0])).toBe(0);
  });

  it('draws whole groups: copies of a case do not narrow the interval', () => {
    const once = bootstrapInterval([[0], [1], [0], [1], [1], [0]], createRng(1));
    const copied = bootstrapInterval([[0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 1, 1], [0, 0, 0, 0]], createRng(1));
    expect(copied).toEqual(once);
    expect(once[0]).toBeLessThan(0.5);
    expect(once[1]).toBeGreaterThan(0.5);
  });
});

/** Actives are acids, inactives amines, of chains and rings that tell nothing. */
function assay(id: string, size: number): string {
  const tail = (i: number): string => 'C'.repeat(2 + (i % 7)) + ['', 'O', 'S'][i % 3]! + (i % 2 === 0 ? 'c1ccccc1' : 'C1CCCCC1') + 'C'.repeat(Math.floor(i / 14));
  return Array.from({ length: size }, (_, i) => `${id},OC(=O)${tail(i)},1.0\n${id},NC${tail(i)},0.0\n`).join('');
}

describe('few-shot probe', () => {
  it('learns a functional group from a few examples, on the same splits as its reference', async () => {
    const data = file('assays.csv.gz', `assay,smiles,active\n${assay('A', 30)}${assay('B', 30)}small,CCO,1.0\nsmall,broken(,0.0\n`);
    const result = await evaluateFewShot({ ...services(), data, method: 'embedding', reference: 'ecfp4', support: 8, seeds: 3 });
    expect(result).toMatchObject({ skipped: 1, unreadable: 1, method: 'embedding', reference: 'ecfp4' });
    expect(Object.keys(result.assays)).toEqual(['A', 'B']);
    // Half are active: a perfect ranking gains .5.
    expect(result.deltaAuprc).toBeGreaterThan(0.4);
    expect(result.gain).toBeCloseTo(result.deltaAuprc - result.referenceDeltaAuprc, 12);
    expect(fewShotTable(result)[1]![0]).toBe('embedding');
    const itself = await evaluateFewShot({ ...services(), data, method: 'ecfp4', reference: 'ecfp4', support: 8, seeds: 3 });
    expect(itself.gain).toBe(0);
    expect(itself.referenceDeltaAuprc).toBe(result.referenceDeltaAuprc);
  });

  it('refuses tables without their columns and with other values', async () => {
    const options = { method: 'ecfp4', reference: 'ecfp4', support: 8, seeds: 1 };
    await expect(evaluateFewShot({ ...services(), ...options, data: file('a.csv', 'x,y\n1,2\n') })).rejects.toMatchObject({ code: 'COLUMN_MISSING' });
    await expect(evaluateFewShot({ ...services(), ...options, data: file('b.csv', 'assay,smiles,active\nA,CCO,maybe\n') })).rejects.toMatchObject({ code: 'DATASET_INVALID' });
  });
});

describe('activity cliffs', () => {
  it('orders a pair by its neighbours, without the pair', async () => {
    // The chlorides are potent, the ethers are not; the pair differs in exactly that, and its neighbours tell.
    const rows = [
      ['Clc1ccc(CCCCNC(=O)c2ccccc2)cc1', 9, 1, 'test'], ['COc1ccc(CCCCNC(=O)c2ccccc2)cc1', 6, 1, 'train'],
      ['Clc1ccc(CCCNC(=O)c2ccccc2)cc1', 8.9, 0, 'train'], ['COc1ccc(CCCNC(=O)c2ccccc2)cc1', 6.1, 0, 'train'],
      ['CCCCCCCC', 5, 0, 'train'],
    ] as const;
    writeFileSync(join(folder, 'one.csv'), `smiles,y,cliff_mol,split\n${rows.map((row) => row.join(',')).join('\n')}\n`);
    const result = await evaluateCliffs({ ...services(), data: folder, method: 'ecfp4', neighbours: 2 });
    expect(result.sets['one']).toMatchObject({ pairs: 1, nearest: 1 });
    expect(result.pairs).toBe(1);
    await expect(evaluateCliffs({ ...services(), data: join(folder, 'nowhere'), method: 'ecfp4', neighbours: 2 })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});

describe('mined hops', () => {
  it('pairs actives that look different, among matched decoys, the same for the same seed', async () => {
    const actives = ['OC(=O)CCc1ccccc1', 'NCCC1CCCCC1', 'O=C1CCCN1CC', 'CCCCCC', 'Clc1cccnc1'];
    const data = file('hops.csv', `assay,smiles,active\n${actives.map((smiles) => `A,${smiles},1.0\n`).join('')}A,c1ccsc1,0.0\n`);
    const pool = file('pool.smi', Array.from({ length: 40 }, (_, i) => `${'C'.repeat(1 + (i % 8))}${['N', 'O', 'C(=O)O', 'c1ccccc1', 'c1ccncc1'][i % 5]!} p${i}`).join('\n'));
    const output = join(folder, 'hops.json.gz');
    const options = { chem, progress: SILENT_PROGRESS, data, pool, output, casesPerAssay: 4, decoys: 5, poolSize: 100, maxTanimoto: 0.25, seed: 2 };
    const result = await mineHops(options);
    // Four actives with a ring: six pairs at most; the chain has no scaffold to hop from.
    expect(result.pairs).toBeLessThanOrEqual(6);
    expect(result).toMatchObject({ cases: 4, assays: 1 });
    const made = readFileSync(output);
    const { cases } = JSON.parse(gunzipSync(made).toString()) as { cases: { query: string; target: string; decoys: string[]; group: string }[] };
    for (const one of cases) {
      expect(one.group).toBe('A');
      expect(one.decoys).toHaveLength(5);
      expect([one.query, one.target]).not.toContain('CCCCCC');
      expect(one.decoys).not.toContain(one.target);
    }
    await mineHops(options);
    expect(readFileSync(output).equals(made)).toBe(true);
    expect(await evaluateHops({ ...services(), data: output, method: 'torsion' })).toMatchObject({ n: 4, unreadable: 0 });
    await expect(mineHops({ ...options, maxTanimoto: 0 })).rejects.toMatchObject({ code: 'DATASET_INVALID' });
  });
});
