import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS, createRng } from '../../src/core/index.ts';
import { averagePrecision, bootstrapInterval, evaluateCliffs, evaluateFewShot, evaluateHops, fewShotTable, mineHops, mineScreening, evaluateScreening, readAssays } from '../../src/evaluate/index.ts';
import { trainedKeys } from '../../src/train/index.ts';
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
    const result = await evaluateFewShot({ ...services(), data, methods: ['embedding'], reference: 'ecfp4', support: 8, split: 'molecule', seeds: 3 });
    expect(result).toMatchObject({ skipped: 1, unreadable: 1, method: 'embedding', reference: 'ecfp4' });
    expect(Object.keys(result.assays)).toEqual(['A', 'B']);
    // Half are active: a perfect ranking gains .5.
    expect(result.deltaAuprc).toBeGreaterThan(0.4);
    expect(result.gain).toBeCloseTo(result.deltaAuprc - result.referenceDeltaAuprc, 12);
    expect(fewShotTable(result)[1]![0]).toBe('embedding');
    const itself = await evaluateFewShot({ ...services(), data, methods: ['ecfp4'], reference: 'ecfp4', support: 8, split: 'molecule', seeds: 3 });
    expect(itself.gain).toBe(0);
    expect(itself.referenceDeltaAuprc).toBe(result.referenceDeltaAuprc);
  });

  it('puts the features of several methods side by side, each at unit length', async () => {
    const data = file('both.csv', `assay,smiles,active\n${assay('A', 30)}`);
    const shared = { ...services(), data, reference: 'ecfp4', support: 8, split: 'molecule', seeds: 3 } as const;
    const [alone, twice, both] = [await evaluateFewShot({ ...shared, methods: ['embedding'] }), await evaluateFewShot({ ...shared, methods: ['embedding', 'embedding'] }), await evaluateFewShot({ ...shared, methods: ['embedding', 'ecfp4'] })];
    // The embedding is of unit length: twice the same changes nothing but the scale, which the penalty follows.
    expect(twice.deltaAuprc).toBeCloseTo(alone.deltaAuprc, 6);
    expect(both).toMatchObject({ method: 'embedding + ecfp4' });
    expect(both.deltaAuprc).toBeGreaterThan(0.4);
  });

  it('splits by scaffold: what is ranked has none of an example; an assay of one scaffold is passed over', async () => {
    // In each series chlorine makes an active; the last assay has one scaffold alone.
    const rings = ['c1ccccc1', 'c1ccncc1', 'c1ccsc1', 'C1CCNCC1', 'c1ccoc1', 'C1CCOCC1', 'C1CCCC1', 'c1cncnc1'];
    const rows = rings.flatMap((ring) => ['C', 'CC', 'CCC', 'CCCC'].flatMap((tail) => [`A,${ring}${tail}Cl,1`, `A,${ring}${tail}N,0`]));
    const single = ['C', 'CC', 'CCC', 'CCCC', 'CCCCC', 'CCCCCC', 'CCCCCCC'].flatMap((tail) => [`B,c1ccccc1${tail}Cl,1`, `B,c1ccccc1${tail}N,0`]);
    const data = file('scaffolds.csv', ['assay,smiles,active', ...rows, ...single].join('\n'));
    const shared = { ...services(), data, methods: ['ecfp4'], reference: 'ecfp4', support: 4, seeds: 3 } as const;
    const result = await evaluateFewShot({ ...shared, split: 'scaffold' });
    expect(result).toMatchObject({ split: 'scaffold', skipped: 1 });
    expect(Object.keys(result.assays)).toEqual(['A']);
    expect(Object.keys((await evaluateFewShot({ ...shared, split: 'molecule' })).assays)).toEqual(['A', 'B']);
    expect(fewShotTable(result)[0]![0]).toContain('split by scaffold');
  });

  it('refuses tables without their columns and with other values', async () => {
    const options = { methods: ['ecfp4'], reference: 'ecfp4', support: 8, split: 'molecule', seeds: 1 } as const;
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
    const [chloride] = await chem.standardise([rows[0][0]]);
    const run = join(folder, 'data');
    mkdirSync(run);
    writeFileSync(join(run, 'train-0001.json'), JSON.stringify({ keys: chloride!.ok ? [chloride!.value.inchiKey] : [] }));
    const trained = trainedKeys(run);
    await expect(evaluateCliffs({ ...services(), data: folder, method: 'ecfp4', neighbours: 2, isTrainedOn: (key) => trained.has(key) })).resolves.toMatchObject({ sets: {}, pairs: 0 });
    await expect(evaluateCliffs({ ...services(), data: folder, method: 'ecfp4', neighbours: 2, isTrainedOn: () => false })).resolves.toMatchObject({ pairs: 1 });
    expect(() => trainedKeys(folder)).toThrow(/Expected the data folder of a run/);
    expect(() => trainedKeys(join(folder, 'nowhere'))).toThrow(expect.objectContaining({ code: 'FILE_NOT_FOUND' }) as Error);
    await expect(evaluateCliffs({ ...services(), data: join(folder, 'nowhere'), method: 'ecfp4', neighbours: 2 })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});

describe('mined hops', () => {
  it('pairs actives that look different, among matched decoys, the same for the same seed', async () => {
    const actives = ['OC(=O)CCc1ccccc1', 'NCCC1CCCCC1', 'O=C1CCCN1CC', 'CCCCCC', 'Clc1cccnc1'];
    const data = file('hops.csv', `assay,smiles,active\n${actives.map((smiles) => `A,${smiles},1.0\n`).join('')}A,c1ccsc1,0.0\n`);
    const pool = file('pool.smi', Array.from({ length: 40 }, (_, i) => `${'C'.repeat(1 + (i % 8))}${['N', 'O', 'C(=O)O', 'c1ccccc1', 'c1ccncc1'][i % 5]!} p${i}`).join('\n'));
    const output = join(folder, 'hops.json.gz');
    const options = { chem, progress: SILENT_PROGRESS, assays: await readAssays(data), pool, output, casesPerAssay: 4, decoys: 5, poolSize: 100, maxTanimoto: 0.25, seed: 2 };
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

  it('a screening protocol holds the actives of each target and decoys with their properties', async () => {
    const rings = ['c1ccccc1', 'c1ccncc1', 'c1ccsc1', 'C1CCNCC1', 'c1ccoc1', 'C1CCOCC1'];
    const actives = (tail: string): string[] => rings.map((ring) => `${ring}${tail}`);
    const lines = [...actives('CC(=O)O').map((smiles) => `acids,${smiles},1`), ...actives('CCN').map((smiles) => `amines,${smiles},1`), 'amines,CCO,0', 'small,CCCC,1', 'small,not a molecule,1'];
    const assays = await readAssays(file('targets.csv', `assay,smiles,active\n${lines.join('\n')}\n`));
    const pool = file('decoys.smi', [...Array.from({ length: 60 }, (_, i) => `${'C'.repeat(1 + (i % 6))}${['O', 'C(=O)OC', 'c1ccccc1', 'c1cnccn1', 'Cl'][i % 5]!}${'C'.repeat(Math.floor(i / 30))} p${i}`), 'c1ccccc1CC(=O)O active'].join('\n'));
    const output = join(folder, 'screening.json');
    const options = { assays, chem, progress: SILENT_PROGRESS, pool, output, targets: 10, actives: 5, queries: 2, decoys: 12, repeats: 3, poolSize: 100, seed: 4 };
    expect(await mineScreening(options)).toMatchObject({ targets: 2, tooFew: 1, actives: 10 });
    const made = readFileSync(output);
    const { targets, decoys } = JSON.parse(made.toString()) as { targets: Record<string, { actives: [string, string][]; repeats: { queries: number[] }[] }>; decoys: Record<string, [string, string][]> };
    for (const [id, target] of Object.entries(targets)) {
      expect(new Set(target.actives.map(([, smiles]) => smiles)).size).toBe(5);
      for (const { queries } of target.repeats) expect(new Set(queries).size).toBe(2);
      const known = new Set(target.actives.map(([, smiles]) => smiles));
      expect(decoys[id]!.filter(([, smiles]) => known.has(smiles))).toEqual([]);
      expect(new Set(decoys[id]!.map(([, smiles]) => smiles)).size).toBe(12);
    }
    const { targets: scores } = await evaluateScreening({ ...services(), data: output, method: 'ecfp4' });
    expect(scores['amines']).toMatchObject({ actives: 5, decoys: 12, unreadable: 0 });
    await mineScreening(options);
    expect(readFileSync(output).equals(made)).toBe(true);
    // Without a library, the actives of each target are the other's decoys.
    await mineScreening({ ...options, pool: undefined, decoys: 4 });
    const other = JSON.parse(readFileSync(output, 'utf8')) as { decoys: Record<string, [string, string][]> };
    expect(other.decoys['acids']!.every(([, smiles]) => smiles.includes('N'))).toBe(true);
    await expect(mineScreening({ ...options, decoys: 1000 })).rejects.toMatchObject({ code: 'DATASET_INVALID', message: expect.stringContaining('larger library') as string });
    await expect(mineScreening({ ...options, queries: 6 })).rejects.toMatchObject({ code: 'DATASET_INVALID', message: expect.stringContaining('12 actives') as string });
  });
});
