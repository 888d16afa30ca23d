import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS, createRng, l2Normalise, matrixOf } from '../../src/core/index.ts';
import { PROFILE_REQUEST, ProfilesBuilder, Scorer, TERMS, calibrate, fitLogistic, isCalibrationAssay, probabilityOf, profileOf, queryOf, rawTerms, readScore, surpriseOf } from '../../src/score/index.ts';
import type { EvidenceFit, EvidenceSource, ProfileQuery } from '../../src/score/index.ts';
import { countEncoder } from '../evaluate/support.ts';
import { anyScore } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'score-'));
let chem: ChemPool;
beforeAll(() => {
  chem = new ChemPool({ workers: 1 });
});
afterAll(async () => {
  await chem.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('fit', () => {
  const rng = createRng(4);
  const truth = [1.5, -1, 0];
  const examples = Array.from({ length: 4000 }, () => {
    const values = Float64Array.from(truth, () => rng.normal());
    const logit = -0.5 + values.reduce((sum, x, t) => sum + truth[t]! * x, 0);
    return { values, label: rng.next() < probabilityOf(logit) ? 1 as const : 0 as const, weight: 1 };
  });

  it('finds the weights that made the labels', () => {
    const { intercept, weights } = fitLogistic(examples, [1, -1, 1], 0.001);
    expect(Math.abs(intercept + 0.5)).toBeLessThan(0.15);
    truth.forEach((weight, t) => expect(Math.abs(weights[t]! - weight)).toBeLessThan(0.15));
  });

  it('keeps a weight from taking the wrong sign', () => {
    const { weights } = fitLogistic(examples, [-1, 1, 1], 0.001);
    expect(weights[0]).toBeCloseTo(0, 10);
    expect(weights[1]).toBeCloseTo(0, 10);
  });

  it('ends where all examples are decided', () => {
    const parted = [-2, -1, 1, 2].map((x) => ({ values: Float64Array.of(x), label: x > 0 ? 1 as const : 0 as const, weight: 1 }));
    const { weights } = fitLogistic(parted, [1], 0.1);
    expect(weights[0]).toBeGreaterThan(0.5);
    expect(Number.isFinite(weights[0])).toBe(true);
  });
});

describe('score', () => {
  const smiles = ['OC(=O)CCc1ccccc1', 'OC(=O)CCc1ccsc1', 'CCCCCCCC', 'OC(=O)CCc1ccccc1'];

  async function builder(): Promise<ProfilesBuilder> {
    const { request, encode, dimension } = countEncoder(64);
    const batch = await chem.featurise(smiles, { ...request, ...PROFILE_REQUEST });
    const made = new ProfilesBuilder(l2Normalise(matrixOf(await encode(batch), dimension)));
    smiles.forEach((_, row) => made.set(row, profileOf(batch, row)));
    return made;
  }

  it('sees likeness in every term, and a query as any row', async () => {
    const { profiles: made } = await builder();
    const rawOf = (query: ProfileQuery, row: number): number[] => Array.from(rawTerms(made, query, row, 0, new Float64Array(TERMS.length)));
    const raw = (a: number, b: number): number[] => rawOf(made.at(a), b);
    const same = raw(0, 3);
    TERMS.forEach(({ kind }, t) => { if (kind === 'likeness') expect(same[t]).toBeCloseTo(1, 6); });
    expect(same[6]).toBe(0);
    const hop = raw(0, 1);
    expect(hop[6]).toBe(1);
    expect(hop[4]).toBeGreaterThan(0.9);
    expect(hop[1]).toBeLessThan(0.6);
    expect(raw(1, 0)).toEqual(hop);
    const batch = await chem.featurise([smiles[0]!], { ...countEncoder(64).request, ...PROFILE_REQUEST });
    const query = queryOf(l2Normalise(matrixOf(await countEncoder(64).encode(batch), 64)).data, profileOf(batch, 0), made.scaffolds[0]!);
    rawOf(query, 1).forEach((value, t) => expect(value).toBeCloseTo(hop[t]!, 6));
    const scorer = new Scorer(anyScore(), 'default');
    const terms = scorer.terms(Float64Array.from(hop));
    expect(terms.reduce((sum, { contribution }) => sum + contribution, -4)).toBeCloseTo(scorer.logit(Float64Array.from(hop)), 10);
    expect(scorer.logit(Float64Array.from(same))).toBeGreaterThan(scorer.logit(Float64Array.from(hop)));
    expect(scorer.logit(Float64Array.from(hop))).toBeGreaterThan(scorer.logit(Float64Array.from(raw(0, 2))));
  });

  it('numbers the scaffolds of rows, and knows those of queries', async () => {
    const made = await builder();
    const queries = ['c1ccc2[nH]ccc2c1', 'c1ccc2occc2c1', 'CCCCO', 'OCCc1ccccc1'];
    const batch = await chem.featurise(queries, { ...countEncoder(64).request, ...PROFILE_REQUEST });
    const same = queries.map((_, row) => {
      const profile = profileOf(batch, row);
      const query = queryOf(new Float32Array(64), profile, made.scaffold(profile.scaffold));
      return smiles.map((__, other) => made.profiles.sameScaffold(query, other));
    });
    // Two that no row has, none at all, and benzene.
    const none = [false, false, false, false];
    expect(same).toEqual([none, none, none, [true, false, false, true]]);
    expect(Array.from(made.profiles.scaffolds)).toEqual([1, 2, 0, 1]);
  });

  it('reads a scale by straight lines, level beyond its ends', () => {
    const scale = { similarity: [0.1, 0.2, 0.6, 1], surprise: [0, 1, 2, 4] };
    expect([0, 0.1, 0.15, 0.4, 0.8, 1, 2].map((value) => Number(surpriseOf(scale, value).toFixed(9)))).toEqual([0, 0, 0.5, 1.5, 3, 4, 4]);
  });

  it('reads score.json, and says what is wrong with it', async () => {
    expect(await readScore(folder, 'any')).toBeUndefined();
    writeFileSync(join(folder, 'score.json'), JSON.stringify(anyScore()));
    expect((await readScore(folder, 'any'))?.modes.hop.intercept).toBe(-4);
    await expect(readScore(folder, 'another')).rejects.toThrow(/belong to the encoder beside it \(another\) but it was fitted for any/);
    writeFileSync(join(folder, 'score.json'), JSON.stringify({ ...anyScore(), modes: {} }));
    await expect(readScore(folder, 'any')).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    writeFileSync(join(folder, 'score.json'), 'hello');
    await expect(readScore(folder, 'any')).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });
});

describe('calibration', () => {
  /** What acts in an assay is its own group, on whatever ring and chain. */
  const groups = ['OC(=O)', 'NC(=N)', 'N#C', 'NS(=O)(=O)', 'CS(=O)(=O)N', 'c1nnn[nH]1', 'OB(O)', 'COC(=O)', 'FC(F)(F)O', 'CN(C)', 'O=C1CCCN1', 'Clc1ccc(cc1)O'];
  const tails = ['Cc1ccccc1', 'CC1CCCCC1', 'Cc1ccsc1', 'CCc1ccncc1', 'CCCC1CCOC1', 'CCc1ccco1'];
  const joined = (group: string, tail: string): string => (group === 'c1nnn[nH]1' ? `${tail.replaceAll('1', '2')}c1nnn[nH]1` : `${group}${tail.replaceAll('1', '2')}`);
  const assays = groups.map((group, n) => {
    const other = groups[(n + 5) % groups.length]!;
    const smiles = [...tails.map((tail) => joined(group, tail)), ...tails.map((tail) => joined(other, `C${tail}`))];
    return { id: `assay ${n}`, smiles, active: Uint8Array.from(smiles, (_, i) => (i < tails.length ? 1 : 0)) };
  });
  const options = () => ({ assays, encoder: countEncoder(64), encoderSha256: 'x', chem, isExcluded: () => false, assayShare: 1, maxAssays: 100, seed: 1, progress: SILENT_PROGRESS });

  it('learns what tells actives from the rest, the same for the same seed', { timeout: 60_000 }, async () => {
    const model = await calibrate(options());
    const { leftOutAuc, pairs } = model.provenance as { leftOutAuc: Record<string, Record<string, Record<string, number>>>; pairs: Record<string, number> };
    expect(leftOutAuc['default']!['score']!['inactive']).toBeGreaterThan(0.8);
    expect(leftOutAuc['default']!['score']!['random']).toBeGreaterThan(0.8);
    expect(pairs['active']).toBeGreaterThan(50);
    for (const { id, sign } of TERMS) expect(model.modes.default.weights[id]! * sign).toBeGreaterThanOrEqual(0);
    for (const { similarity, surprise } of Object.values(model.scales)) {
      for (const list of [similarity, surprise]) expect(list).toEqual(list.toSorted((a, b) => a - b));
      expect(new Set(similarity).size).toBe(similarity.length);
    }
    expect(await calibrate(options())).toEqual(model);
  });

  it('weighs evidence by whether it is right where the table was not mined', { timeout: 60_000 }, async () => {
    // What acts in these assays has fluorine where the rest has anything else, on whatever ring.
    const rings = ['c1ccccc1', 'c1ccncc1', 'c1ccsc1', 'c1ccoc1', 'C1CCCCC1', 'C1CCOCC1'];
    const made = (end: string, n: number): string[] => rings.map((ring) => `${end}C(=O)N${'C'.repeat(n % 4)}${ring}`);
    const matched = Array.from({ length: 10 }, (_, n) => {
      const smiles = [...made('FC', n), ...made('F', n), ...made('CCC', n), ...made('N', n)];
      return { id: `assay ${n}`, smiles, active: Uint8Array.from(smiles, (__, i) => (i < 2 * rings.length ? 1 : 0)) };
    });
    const source = (value: (to: string) => number): EvidenceSource => ({
      support: (changes) => Promise.resolve(changes.map(([change]) => (change === undefined || /[cC]1/.test(change.to) ? undefined : {
        change, value: value(change.to), text: '', from: change.from, to: change.to, pairs: 9, assays: 3, kept: 5, expectedKept: 0.5, deltaLogP: 0, deltaTpsa: 0, environment: { radius: 0, pairs: 3, kept: 2 },
      }))),
    });
    const fitted = async (value: (to: string) => number): Promise<{ weight: number; provenance: EvidenceFit }> => {
      const { modes, provenance } = await calibrate({ ...options(), assays: matched, evidence: source(value) });
      return { weight: modes.hop.weights.replacement!, provenance: provenance['replacement'] as EvidenceFit };
    };
    const right = await fitted((to) => (to.includes('F') ? 1 : -1));
    expect(right.weight).toBeGreaterThan(1);
    expect(right.provenance).toMatchObject({ weight: right.weight, assays: 10, leftOutAuc: 1 });
    expect(right.provenance.pairs).toBeGreaterThan(right.provenance.alike);
    expect(right.provenance.bands.filter(({ pairs }) => pairs > 0)).toEqual([{ from: -1, pairs: expect.any(Number) as number, alike: 0 }, { from: 1, pairs: right.provenance.alike, alike: 1 }]);
    // Evidence that is wrong, or says nothing, counts for nothing; none at all keeps its own log-odds.
    expect((await fitted((to) => (to.includes('F') ? -1 : 1))).weight).toBe(0);
    expect((await fitted(() => 1)).weight).toBe(0);
    expect((await calibrate({ ...options(), assays: matched })).modes.default.weights.replacement).toBe(1);
  });

  it('drops what is held out, counts it, and refuses too little', async () => {
    const out = new Set<string>();
    const outcomes = await chem.standardise(assays[1]!.smiles);
    for (const outcome of outcomes) if (outcome.ok) out.add(outcome.value.connectivityKey);
    const { dropped } = (await calibrate({ ...options(), isExcluded: (key) => out.has(key) })).provenance as { dropped: { excluded: number } };
    expect(dropped.excluded).toBe(out.size);
    await expect(calibrate({ ...options(), assays: assays.slice(0, 2) })).rejects.toMatchObject({ code: 'DATASET_INVALID' });
  });

  it('takes a share of the assays by their names alone', () => {
    const taken = Array.from({ length: 2000 }, (_, i) => `CHEMBL${i}`).filter((id) => isCalibrationAssay(id, 0.1));
    expect(taken.length).toBeGreaterThan(150);
    expect(taken.length).toBeLessThan(250);
    expect(isCalibrationAssay('CHEMBL1', 1)).toBe(true);
    expect(isCalibrationAssay('CHEMBL1', 0)).toBe(false);
  });
});
