/** `isolens mine` and `isolens replace`, and replacements over HTTP, from the outside. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replacementResponseSchema } from '../../src/api/index.ts';
import type { ReplacementResponse } from '../../src/api/index.ts';
import { leftOutShareOf } from '../../src/replacements/index.ts';
import { isCalibrationAssay } from '../../src/score/index.ts';
import { CORES, measurements, substituted } from '../replacements/support.ts';
import { problemIn } from '../server/fake-service.ts';
import { errorCode, makeWorld } from './harness.ts';
import type { Outcome, World } from './harness.ts';

const RELATIONS = { exact: '=', below: '>', above: '<' } as const;
const KNOWN = substituted(CORES[0]!, 'Cl');
/** A core that the table was not mined from. */
const QUERY = 'CCS(=O)(=O)Nc1ccc(F)cc1';
const ANALOGUE = 'CCS(=O)(=O)Nc1ccc(Cl)cc1';

let world: World;
let mined: Outcome;
let table: string;
beforeAll(async () => {
  world = await makeWorld();
  const rows = measurements().map(({ assay, smiles, activity, relation }) => `${assay},${smiles},${activity},${RELATIONS[relation]}`);
  await world.write('activities.csv.gz', gzipSync(`assay,smiles,log_value,relation\n${rows.join('\n')}\nA0,CCO,,=\nA0,CCN,5.5,\nA0,C(,6,=\n`));
  await world.write('protocol.json', JSON.stringify({ targets: { T: { actives: [['a', substituted(CORES[1]!, 'Cl')]], decoys: 'd', repeats: [{ queries: [0] }] } }, decoys: { d: [['x', 'C']] } }));
  mined = await world.run(['mine', '--input', 'activities.csv.gz', '--held-out', 'none', '--exclude-actives', 'protocol.json', '--output', 'mined', '--work', 'parts', '--threads', '1', '--source', 'a test', '--licence', 'none', '--json']);
  table = join('mined', 'replacements.bin.gz');
  await world.write('library.csv', `id,smiles,name\nM1,${ANALOGUE},the analogue\nM2,${QUERY},\nM3,CCO,\n`);
  await world.run(['index', '--input', 'library.csv', '--bundle', 'demo', '--model', world.model]);
}, 600_000);
afterAll(() => world.remove());

const replace = (...args: string[]): Promise<Outcome> => world.run(['replace', '--table', table, ...args]);
const json = ({ stdout }: Outcome): ReplacementResponse => replacementResponseSchema.parse(JSON.parse(stdout));

describe('isolens mine', { timeout: 600_000 }, () => {
  it('prints its counts and writes where they came from', async () => {
    expect(mined.code, mined.stderr).toBe(0);
    expect(JSON.parse(mined.stdout)).toMatchObject({ assays: 6, molecules: 61, unreadable: 1, excluded: { 'the held-out list': 0, 'the actives of protocol.json': 1 } });
    expect(mined.stderr).toMatch(/1 records without an activity/);
    expect(mined.stderr).toMatch(/1 records without a relation/);
    expect(JSON.parse(await readFile(world.path('mined/provenance.json'), 'utf8'))).toMatchObject({ source: 'a test', licence: 'none', command: expect.stringContaining('isolens mine --input activities.csv.gz') as string });
  });

  it('reads several tables, whatever they call their columns, and leaves a share of the assays out with their molecules', { timeout: 600_000 }, async () => {
    const rows = measurements().map(({ assay, smiles, activity }) => [assay, smiles, activity, '='].join('\t'));
    const half = rows.filter((row) => row < 'A3');
    await world.write('first.tsv', ['assay\tsmiles\tlog_value\trelation', ...half].join('\n'));
    await world.write('second.tsv', ['set\tsmiles\tpchembl\trelation', ...rows].join('\n'));
    const both = ['mine', '--input', 'first.tsv', '--input', 'second.tsv', '--column', 'assay=set', '--column', 'log_value=pchembl', '--held-out', 'none', '--threads', '1', '--json'];
    const all = await world.run([...both, '--output', 'both', '--work', 'both-parts']);
    expect(all.code, all.stderr).toBe(0);
    expect(JSON.parse(all.stdout)).toMatchObject({ assays: 6, pairs: { measurements: rows.length } });
    expect(all.stderr).toMatch(new RegExp(`${half.length} records of assays that an earlier table holds are passed over`));
    const names = new Set(rows.map((row) => row.split('\t')[0]!));
    const out = [...names].filter((name) => isCalibrationAssay(name, 0.5));
    expect(out.length).toBeGreaterThan(0);
    const left = await world.run([...both, '--leave-out', '0.5', '--output', 'left', '--work', 'left-parts']);
    expect(left.code, left.stderr).toBe(0);
    const counts = JSON.parse(left.stdout) as { excluded: Record<string, number> };
    // The molecules are in the other assays, too.
    expect(counts.excluded['the assays that are left out']).toBe(new Set(rows.map((row) => row.split('\t')).filter(([assay]) => out.includes(assay!)).map(([, smiles]) => smiles)).size);
    expect([leftOutShareOf(world.path('both')), leftOutShareOf(world.path('left')), leftOutShareOf(world.path('none'))]).toEqual([0, 0.5, 0]);
    expect(errorCode(await world.run([...both, '--column', 'value=x']))).toBe('ARGUMENT_INVALID');
    expect(errorCode(await world.run(['calibrate', '--held-out', 'none', '--screening', 'none', '--model', world.model, '--replacements', 'both']))).toBe('ARGUMENT_INVALID');
  });

  it('says what is missing', async () => {
    expect(errorCode(await world.run(['mine', '--input', 'none.csv', '--held-out', 'none']))).toBe('FILE_NOT_FOUND');
    await world.write('plain.csv', 'smiles,name\nCCO,x\n');
    expect(errorCode(await world.run(['mine', '--input', 'plain.csv', '--held-out', 'none', '--output', 'x', '--work', 'y']))).toBe('COLUMN_MISSING');
    expect((await world.run(['mine', '--input', 'plain.csv', '--cuts', '4'])).code).toBe(2);
  });
});

describe('isolens replace', { timeout: 600_000 }, () => {
  it('proposes new molecules, and tells those that the bundle holds', async () => {
    const answer = json(await replace('--smiles', QUERY, '--atoms', '10', '--bundle', 'demo', '-k', '10', '--json'));
    expect(answer.groups).toMatchObject([{ fragment: '[*:1]F', atoms: [10], environment: ['*c([cH])[cH]'] }]);
    expect(answer.groups[0]!.replacements.map(({ to }) => to)).toContain('[*:1]C(F)(F)F');
    const found = answer.proposals.find(({ smiles }) => smiles === ANALOGUE)!;
    expect(found).toMatchObject({ virtual: false, id: 'M1', names: ['the analogue'], from: '[*:1]F', to: '[*:1]Cl', evidence: { pairs: 5, kept: 5 } });
    expect(found.cosine).toBeGreaterThan(-1);
    expect(found.changes['logP']).toBeGreaterThan(0.3);
    const others = answer.proposals.filter((one) => one !== found);
    expect(others.length).toBeGreaterThan(4);
    for (const one of others) expect(one).toMatchObject({ virtual: true, id: null });
    const keys = answer.proposals.map(({ inchiKey }) => inchiKey);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).not.toContain(answer.query.inchiKey);
    expect(answer.proposals.map(({ evidence }) => evidence.score)).toEqual(answer.proposals.map(({ evidence }) => evidence.score).sort((a, b) => b - a));
  });

  it('takes every group where none is chosen, salts, charges and fragments', async () => {
    const all = json(await replace('--smiles', QUERY, '--json'));
    expect(all.groups.length).toBeGreaterThan(3);
    expect(all.index).toBeNull();
    expect(all.proposals.every(({ virtual, cosine }) => virtual && cosine === null)).toBe(true);
    const salt = json(await replace('--smiles', '[Na+].CCS(=O)(=O)[N-]c1ccc(F)cc1', '--atoms', '11', '--json'));
    expect(salt).toMatchObject({ query: { smiles: QUERY, removed: ['[Na+]'] }, groups: [{ fragment: '[*:1]F', atoms: [11] }] });
    const fragment = json(await replace('--smiles', '*F', '--json', '-k', '3'));
    expect(fragment).toMatchObject({ query: { kind: 'fragment', smiles: '[*:1]F', inchiKey: null }, proposals: [] });
    expect(fragment.groups[0]!.replacements).toHaveLength(3);
    expect(json(await replace('--smiles', '[*:1]SSSS', '--json')).groups).toMatchObject([{ total: 0, replacements: [] }]);
  });

  it('is a table for people', async () => {
    const shown = (await replace('--smiles', KNOWN, '--atoms', '7', '-k', '4')).stdout;
    expect(shown).toMatch(/\[\*:1\]Cl \(atoms 7\) at \*c\(\[cH\]\)\[cH\]: \d+ replacements known/);
    expect(shown).toMatch(/to +class +textbook +expected +needed +kept +assays +here +activity +logP +TPSA/);
    expect(shown).toMatch(/4 molecules, 4 of them virtual/);
    expect((await replace('--smiles', 'C1CCCCC1')).stdout).toContain('no group of this molecule can be replaced');
  });

  it.each([
    [['--smiles', 'CCO', '--atoms', '9'], 'ATOM_NOT_FOUND', 1], [['--smiles', 'c1ccccc1CCO', '--atoms', '0'], 'GROUP_NOT_REPLACEABLE', 1], [['--smiles', 'C(', '--atoms', '0'], 'SMILES_SYNTAX', 1],
    [['--smiles', ''], 'SMILES_EMPTY', 1], [['--smiles', '[Na+].[Cl-]'], 'MOLECULE_UNSUPPORTED', 1], [['--smiles', '*C*'], 'FRAGMENT_INVALID', 1], [['--smiles', 'CCO', '--atoms', 'x'], 'ARGUMENT_INVALID', 2],
    [['--smiles', 'CCO', '--atoms', '2-1'], 'ARGUMENT_INVALID', 2], [[], 'ARGUMENT_INVALID', 2], [['--smiles', 'CCO', '--bundle', 'none'], 'BUNDLE_NOT_FOUND', 1],
  ] as const)('refuses %j with %s', async (args, code, exit) => {
    const outcome = await replace(...args);
    expect({ code: outcome.code, error: errorCode(outcome), stdout: outcome.stdout }).toEqual({ code: exit, error: code, stdout: '' });
  });

  it('answers over HTTP with the shipped table', async () => {
    const service = world.start(['serve', '--bundle', 'demo', '--port', '0']);
    try {
      const url = /http:\S+/.exec(await service.said(/listens on \S+/))![0];
      const ask = (body: unknown): Promise<Response> => fetch(`${url}/v1/replacements`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
      const answer = replacementResponseSchema.parse(await (await ask({ smiles: QUERY, atoms: [10], k: 5 })).json());
      expect(answer).toMatchObject({ index: 'demo', groups: [{ fragment: '[*:1]F' }] });
      expect(answer.proposals).toHaveLength(5);
      expect(answer.groups[0]!.total).toBeGreaterThan(20);
      expect(await problemIn(await ask({ smiles: QUERY, atoms: [99] }))).toMatchObject({ status: 422, code: 'ATOM_NOT_FOUND' });
      expect(await problemIn(await ask({ smiles: QUERY, index: 'none' }))).toMatchObject({ status: 404, code: 'BUNDLE_NOT_FOUND' });
      expect(await problemIn(await ask({ smiles: `C1${'C'.repeat(300)}1` }))).toMatchObject({ status: 422, code: 'SMILES_TOO_COMPLEX' });
    } finally {
      service.child.kill('SIGKILL');
      await service.ended;
    }
  });
});
