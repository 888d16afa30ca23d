import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import { METHODS, drawingsTable, evaluateDrawings, evaluateHops, evaluateScreening, hopsTable, screeningTable } from '../../src/evaluate/index.ts';
import type { EmbedImages, EmbedMolecules } from '../../src/evaluate/index.ts';
import { anyScore } from '../score/support.ts';
import { countEmbedding, countEncoder, scratch } from './support.ts';

const file = scratch();
let chem: ChemPool;
let embed: EmbedMolecules;
beforeAll(async () => {
  chem = new ChemPool({ workers: 1 });
  embed = await countEmbedding();
});
afterAll(() => chem.close());

const services = () => ({ chem, encoder: countEncoder(), score: { model: anyScore(), mode: 'default' as const }, progress: SILENT_PROGRESS });

describe('drawings', () => {
  /** An "image" is a SMILES in bytes: what matters here is the protocol. */
  const embedImages: EmbedImages = (files) => embed(files.map((bytes) => new TextDecoder().decode(bytes)));

  function labels(rows: readonly (readonly [content: string, smiles: string, set: string])[], name = 'labels.tsv'): string {
    rows.forEach(([content], i) => file(`${name}-${i}.png`, content));
    return file(name, `\uFEFFfile\tsmiles\tset\r\n${rows.map(([, smiles, set], i) => `${name}-${i}.png\t${smiles}\t${set}`).join('\r\n')}\r\n`);
  }

  it('joins the pool with the labels and counts skeletons once', async () => {
    const path = labels([
      ['CCOc1ccccc1', 'CCOc1ccccc1', 'clean'],
      // A salt is drawn: its parent is the hit, and it stands in the pool already.
      ['NCCc1ccc(O)cc1', 'NCCc1ccc(O)cc1.Cl', 'clean'],
      // Stereoisomers share a skeleton.
      ['C[C@H](N)C(=O)O', 'C[C@@H](N)C(=O)O', 'scan'],
      // Another molecule is seen in this picture than is labelled.
      ['CCOc1ccccc1', 'CCSc1ccccc1', 'scan'],
      ['not an image', 'CCCCCC', 'scan'],
      ['CCCC', 'broken(', 'scan'],
    ]);
    const pool = file('pool.smi.gz', 'CCOc1ccccc1 a\nNCCc1ccc(O)cc1 b\nCC(N)C(=O)O c\nbad( d\nCCCN e\n');
    const seen: [string, number | null][] = [];
    const result = await evaluateDrawings({ ...services(), embedMolecules: embed, embedImages, labels: path, pool, onRank: (name, _set, rank) => seen.push([name, rank]) });
    // Ether, amine, alanine, CCCN, thioether, hexane.
    expect(result.pool).toBe(6);
    expect(result.sets['clean']).toMatchObject({ n: 2, r1: 1, r10: 1, mrr: 1 });
    // What cannot be found counts as missed: nobody gains by failing.
    expect(result.sets['scan']!.n).toBe(4);
    expect(result.sets['scan']!.r1).toBeCloseTo(1 / 4, 12);
    expect(result.all.n).toBe(6);
    expect(result).toMatchObject({ unreadableImages: 1, unusableLabels: 1 });
    expect(seen[4]![1]).toBeNull();
    expect(result.all.r1Interval[0]).toBeLessThan(result.all.r1);
    expect(drawingsTable(result)).toHaveLength(4);
  });

  it('takes an even sample of each set', async () => {
    const path = labels(['C', 'CC', 'CCC', 'CCCC', 'CCCCC', 'CCCCCC'].map((smiles) => [smiles, smiles, 'one'] as const), 'many.tsv');
    const result = await evaluateDrawings({ ...services(), embedMolecules: embed, embedImages, labels: path, pool: file('pool.csv', 'smiles,id\nCCO,x\n'), perSet: 3 });
    expect(result.all.n).toBe(3);
    expect(result.pool).toBe(4);
  });

  it('works where the embedding does not standardise', async () => {
    const bare: EmbedMolecules = async (smiles) => ({ ...(await embed(smiles)), molecules: undefined });
    const path = labels([['CCO', 'CCO', 'one']], 'bare.tsv');
    expect((await evaluateDrawings({ ...services(), embedMolecules: bare, embedImages, labels: path, pool: file('bare.smi', 'OCC\nCCN\n') })).pool).toBe(2);
  });

  it('refuses labels without their columns and images that are not there', async () => {
    const pool = file('p.smi', 'CCO\n');
    await expect(evaluateDrawings({ ...services(), embedMolecules: embed, embedImages, labels: file('l1.tsv', 'a\tb\nx\ty\n'), pool })).rejects.toMatchObject({ code: 'COLUMN_MISSING' });
    await expect(evaluateDrawings({ ...services(), embedMolecules: embed, embedImages, labels: file('l2.tsv', 'file\tsmiles\tset\nnowhere.png\tCCO\ts\n'), pool })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});

describe('screening', () => {
  const actives = ['c1ccccc1CCN', 'c1ccccc1CCNC', 'c1ccccc1CCCN', 'Cc1ccccc1CCN', 'broken('].map((smiles, i) => [`T_A_${i}`, smiles]);
  const decoys = ['CCCCCCCC', 'OC(=O)CCC(=O)O', 'C1CCOC1', 'ClC(Cl)Cl', 'CC(=O)OC', 'N#CC#N', 'CSC', 'OCC(O)CO'].map((smiles, i) => [`T_D_${i}`, smiles]);
  const data = { protocol: 'any', targets: { T: { actives, decoys: 'T', repeats: [{ queries: [0, 1], excludedDecoys: [7] }, { queries: [2], excludedDecoys: [] }] } }, decoys: { T: decoys } };

  it.each(METHODS.map(({ id }) => id))('%s', async (method) => {
    const result = await evaluateScreening({ ...services(), data: file('screen.json.gz', JSON.stringify(data)), method });
    const { auc, ef1, ef5, bedroc20, unreadable } = result.targets['T']!;
    // The unreadable active comes last: of 3 (4) actives all others lead.
    expect(auc).toBeCloseTo((2 / 3 + 3 / 4) / 2, 12);
    expect(ef1).toBeCloseTo((10 / 3 + 12 / 4) / 2, 12);
    expect(ef5).toBe(ef1);
    expect(bedroc20).toBeGreaterThan(0.9);
    expect(unreadable).toBe(1);
    expect(result.mean.auc).toBe(auc);
    expect(screeningTable(result)).toHaveLength(5);
  });

  it('puts equal scores in the descending order of identifiers', async () => {
    const same = { targets: { T: { actives: [['b', 'CCO'], ['q', 'CCN']], decoys: 'D', repeats: [{ queries: [1] }] } }, decoys: { D: [['a', 'CCO'], ['c', 'CCO'], ['d', 'CCO']] } };
    // Order: d, c, b (the active), a.
    expect((await evaluateScreening({ ...services(), data: file('ties.json', JSON.stringify(same)), method: 'ecfp4' })).mean.auc).toBeCloseTo(1 / 3, 12);
  });

  it('refuses other formats and methods, and an embedding without a bundle', async () => {
    const good = file('good.json', JSON.stringify(data));
    const { encoder: _, score: __, ...bare } = services();
    await expect(evaluateScreening({ ...bare, data: good, method: 'embedding' })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    await expect(evaluateScreening({ ...bare, data: good, method: 'magic' })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    await expect(evaluateScreening({ ...bare, data: file('wrong.json', '{"targets":{}}'), method: 'ecfp4' })).rejects.toMatchObject({ code: 'DATASET_INVALID' });
    await expect(evaluateScreening({ ...bare, data: file('text.json', 'hello'), method: 'ecfp4' })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    await expect(evaluateScreening({ ...bare, data: 'nowhere.json', method: 'ecfp4' })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});

describe('hops', () => {
  const cases = [
    // Charge must not give the target away: neutralised, it equals a decoy and shares its rank.
    { query: 'CC[NH3+]', target: 'CCC[NH3+]', decoys: ['CCCN', 'OCCO', 'c1ccccc1'] },
    { query: 'c1ccccc1O', target: 'Cc1ccccc1O', decoys: ['CCCC', 'CCCN', 'CC(C)=O'] },
    { query: 'c1ccccc1O', target: 'broken(', decoys: ['CCCC', 'CCCN', 'Oc1ccccc1'] },
  ];

  it.each(METHODS.map(({ id }) => id))('%s', async (method) => {
    const result = await evaluateHops({ ...services(), data: file('hops.json.gz', JSON.stringify({ cases })), method });
    expect(result.n).toBe(3);
    // Ranks: 1.5 (tie with CCCN), 1, and last among those of similarity above nothing.
    expect(result.top1).toBeCloseTo(1 / 3, 12);
    expect(result.top5).toBe(1);
    expect(result.unreadable).toBe(1);
    expect(result.meanRank).toBeGreaterThan(1);
    expect(result.auc).toBeLessThan(1);
    expect(hopsTable(result)).toHaveLength(7);
  });
});

const DUD = join(process.env['ISOLENS_DATA'] ?? 'data', 'screening', 'dud.json.gz');

// Five minutes of chemistry; ask for it with ISOLENS_SLOW=1.
describe.skipIf(!existsSync(DUD) || process.env['ISOLENS_SLOW'] !== '1')('known means on DUD', () => {
  it.each([['ecfp4', 0.835, 35.8, 0.719], ['atompair', 0.803, 33.7, 0.658]] as const)('%s', { timeout: 900_000 }, async (method, auc, ef1, early) => {
    const { mean } = await evaluateScreening({ chem, progress: SILENT_PROGRESS, data: DUD, method });
    expect(mean.auc).toBeCloseTo(auc, 3);
    expect(mean.ef1).toBeCloseTo(ef1, 1);
    expect(mean.bedroc20).toBeCloseTo(early, 3);
  });
});
