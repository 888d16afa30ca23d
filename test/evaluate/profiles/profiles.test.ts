import { describe, expect, it } from 'vitest';
import { SILENT_PROGRESS, createRng, matrixOf } from '../../../src/core/index.ts';
import { compoundsOf } from '../../../src/evaluate/profiles/compounds.ts';
import { evaluateProfiles, profilesTables } from '../../../src/evaluate/profiles/index.ts';
import { chanceOfHit, compoundProfiles, mechanismRanks } from '../../../src/evaluate/profiles/mechanisms.ts';
import { meanOf } from '../../../src/evaluate/metrics.ts';
import { Chance, discoveryLimit, replicateRetrieval } from '../../../src/evaluate/profiles/replicates.ts';
import { robustScale, sphere } from '../../../src/ingest/index.ts';
import type { Profiles, Well } from '../../../src/ingest/index.ts';
import { signatureTable, tableFile, well } from '../../ingest/profiles/tables.ts';

const table = (rows: readonly (readonly [Partial<Well>, readonly number[]])[]): Profiles => ({
  wells: rows.map(([more], i) => well(`W${i}`, more)), features: rows[0]![1].map((_, c) => `F${c}`), matrix: matrixOf(Float32Array.from(rows.flatMap(([, values]) => values)), rows[0]![1].length),
});

describe('compoundsOf', () => {
  it('joins wells by any identifier, within a table and across, and leaves controls out', () => {
    const a = table([[{ inchiKey: 'AAAAAAAAAAAAAA-UHFFFAOYSA-N', name: 'one' }, [1]], [{ isControl: true, name: 'DMSO' }, [1]], [{}, [1]], [{ smiles: 'CCO', name: 'Two' }, [1]]]);
    const b = table([[{ name: 'ONE' }, [1]], [{ inchiKey: 'AAAAAAAAAAAAAA-XXXXXXXXSA-N' }, [1]], [{ smiles: 'CCO', compound: 'BRD-K12345678-001-01-1' }, [1]], [{ compound: 'BRD-K12345678-003-09-9' }, [1]]]);
    const { of, count } = compoundsOf([a, b]);
    expect(count).toBe(2);
    expect([...of[0]!]).toEqual([0, -1, -1, 1]);
    expect([...of[1]!]).toEqual([0, 0, 1, 1]);
  });
});

describe('replicateRetrieval', () => {
  const chance = new Chance(2000, 1);

  it('is worked out by hand for one query order', () => {
    // From (1, 0): replicate at 10 degrees, control at 20, replicate at 30.
    const at = (degrees: number): number[] => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    const profiles = table([[{ name: 'a' }, at(0)], [{ name: 'a' }, at(10)], [{ name: 'a' }, at(30)], [{ isControl: true }, at(20.5)]]);
    const { compounds } = replicateRetrieval([profiles], compoundsOf([profiles]).of[0]!, chance);
    // By the queries at 0, 10 and 30: (1 + 2/3)/2; (1 + 2/3)/2; (1/2 + 2/3)/2.
    expect(compounds[0]!.averagePrecision).toBeCloseTo((5 / 6 + 5 / 6 + 7 / 12) / 3, 6);
  });

  it('ranks a control first where it is as near, and counts what cannot be asked', () => {
    const profiles = table([[{ name: 'a' }, [1, 0]], [{ name: 'a' }, [2, 0]], [{ isControl: true }, [3, 0]], [{ name: 'b' }, [0, 1]], [{ name: 'c', plate: 'P2' }, [0, 1]], [{ name: 'c', plate: 'P2' }, [0, 1]]]);
    const found = replicateRetrieval([profiles], compoundsOf([profiles]).of[0]!, chance);
    expect(found.compounds.map(({ averagePrecision }) => averagePrecision)).toEqual([0.5]);
    expect(found).toMatchObject({ single: 1, withoutControls: 2 });
  });

  it('knows the chance of small rankings', () => {
    // One positive among two: precision 1 or 1/2.
    expect(chance.mean(1, 2)).toBeCloseTo(0.75, 1);
    expect(chance.pValue(1, [[1, 2]])).toBeCloseTo(0.5, 1);
    expect(chance.pValue(0.5, [[1, 2], [1, 2]])).toBe(1);
    expect(new Chance(2000, 1).pValue(0.9, [[3, 15]])).toBe(chance.pValue(0.9, [[3, 15]]));
  });

  it('lets pass what Benjamini and Hochberg do', () => {
    expect(discoveryLimit([0.01, 0.04, 0.03, 0.5], 0.05)).toBe(0.01);
    expect(discoveryLimit([0.01, 0.02, 0.03, 0.5], 0.05)).toBe(0.03);
    expect(discoveryLimit([0.4, 0.5], 0.05)).toBeLessThan(0);
  });
});

describe('mechanismRanks', () => {
  const profiles = table([
    [{ name: 'a', mechanisms: ['x'] }, [1, 0, 0]], [{ name: 'a', mechanisms: ['x'] }, [1, 0.1, 0]], [{ name: 'b', mechanisms: ['x', 'y'] }, [1, 0.3, 0]],
    [{ name: 'c', mechanisms: ['y'] }, [0, 1, 0]], [{ name: 'd', mechanisms: ['z'] }, [1, 0.05, 0]], [{ name: 'e' }, [1, 0, 0]],
  ]);
  const own = compoundProfiles(profiles, compoundsOf([profiles]).of[0]!);

  it('leaves the compound itself, mechanisms of one compound and compounds without a mechanism out', () => {
    const { ranks, alone, unknown } = mechanismRanks(own, own);
    expect({ alone, unknown }).toEqual({ alone: 1, unknown: 1 });
    // The mate of c, b, is nearer than a.
    expect(ranks).toEqual([{ compound: 0, rank: 1, candidates: 2, mates: 1 }, { compound: 1, rank: 1, candidates: 2, mates: 2 }, { compound: 2, rank: 1, candidates: 2, mates: 1 }]);
  });

  it('knows the chance of a hit', () => {
    expect(chanceOfHit({ candidates: 10, mates: 1 }, 5)).toBeCloseTo(0.5, 12);
    expect(chanceOfHit({ candidates: 4, mates: 2 }, 2)).toBeCloseTo(1 - 1 / 6, 12);
    expect(chanceOfHit({ candidates: 3, mates: 1 }, 5)).toBe(1);
  });
});

describe('evaluateProfiles', () => {
  const run = async (contents: readonly string[], methods = ['raw', 'robust', 'selected', 'sphered']): ReturnType<typeof evaluateProfiles> =>
    evaluateProfiles({ data: await Promise.all(contents.map((content, i) => tableFile(content, `setting-${i}.csv`))), methods, permutations: 2000, seed: 1, progress: SILENT_PROGRESS });

  it('finds strong signatures and shared mechanisms always, within a setting and across two', async () => {
    const strong = { compounds: 12, shared: 0.8, strength: 20 };
    const { replicates, mechanisms, tables, remarks } = await run([signatureTable(strong), signatureTable({ ...strong, noiseSeed: 3 })]);
    expect(tables[0]).toMatchObject({ wells: 64, controls: 16, compounds: 12, features: 40, wellsWithoutCompound: 0, compoundsAloneInMechanism: 0 });
    for (const one of replicates) expect(one.meanAveragePrecision.value, `${one.table} ${one.method}`).toBeCloseTo(1, 2);
    for (const one of replicates) expect(one.significant.value, `${one.table} ${one.method}`).toBe(1);
    for (const one of mechanisms) expect([one.top1.value, one.top5.value, one.compounds], `${one.queries} ${one.candidates} ${one.method}`).toEqual([1, 1, 12]);
    expect(mechanisms.map(({ queries, candidates }) => `${queries} ${candidates}`)).toContain('setting-0 setting-1');
    expect(mechanisms[0]!.chance[0]).toBeCloseTo(1 / 11, 6);
    expect(remarks.some((remark) => remark.startsWith('setting-1, sphered: whitened by controls'))).toBe(true);
  });

  it('is at chance on noise by every method, whitening by few controls as well', { timeout: 60_000 }, async () => {
    // A few controls are every compound's negatives: of one table the mean still strays by .02.
    const off: Record<string, number[]> = {};
    for (let noiseSeed = 1; noiseSeed <= 8; noiseSeed++) {
      const { replicates, mechanisms } = await run([signatureTable({ compounds: 40, shared: 0, strength: 0, features: 100, noiseSeed })], ['raw', 'robust', 'sphered']);
      for (const one of replicates) {
        (off[one.method] ??= []).push(one.meanAveragePrecision.value - one.chance);
        (off[`${one.method} shuffled`] ??= []).push(one.shuffled - one.chance);
        expect(one.significant.value, one.method).toBeLessThan(0.1);
      }
      for (const { top5, chance, method } of mechanisms) (off[`${method} mechanisms`] ??= []).push(top5.value - chance[1]);
    }
    expect(Object.keys(off)).toHaveLength(9);
    // 320 ranks of mechanisms, alike in pairs, have a standard error of .026.
    for (const [name, values] of Object.entries(off)) expect(Math.abs(meanOf(values)), name).toBeLessThan(name.endsWith('mechanisms') ? 0.08 : 0.03);
  });

  it('would not be at chance if the controls that whiten were the negatives', () => {
    // Noise alone: a name says nothing of a well.
    const rng = createRng(4);
    const rows = Array.from({ length: 144 }, (_, i) => [i < 24 ? { isControl: true } : { name: `c${Math.floor(i / 4)}` }, Array.from({ length: 200 }, () => rng.normal())] as const);
    const whitened = sphere(robustScale(table(rows)).profiles).profiles;
    const { compounds } = replicateRetrieval([whitened], compoundsOf([whitened]).of[0]!, new Chance(500, 1));
    expect(meanOf(compounds.map(({ averagePrecision }) => averagePrecision))).toBeGreaterThan(compounds[0]!.chance + 0.1);
  });

  it('counts what it leaves out, and does without negatives on plates of few controls', async () => {
    const lines = signatureTable({ compounds: 6, shared: 0.8, strength: 20 }).trimEnd().split('\n');
    // Three controls on a plate of their own; a well of no compound; a compound that is alone in its mechanism, and one of none.
    const moved = lines.map((line) => (/,(negcon|mechanism 0),?/.test(line) && !/,W(3|4|5|6|7|8|9|10),/.test(line) ? line.replace('P1,', 'P2,') : line));
    const changed = moved.filter((line) => !/^P2,W1[1-4],/.test(line)).map((line) => line.replace('mechanism 2', line.includes('K00000004') ? '' : 'another'));
    const { tables: [read], replicates: [found] } = await run([`${[...changed, lines[17]!.replace(/W\d+,[^,]*,[^,]*,[^,]*,/, 'W99,,,,')].join('\n')}\n`], ['robust']);
    expect(read).toMatchObject({ plates: 2, wellsWithoutCompound: 1, compoundsWithoutMechanism: 1, compoundsAloneInMechanism: 1 });
    expect(found!.meanAveragePrecision.value).toBeGreaterThan(0.9);
  });

  it('takes signatures without a shared mechanism for replicates alone', async () => {
    const { replicates: [found], mechanisms: [one] } = await run([signatureTable({ compounds: 80, shared: 0, strength: 5 })], ['robust']);
    expect(found!.meanAveragePrecision.value).toBeGreaterThan(0.98);
    expect(one!.top5.interval[0]).toBeLessThan(one!.chance[1]);
    expect(one!.top5.interval[1]).toBeLessThan(0.3);
  });

  it('gives the same for the same seed, and tables for people', async () => {
    const content = signatureTable({ compounds: 8, shared: 0.5, strength: 1 });
    const [a, b] = [await run([content], ['raw', 'robust']), await run([content], ['raw', 'robust'])];
    expect(a).toEqual(b);
    const [read, replicates, mechanisms] = profilesTables(a);
    expect(read![1]!.slice(0, 4)).toEqual(['setting-0', '1', '48', '16']);
    expect(replicates!.map((row) => row[1])).toEqual(['method', 'raw', 'robust']);
    expect(replicates![2]![6]).toMatch(/^[+-]\d\.\d{3}$/);
    for (const rows of [read, replicates, mechanisms]) for (const row of rows!) expect(row).toHaveLength(rows![0]!.length);
  });

  it('tells no number where nothing can be asked: few controls, no two compounds of a mechanism', async () => {
    const lines = signatureTable({ compounds: 2, shared: 0.8, strength: 20 }).split('\n').filter((line) => !/^P1,W([3-9]|1[0-5]),/.test(line));
    const result = await run([lines.map((line) => line.replace('mechanism 0', line.includes('K00000001') ? 'one' : 'another')).join('\n')]);
    expect(result.tables[0]).toMatchObject({ controls: 3, compounds: 2, compoundsAloneInMechanism: 2 });
    for (const one of result.replicates) expect([one.compounds, one.withoutControls, one.meanAveragePrecision.value, one.chance, one.shuffled]).toEqual([0, 8, Number.NaN, Number.NaN, Number.NaN]);
    expect(result.mechanisms.map(({ top1, compounds }) => [top1.value, compounds])).toEqual(result.mechanisms.map(() => [Number.NaN, 0]));
    expect(profilesTables(result)[1]![1]!.slice(2, 6)).toEqual(['-', '- to -', '-', '-']);
  });

  it('refuses a table or a method twice', async () => {
    const path = await tableFile(signatureTable({ compounds: 4, shared: 0, strength: 1 }));
    const options = { permutations: 100, seed: 1, progress: SILENT_PROGRESS };
    await expect(evaluateProfiles({ ...options, data: [path, path], methods: ['raw'] })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    await expect(evaluateProfiles({ ...options, data: [path], methods: ['raw', 'raw'] })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  });

  it('refuses methods it does not know', async () => {
    await expect(run([signatureTable({ compounds: 4, shared: 0, strength: 1 })], ['quantile'])).rejects.toMatchObject({ code: 'ARGUMENT_INVALID', message: expect.stringMatching(/raw, robust, selected, sphered.*"quantile"/) });
  });

  it('asks models of the wells alone that they may be asked, and every method of the same', async () => {
    const path = await tableFile(signatureTable({ compounds: 8, shared: 0.8, strength: 3 }), 'setting.csv');
    // Two models that leave profiles as they are: one may be asked of the first four compounds, the other of the next two.
    const numberOf = (compound: string | null): number => Number(/^BRD-K0000(\d{4})/.exec(compound ?? '')?.[1] ?? Number.NaN);
    const part = (from: number, to: number) => ({ apply: async (tables: readonly Profiles[]) => ({ tables, remarks: [] }), asks: ({ compound }: { compound: string | null }) => numberOf(compound) >= from && numberOf(compound) < to });
    const options = { data: [path], permutations: 2000, seed: 1, progress: SILENT_PROGRESS };
    const { replicates, mechanisms } = await evaluateProfiles({ ...options, methods: ['raw'], models: [{ id: 'same', parts: [part(0, 4), part(4, 6)] }] });
    expect(replicates.map(({ method, compounds }) => [method, compounds])).toEqual([['raw', 6], ['same', 6]]);
    expect(replicates[1]!.meanAveragePrecision.value).toBeCloseTo(replicates[0]!.meanAveragePrecision.value, 9);
    expect(replicates[1]!.meanAveragePrecision.gain!.value).toBeCloseTo(0, 9);
    expect(mechanisms.map(({ method, compounds, top5 }) => [method, compounds, top5.value])).toEqual([['raw', 6, mechanisms[0]!.top5.value], ['same', 6, mechanisms[0]!.top5.value]]);
    await expect(evaluateProfiles({ ...options, methods: [], models: [{ id: 'same', parts: [part(0, 8)] }] })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  });
});
