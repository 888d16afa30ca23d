/** Mining on series whose answer is known, and after it was killed. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChemPool } from '../../src/chem/index.ts';
import { Replacements, TABLE_FILE } from '../../src/replacements/index.ts';
import type { MineReport } from '../../src/replacements/index.ts';
import { TEXTBOOK } from '../../src/replacements/textbook.ts';
import { ROOT } from '../architecture/sources.ts';
import { CORES, INACTIVE, measurements, mine, substituted } from './support.ts';

let chem: ChemPool;
let report: MineReport;
let folder: string;
let table: Replacements;
beforeAll(async () => {
  chem = new ChemPool({ workers: 1 });
  ({ report, folder } = await mine(chem));
  table = Replacements.open(join(folder, TABLE_FILE));
}, 300_000);
afterAll(() => chem.close());

describe('mined replacements', { timeout: 300_000 }, () => {
  it('count pairs, assays and contexts, and measure what changed', () => {
    const evidence = table.evidence('[*:1]F', '[*:1]Cl')!;
    expect(evidence).toMatchObject({ pairs: 6, assays: 6, contexts: 6, kept: 6, lost: 0, gained: 0 });
    expect(evidence.deltaActivity!.mean).toBeCloseTo(0.1, 2);
    expect(evidence.deltaActivity!.sd).toBeLessThan(0.01);
    expect(evidence.deltaLogP).toBeGreaterThan(0.3);
    expect(evidence.deltaTpsa).toBe(0);
    expect(table.evidence('[*:1]F', '[*:1]C#N')).toMatchObject({ pairs: 6, kept: 0 });
    expect(table.evidence('[*:1]F', '[*:1]C#N')!.deltaActivity!.quantiles.q50).toBeCloseTo(-0.8, 2);
    expect(table.evidence('[*:1][H]', '[*:1]F')).toMatchObject({ pairs: 6, kept: 6 });
  });

  it('are marked where textbooks know them, in both directions', () => {
    expect([table.evidence('[*:1]F', '[*:1]Cl')!.textbook, table.evidence('[*:1]Cl', '[*:1]F')!.textbook]).toEqual([true, true]);
    expect(table.evidence('[*:1][H]', '[*:1]F')!.textbook).toBe(false);
    const listed = table.replacementsOf('[*:1]F');
    const grades = listed.map(({ isostere, textbook }) => Number(isostere) + Number(textbook));
    expect(grades).toEqual([...grades].sort((a, b) => b - a));
    expect(new Set(grades).size).toBeGreaterThan(1);
  });

  it('of the shipped table hold every pair of the list of textbook isosteres, as it is written', () => {
    const shipped = Replacements.open(join(ROOT, 'indexes/models/replacements', TABLE_FILE));
    expect(TEXTBOOK.length).toBeGreaterThan(600);
    expect(TEXTBOOK.filter(([from, to]) => shipped.evidence(from, to)?.textbook !== true)).toEqual([]);
    expect(new Set(TEXTBOOK.map((pair) => pair.join(' '))).size).toBe(TEXTBOOK.length);
  });

  it('turn around with the question', () => {
    const [there, back] = [table.evidence('[*:1]C', '[*:1]C(F)(F)F')!, table.evidence('[*:1]C(F)(F)F', '[*:1]C')!];
    expect(there.deltaActivity!.mean).toBeCloseTo(0.2, 2);
    expect(back.deltaActivity!.mean).toBeCloseTo(-0.2, 2);
    expect(back.deltaLogP).toBe(-there.deltaLogP);
    expect([back.pairs, back.kept, back.score]).toEqual([there.pairs, there.kept, there.score]);
  });

  it('take a bound for a loss where it decides, and two weak compounds for nothing', () => {
    expect(table.evidence('[*:1]F', '[*:1]O')).toMatchObject({ pairs: 6, kept: 0, lost: 6, gained: 0, deltaActivity: undefined });
    expect(table.evidence('[*:1]O', '[*:1]F')).toMatchObject({ lost: 0, gained: 6 });
    const [amine, amide] = Object.keys(INACTIVE);
    expect(amide).toBe('C(N)=O');
    expect(table.evidence(`[*:1]${amine!}`, '[*:1]C(=O)N')).toBeUndefined();
    expect(table.evidence('[*:1]F', `[*:1]${amine!}`)).toMatchObject({ pairs: 6, kept: 0 });
    expect(report.pairs.inactive).toBeGreaterThanOrEqual(6);
  });

  it('know the surroundings: all series are para, the question is meta', async () => {
    const [outcome] = await chem.groups([{ smiles: 'Fc1cccc(c1)C#C', atoms: [0], size: 12 }]);
    if (outcome?.ok !== true || outcome.value.kind !== 'molecule') throw new Error('no group');
    const [group] = outcome.value.groups;
    expect(group).toMatchObject({ fragment: '[*:1]F', environmentTexts: ['*c([cH])[cH]'] });
    expect(table.evidence('[*:1]F', '[*:1]Cl', group!.environments)!.environment).toMatchObject({ radius: 1, pairs: 6, kept: 6 });
    const [aliphatic] = await chem.groups([{ smiles: 'FCCCCCC', atoms: [0], size: 12 }]);
    if (aliphatic?.ok !== true || aliphatic.value.kind !== 'molecule') throw new Error('no group');
    expect(table.evidence('[*:1]F', '[*:1]Cl', aliphatic.value.groups[0]!.environments)!.environment.radius).toBe(-1);
  });

  it('are found for two whole molecules', async () => {
    const [outcome] = await chem.changes([['O=C(Nc1ccc(F)cc1)C1CCC1', 'O=C(Nc1ccc(Cl)cc1)C1CCC1']]);
    if (outcome?.ok !== true) throw new Error('no change');
    expect(table.evidenceOf(outcome.value)).toMatchObject({ change: { from: '[*:1]F', to: '[*:1]Cl' }, evidence: { pairs: 6, environment: { radius: 3 } } });
    expect(table.evidenceOf([])).toBeUndefined();
  });

  it('rank what keeps the activity first', () => {
    const ranked = table.replacementsOf('[*:1]F');
    for (const isostere of [true, false]) {
      const scores = ranked.filter((one) => one.isostere === isostere).map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    }
    const place = (to: string): number => ranked.findIndex((one) => one.to === to);
    expect(place('[*:1]Cl')).toBeLessThan(place('[*:1]C#N'));
    expect(ranked.every(({ expectedKept }) => expectedKept > 0 && expectedKept < 1)).toBe(true);
    expect(table.replacementsOf('[*:1]SS')).toEqual([]);
  });

  it('know where the group was needed, and take tautomers for one group', async () => {
    // Without the acid two log units are gone; the tetrazole, drawn in turns as either tautomer, stands in for it, fluorine does not.
    const effects = (i: number): Record<string, number> => ({ '[H]': -2, C: -1.6, 'C(=O)O': 0, [i % 2 === 0 ? 'c9nnn[nH]9' : 'c9nn[nH]n9']: -0.1, F: -1.9 });
    const rows = CORES.flatMap((core, i) => Object.entries(effects(i)).map(([substituent, effect]) => ({ assay: `A${i}`, smiles: substituted(core, substituent), activity: 7 + effect, relation: 'exact' as const })));
    const acids = Replacements.open(join((await mine(chem, { rows })).folder, TABLE_FILE));
    const ranked = acids.replacementsOf('[*:1]C(=O)O');
    const tetrazole = ranked.find(({ to }) => to === '[*:1]c1nnn[nH]1')!;
    expect(tetrazole).toMatchObject({ pairs: 6, ionisation: 'acid', needed: { pairs: 6, kept: 6 } });
    expect(ranked.find(({ to }) => to === '[*:1]F')).toMatchObject({ pairs: 6, ionisation: 'neutral', needed: { pairs: 6, kept: 0 } });
    expect(ranked[0]).toBe(tetrazole);
    expect(acids.evidence('[*:1]F', '[*:1]C(=O)O')!.needed.pairs).toBe(0);
  });

  it('leave out what is excluded, and say how many', async () => {
    const excluded = new Set((await chem.standardise(['F', 'Cl'].map((one) => substituted(CORES[0]!, one)))).flatMap((outcome) => (outcome.ok ? [outcome.value.inchiKey] : [])));
    const other = await mine(chem, { excluded: [{ name: 'the list', digest: 'x', has: (keys) => keys.some((key) => excluded.has(key)) }] });
    expect(other.report.excluded).toEqual({ 'the list': 2 });
    expect(Replacements.open(join(other.folder, TABLE_FILE)).evidence('[*:1]F', '[*:1]Cl')).toMatchObject({ pairs: 5, assays: 5 });
  });

  it('hold no whole molecule', async () => {
    const parents = new Set((await chem.standardise(measurements().map(({ smiles }) => smiles))).flatMap((outcome) => (outcome.ok ? [outcome.value.parentSmiles] : [])));
    const text = gunzipSync(readFileSync(join(folder, TABLE_FILE))).toString('latin1');
    for (const smiles of parents) expect(text).not.toContain(smiles);
    expect(JSON.parse(readFileSync(join(folder, 'provenance.json'), 'utf8'))).toMatchObject({ command: 'test', counts: { molecules: 60, assays: 6, unreadable: 0 } });
  });

  it('refuse a damaged or foreign table', () => {
    const bytes = readFileSync(join(folder, TABLE_FILE));
    const write = (content: Uint8Array): string => {
      const path = join(folder, 'broken.bin.gz');
      writeFileSync(path, content);
      return path;
    };
    const flipped = Buffer.from(bytes);
    flipped[flipped.length >> 1]! ^= 16;
    for (const content of [bytes.subarray(0, bytes.length / 2), flipped, Buffer.from('text'), gzipSync(Buffer.from('{}')), new Uint8Array(0)]) {
      expect(() => Replacements.open(write(content))).toThrow(/Expected a table of replacements/);
    }
    expect(() => Replacements.open(join(folder, 'none'))).toThrow(/cannot be read/);
  });

  it('end in the same table after SIGKILL', async () => {
    const work = mkdtempSync(join(tmpdir(), 'killed-'));
    const data = join(work, 'rows.json');
    writeFileSync(data, JSON.stringify(measurements()));
    const module = (name: string): string => JSON.stringify(pathToFileURL(join(ROOT, 'dist', name, 'index.js')).href);
    // The compiled program in a process of its own; slow on purpose, so that there is a middle to be killed in.
    const program = `
      import { readFileSync } from 'node:fs';
      import { ChemPool } from ${module('chem')};
      import { mineReplacements } from ${module('replacements')};
      const chem = new ChemPool({ workers: 1 });
      async function* rows() { yield* JSON.parse(readFileSync(${JSON.stringify(data)}, 'utf8')); }
      const progress = { start() {}, update() { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100); }, finish() {}, warn() {} };
      await mineReplacements({ measurements: rows(), excluded: [], leftOutShare: 0, chem, output: ${JSON.stringify(work)}, work: ${JSON.stringify(join(work, 'parts'))}, cuts: 3, variable: 12,
        thresholds: { pairs: 3, assays: 2, contexts: 2, environmentPairs: 2 }, parts: { molecules: 8, assays: 1 }, info: {}, progress });
      await chem.close();`;
    const start = (): ReturnType<typeof spawn> => spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' });
    const parts = (kind: string): number => (existsSync(join(work, 'parts')) ? readdirSync(join(work, 'parts')).filter((name) => name.startsWith(kind) && name.endsWith('.bin')).length : 0);
    for (const [kind, count] of [['cuts', 3], ['counts', 2], ['table', 5]] as const) {
      const child = start();
      const ended = new Promise((resolve) => child.on('close', resolve));
      while (parts(kind) < count && child.exitCode === null) await sleep(10);
      expect(child.exitCode, kind).toBeNull();
      child.kill('SIGKILL');
      await ended;
      expect(existsSync(join(work, TABLE_FILE))).toBe(false);
    }
    const last = start();
    expect(await new Promise((resolve) => last.on('close', resolve))).toBe(0);
    expect(parts('cuts')).toBe(0);
    expect(readFileSync(join(work, TABLE_FILE)).equals(readFileSync(join(folder, TABLE_FILE)))).toBe(true);
  });
});
