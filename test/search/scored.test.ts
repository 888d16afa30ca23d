/** The bioisostere score, its filters and reasons, over a bundle of small molecules and an untrained encoder. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModel } from '../../src/bundle/index.ts';
import { ChemPool, DESCRIPTOR_NAMES, valueOf } from '../../src/chem/index.ts';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import { buildBundle } from '../../src/ingest/index.ts';
import { SearchEngine } from '../../src/search/index.ts';
import type { SearchHit, SearchOptions } from '../../src/search/index.ts';
import { makeModel, someSmiles } from '../ingest/model.ts';
import { FINGERPRINT_BYTES, LIBRARY_REQUEST, partsOf } from '../../src/score/index.ts';
import { packed } from '../../src/score/domain.ts';
import { anyScore, writeAnyScore } from '../score/support.ts';

const QUERY = 'OC(=O)CCc1ccccc1';
const OTHERS = ['NS(=O)(=O)CCc1ccccc1', 'c1ccc(CCc2nnn[nH]2)cc1', 'OC(=O)CCc1ccsc1', 'OC(=O)CCc1ccncc1', 'OC(=O)CCC1CCCCC1', 'OC(=O)CCc1ccc(Cl)cc1', 'COC(=O)CCc1ccccc1', 'O=Cc1ccccc1', 'C[N+](C)(C)CCO', 'CCCCCCCCCC'];
let folder = '';
let chem: ChemPool;
let engine: SearchEngine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scored-'));
  chem = new ChemPool({ workers: 1 });
  const model = await makeModel(join(folder, 'model'));
  const environments = await chem.environments([QUERY, ...OTHERS.slice(0, 3)]);
  const known = Uint32Array.from(new Set(environments.flatMap((one) => [...valueOf(one)]))).sort();
  await writeAnyScore(join(folder, 'model'), {
    radius: 2, molecules: 4000, least: 5, environments: packed(known), far: 0.5, provenance: {},
    bands: [{ from: 0, molecules: 20, nearest: { lower: 0.2, median: 0.25, upper: 0.3 } }, { from: 0.6, molecules: 300, nearest: { lower: 0.5, median: 0.6, upper: 0.7 } }],
  });
  const path = join(folder, 'library.csv');
  const rows = [QUERY, ...OTHERS, ...someSmiles(180)].map((smiles, i) => `M${i},${smiles}`);
  await writeFile(path, `id,smiles\n${rows.join('\n')}\n`);
  await buildBundle({ root: folder, name: 'demo', source: { path }, model, backend: 'hnsw', chem, command: 'test', seed: 1, now: () => new Date('2026-11-20T10:00:00Z'), progress: SILENT_PROGRESS });
  engine = await SearchEngine.open(folder, 'demo', { chem, now: () => performance.now() });
}, 600_000);
afterAll(async () => {
  await engine?.close();
  await chem.close();
  await rm(folder, { recursive: true, force: true });
});

const search = (options: Partial<SearchOptions> = {}, smiles = QUERY): ReturnType<SearchEngine['search']> => engine.search({ kind: 'smiles', smiles }, { k: 10, ...options });
const ids = (hits: readonly SearchHit[]): string[] => hits.map((hit) => hit.id);

describe('score and reasons', { timeout: 120_000 }, () => {
  it('ranks by a probability whose terms add up, and says why', async () => {
    const { hits, mode, filters } = await search();
    expect({ mode, filters }).toEqual({ mode: 'default', filters: [] });
    expect(hits[0]!.id).toBe('M0');
    expect(hits.map((hit) => hit.score)).toEqual(hits.map((hit) => hit.score).toSorted((a, b) => b - a));
    for (const hit of hits) {
      const logit = hit.terms.reduce((sum, term) => sum + term.contribution, anyScore().modes.default.intercept);
      expect(1 / (1 + Math.exp(-logit))).toBeCloseTo(hit.score, 9);
      expect(Object.keys(hit.descriptors)).toEqual([...DESCRIPTOR_NAMES]);
      expect(hit.reason!.text.length).toBeGreaterThan(20);
    }
    const itself = hits[0]!.reason!;
    expect(itself).toMatchObject({ changes: [], evidence: null });
    expect(itself.kept!.atoms).toHaveLength(11);
    expect(hits.map(({ isQuery }) => isQuery)).toEqual(hits.map((_, i) => i === 0));
    expect(itself.text).toBe('The query itself (same InChIKey).');
  });

  it('names the group that changes, with the same places on both sides', async () => {
    const { hits } = await search({ k: 40 });
    const amide = hits.find((hit) => hit.id === 'M1')!;
    expect(amide.reason!.changes).toEqual([{ kind: 'group', from: '*C(=O)O', to: '*S(N)(=O)=O', text: '*C(=O)O -> *S(N)(=O)=O', names: { from: 'carboxylic acid', to: 'sulfonamide' } }]);
    const { queryAtoms, atoms } = amide.reason!.kept!;
    expect(queryAtoms).toHaveLength(8);
    expect(new Set(atoms).size).toBe(8);
    expect(amide.reason!.propertyChanges.hBondDonors).toBe(0);
    expect(amide.reason!.propertyChanges.molecularWeight).toBeCloseTo(amide.descriptors.molecularWeight - 150.177, 1);
    expect(amide.reason!.text).toMatch(/^The charge class changes: acid -> neutral\. Keeps 8 of 11 heavy atoms; changes: \*C\(=O\)O -> \*S\(N\)\(=O\)=O; same scaffold\. MW \+35/);
    expect(hits.find((hit) => hit.id === 'M8')?.alerts ?? [{ name: 'aldehyde' }]).toContainEqual(expect.objectContaining({ name: 'aldehyde' }));
  });

  it('says so where only the best candidates were looked at one by one and too few passed', async () => {
    const path = join(folder, 'many.smi');
    await writeFile(path, `${someSmiles(700).join('\n')}\n`);
    await buildBundle({ root: folder, name: 'many', source: { path }, model: await readModel(join(folder, 'model')), backend: 'hnsw', chem, command: 'test', seed: 1, now: () => new Date('2026-11-20T10:00:00Z'), progress: SILENT_PROGRESS });
    const many = await SearchEngine.open(folder, 'many', { chem, now: () => performance.now() });
    try {
      const ask = (smiles: string, options: SearchOptions): ReturnType<SearchEngine['search']> => many.search({ kind: 'smiles', smiles }, { exact: true, ...options });
      // No single change leads from a steroid to any of these.
      const few = await ask('CC12CCC3C(CCc4cc(O)ccc34)C1CCC2O', { mode: 'replace', k: 5 });
      expect(few.hits.length).toBeLessThan(5);
      expect(few.query.warnings).toContain('Only the 400 best candidates were looked at one by one, and fewer than were asked for passed.');
      const enough = await ask(someSmiles(1)[0]!, { mode: 'replace', k: 2 });
      expect(enough.hits).toHaveLength(2);
      expect(enough.query.warnings.join()).not.toContain('one by one');
    } finally {
      await many.close();
    }
    expect((await search({ mode: 'replace', k: 190 })).query.warnings.join()).not.toContain('one by one');
  });

  it('tells of a query that is far from what was learned from', async () => {
    const { query } = await search({ k: 1 });
    expect(query).toMatchObject({ warnings: [], applicability: { atoms: 11, known: 11, isFar: false, nearest: { median: 0.6 } } });
    const { query: far } = await search({ k: 1 }, 'CCCCC(F)(F)C(F)(F)CCO');
    expect(far.applicability).toMatchObject({ atoms: 13, isFar: true, nearest: { lower: 0.2, median: 0.25, upper: 0.3 } });
    expect(far.warnings).toEqual([expect.stringMatching(/^Far from what the model learned from: it knows the surroundings of only \d of 13 heavy atoms from its 4,000 molecules\. .* Tanimoto of 0\.25 /)]);
    expect((await engine.search({ kind: 'id', id: 'M0' }, { k: 1 })).query.applicability).toEqual(query.applicability);
  });

  it('hops to other scaffolds, and replaces one group', async () => {
    const hop = await search({ mode: 'hop', k: 5 });
    expect(hop.hits.length).toBeGreaterThan(2);
    for (const { sameScaffold, reason } of hop.hits) {
      expect(sameScaffold).toBe(false);
      expect(reason!.scaffoldDistance).toBeGreaterThanOrEqual(0.3);
      expect(reason!.text).toMatch(/; another scaffold, \d+ % new\./);
    }
    expect(hop.filters[0]).toMatchObject({ filter: 'different scaffold' });
    expect(ids(hop.hits)).toContain('M3');
    const replaced = await search({ mode: 'replace', k: 6, excludeSelf: true });
    expect(replaced.hits.length).toBeGreaterThan(2);
    for (const hit of replaced.hits) expect(hit.reason!.changes, hit.smiles).toHaveLength(1);
    expect(ids(replaced.hits)).toContain('M1');
  });

  it('orders by the fingerprint alone: every molecule is compared, bit by bit', async () => {
    const outside = 'O=C(O)CCCc1ccccc1F';
    const batch = await chem.featurise([outside, ...[...await engine.molecules.getAll(Array.from({ length: engine.manifest.count }, (_, row) => row))].map(({ smiles }) => smiles)], LIBRARY_REQUEST);
    const { ecfp4: all, descriptors } = partsOf(batch);
    const weightOf = (row: number): number => descriptors[(row + 1) * DESCRIPTOR_NAMES.length + DESCRIPTOR_NAMES.indexOf('molecularWeight')]!;
    const bits = (row: number): boolean[] => Array.from(all.subarray(row * FINGERPRINT_BYTES, (row + 1) * FINGERPRINT_BYTES)).flatMap((byte) => Array.from({ length: 8 }, (_, bit) => (byte >> bit & 1) === 1));
    const own = bits(0);
    const similarities = Array.from({ length: engine.manifest.count }, (_, row) => {
      const other = bits(row + 1);
      return own.filter((one, bit) => one && other[bit]).length / own.filter((one, bit) => one || other[bit]).length;
    });
    const { mode, hits } = await search({ mode: 'tanimoto', k: 30 }, outside);
    expect(mode).toBe('tanimoto');
    expect(hits.map(({ score }) => score)).toEqual(similarities.toSorted((a, b) => b - a).slice(0, 30));
    for (const hit of hits) expect(hit).toMatchObject({ tanimoto: hit.score, terms: [] });
    const least = hits[9]!.score;
    const { hits: alike } = await search({ mode: 'tanimoto', k: 1000, minScore: least, properties: ['mw<=400'] }, outside);
    expect(alike.length).toBe(similarities.filter((one, row) => one >= least && weightOf(row) <= 400).length);
    expect((await search({ mode: 'tanimoto', k: 1 })).hits[0]).toMatchObject({ isQuery: true, score: 1 });
  });

  it('gives a molecule of the library the same answer as its SMILES', async () => {
    const [byId, bySmiles] = [await engine.search({ kind: 'id', id: 'M0' }, { k: 10 }), await search()];
    expect(ids(byId.hits)).toEqual(ids(bySmiles.hits));
    byId.hits.forEach((hit, i) => expect(hit.score).toBeCloseTo(bySmiles.hits[i]!.score, 6));
  });

  it('answers salts, macrocycles and charged molecules; ranks a picture by its embedding', async () => {
    for (const smiles of ['[Na+].[O-]C(=O)CCc1ccccc1', 'O=C1CCCCCCCCCCCCCCN1', 'C[N+](C)(C)CCO', `NCC(=O)${'NCC(=O)'.repeat(58)}NCC(=O)O`]) expect((await search({ k: 3 }, smiles)).hits).toHaveLength(3);
    await expect(search({}, 'O=[Si]=O')).rejects.toMatchObject({ code: 'MOLECULE_UNSUPPORTED' });
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="150"><rect width="200" height="150" fill="white"/><path d="M30 100L80 50L130 100L170 60" stroke="black" stroke-width="3" fill="none"/></svg>';
    const picture = { kind: 'image', bytes: await sharp(Buffer.from(svg)).png().toBuffer() } as const;
    const { mode, hits } = await engine.search(picture, { k: 3, properties: ['mw<=250'] });
    expect(mode).toBe('similarity');
    for (const hit of hits) expect(hit).toMatchObject({ terms: [], reason: null });
    for (const wanted of ['hop', 'default'] as const) await expect(engine.search(picture, { k: 3, mode: wanted })).rejects.toMatchObject({ code: 'MODALITY_UNSUPPORTED' });
    for (const options of [{ maxTanimoto: 0.5 }, { properties: ['mw~50'] }, { scaffoldDistance: 0.3 }] as const) await expect(engine.search(picture, { k: 3, ...options })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  });
});

describe('filters', { timeout: 120_000 }, () => {
  it('keeps windows, absolute and relative to the query', async () => {
    const { hits, filters } = await search({ properties: ['mw<=200', 'tpsa=30..60', 'logp~1'], k: 20 });
    expect(hits.length).toBeGreaterThan(0);
    expect(filters.map(({ filter }) => filter)).toEqual(['mw<=200', 'tpsa=30..60', 'logp~1']);
    expect(filters.map(({ remaining }) => remaining)).toEqual(filters.map(({ remaining }) => remaining).toSorted((a, b) => b - a));
    const own = (await search({ k: 1 })).hits[0]!.descriptors;
    for (const { descriptors } of hits) {
      expect(descriptors.molecularWeight).toBeLessThanOrEqual(200);
      expect(descriptors.tpsa).toBeGreaterThanOrEqual(30);
      expect(descriptors.tpsa).toBeLessThanOrEqual(60);
      expect(Math.abs(descriptors.logP - own.logP)).toBeLessThanOrEqual(1.0001);
    }
    expect((await search({ properties: ['rings<1'], k: 5 })).hits.every((hit) => hit.descriptors.rings === 0)).toBe(true);
    for (const wrong of ['mw', 'mass<3', 'mw<=', 'mw<=1..2', 'mw<=x']) await expect(search({ properties: [wrong] })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  });

  it('keeps and leaves out substructures, of the parent, and refuses what cannot be read', async () => {
    const { hits } = await search({ require: ['[CX3](=O)[OX2H1]', 'c1ccccc1'], k: 20 });
    expect(ids(hits).toSorted()).toEqual(['M0', 'M6']);
    const without = await search({ forbid: ['C(=O)O'], k: 30 });
    expect(without.hits).toHaveLength(30);
    for (const hit of without.hits) expect(hit.smiles).not.toMatch(/C\(=O\)O|O=C\(O/);
    for (const bad of ['c1ccccc', '', '[#6', 'C>>N', `[${'$('.repeat(20)}C${')'.repeat(20)}]`, 'C'.repeat(600)]) await expect(search({ require: [bad] }), bad).rejects.toMatchObject({ code: 'SMARTS_INVALID' });
  });

  it('holds scaffolds, Tanimoto, alerts and lists', async () => {
    const one = await search({ onePerScaffold: true, k: 8 });
    const scaffolds = await chem.featurise(one.hits.map((hit) => hit.smiles), { scaffold: true });
    const named = scaffolds.scaffolds!.filter((scaffold) => scaffold !== '');
    expect(new Set(named).size).toBe(named.length);
    for (const hit of (await search({ maxTanimoto: 0.4 })).hits) expect(hit.tanimoto).toBeLessThanOrEqual(0.4);
    for (const hit of (await search({ noAlerts: true, k: 50 })).hits) expect(hit.alerts).toEqual([]);
    // Another atom in the ring is another Murcko scaffold of the same shape.
    const pyridine = 'OC(=O)CCc1ccncc1';
    const near = (await search({ mode: 'hop', scaffoldDistance: 0, k: 1000 }, pyridine)).hits;
    const benzene = near.find(({ id }) => id === 'M0')!;
    expect(benzene.reason).toMatchObject({ scaffoldDistance: 0 });
    expect(benzene.reason!.text).toMatch(/another scaffold of the same shape/);
    expect(ids((await search({ mode: 'hop', k: 1000 }, pyridine)).hits)).toEqual(ids(near.filter(({ reason }) => reason!.scaffoldDistance! >= 0.3)));
    for (const { reason } of (await search({ scaffoldDistance: 0.6, k: 30 })).hits) expect(reason!.scaffoldDistance).toBeGreaterThanOrEqual(0.6);
    const all = ids((await search({ k: 6 })).hits);
    const less = ids((await search({ k: 6, exclude: [all[1]!, 'OC(=O)CCc1ccsc1.Cl', 'XLYOFNOQVPJJNP-UHFFFAOYSA-N', 'not a molecule('] })).hits);
    expect(less).not.toContain(all[1]);
    expect(less).not.toContain('M3');
    expect(less).toHaveLength(6);
  });

  it('spreads out with diversity', async () => {
    const meanTanimoto = async (diversity: number): Promise<number> => {
      const { hits } = await search({ diversity, k: 10 });
      expect(hits).toHaveLength(10);
      expect(hits[0]!.id).toBe('M0');
      const batch = await chem.featurise(hits.map((hit) => hit.smiles), { bits: { ecfp4: { kind: 'morgan', bits: 2048, radius: 2 } } });
      const rows = hits.map((_, i) => batch.bits['ecfp4']!.data.subarray(i * 256, (i + 1) * 256));
      let [sum, pairs] = [0, 0];
      rows.forEach((a, i) => rows.slice(i + 1).forEach((b) => {
        const [both, either] = [a.reduce((n, byte, w) => n + ones(byte & b[w]!), 0), a.reduce((n, byte, w) => n + ones(byte | b[w]!), 0)];
        sum += both / either;
        pairs++;
      }));
      return sum / pairs;
    };
    expect(await meanTanimoto(0.7)).toBeLessThan(await meanTanimoto(0) - 0.05);
  });

  it('says which filter left nothing', async () => {
    const { hits, filters, query } = await search({ properties: ['mw<=300', 'mw>=400', 'logp<=5'] });
    expect(hits).toEqual([]);
    expect(filters[1]).toEqual({ filter: 'mw>=400', remaining: 0 });
    expect(query.warnings.join()).toContain(`No molecule passes the filter "mw>=400"; ${filters[0]!.remaining} were left before it.`);
    expect((await search({ require: ['[Pt]'] })).query.warnings.join()).toContain('with [Pt]');
  });
});

function ones(byte: number): number {
  return byte.toString(2).replaceAll('0', '').length;
}
