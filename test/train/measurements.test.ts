import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { shareOf } from '../../src/core/index.ts';
import { measurementsSchema } from '../../src/recipes/define.ts';
import { describeTable, moleculesLeftOut, writeMeasurements } from '../../src/train/measurements.ts';
import { readMeasuredTable } from '../../src/train/measurement-tables.ts';
import { targetsOf } from '../../src/train/targets.ts';
import { readSafetensors } from '../../src/train/safetensors.ts';
import { temporaryFolder } from './support.ts';

const path = temporaryFolder();
const folder = path('');
const table = (file: string, lines: readonly string[]): void => writeFileSync(path(file), `${lines.join('\n')}\n`);
const plain = { molecule: 'smiles', assay: 'assay' };
/** A name whose hash lies in the share that is left out, or outside of it. */
const nameOf = (isIn: boolean, stem: string): string => Array.from({ length: 200 }, (_, i) => `${stem}${i}`).find((name) => (shareOf(name) < 0.2) === isIn)!;
const wishOf = (...tables: readonly Record<string, unknown>[]): ReturnType<typeof measurementsSchema.parse> => measurementsSchema.parse({ tables, perAssay: 4, actives: 4 });
/** Molecules m0 ... m29, all trained on but the last ten. */
const known = {
  rows: new Map(Array.from({ length: 20 }, (_, i) => [`m${i}`, i] as const)),
  keys: new Map(Array.from({ length: 30 }, (_, i) => [`m${i}`, `KEY${String(i).padStart(11, '0')}-REST`] as const)),
};

describe('a table of measurements', () => {
  it('says active and inactive by numbers and by concentrations, and counts what says neither', () => {
    table('values.csv', ['smiles,assay,value', 'm0,A,7', 'm1,A,6.5', 'm2,A,6', 'm3,A,5', 'm4,A,', 'm5,A,n.d.', ',A,7', 'm6,,7']);
    const values = readMeasuredTable(wishOf({ file: 'values.csv', ...plain, outcome: { column: 'value', activeFrom: 6.5, inactiveBelow: 5.5 } }).tables[0]!, folder);
    expect(values.records.map(({ smiles, active }) => [smiles, active])).toEqual([['m0', true], ['m1', true], ['m3', false]]);
    expect(values.passed).toEqual({ 'between active and inactive': 1, 'without a value': 2, 'without a molecule': 1, 'without an assay': 1 });
    table('nm.tsv', ['smiles\tassay\tnM', 'm0\tA\t10', 'm1\tA\t1000', 'm2\tA\t5000', 'm3\tA\t20000', 'm4\tA\t0', 'm5\tA\t-3']);
    const concentrations = readMeasuredTable(wishOf({ file: 'nm.tsv', ...plain, outcome: { column: 'nM', activeUpTo: 1000, inactiveAbove: 10_000 } }).tables[0]!, folder);
    expect(concentrations.records.map(({ smiles, active }) => [smiles, active])).toEqual([['m0', true], ['m1', true], ['m3', false]]);
    expect(concentrations.passed).toEqual({ 'between active and inactive': 1, 'with a concentration of 0 or less': 2 });
    table('units.csv', ['smiles,assay,value,unit,relation', 'm0,A,7,pM,=', 'm1,A,7,nM,=', 'm2,A,7,nM,>', 'm3,A,8,nM,~']);
    const only = [{ column: 'unit', is: ['nM'] }, { column: 'relation', is: ['=', '~'] }];
    const units = readMeasuredTable(wishOf({ file: 'units.csv', ...plain, outcome: { column: 'value', activeUpTo: 1000, inactiveAbove: 10_000 }, only }).tables[0]!, folder);
    expect(units.records.map(({ smiles }) => smiles)).toEqual(['m1', 'm3']);
    expect(units.passed).toEqual({ 'of another unit than nM': 1, 'of another relation than =, ~': 1 });
    table('screen.csv', ['smiles,assay,active', 'm0,A,1', 'm1,A,', 'm2,A,0.0']);
    const screen = readMeasuredTable(wishOf({ file: 'screen.csv', ...plain, outcome: { column: 'active' } }).tables[0]!, folder);
    expect([screen.records.map(({ smiles }) => smiles), screen.passed]).toEqual([['m0', 'm2'], { 'without a label': 1 }]);
    table('labels.csv', ['smiles,assay,active', 'm0,A,1', 'm1,A,maybe']);
    expect(() => readMeasuredTable(wishOf({ file: 'labels.csv', ...plain, outcome: { column: 'active' } }).tables[0]!, folder)).toThrow('Expected 1 or 0 in column "active" of labels.csv but record 2 holds "maybe"');
  });

  it('takes molecules and names from other tables', () => {
    table('pairs.tsv', ['target\tmolecule\tnM', 'T1\tC1\t5', 'T2\tC2\t5', 'T3-2\tC9\t5']);
    table('molecules.tsv', ['id\tsmiles', 'C1\tm1', 'C2\tm2']);
    table('targets.tsv', ['id\tname', 'T1\tDRD2_HUMAN', 'T2\t', 'T3\tDRD2_RAT']);
    const wish = wishOf({
      file: 'pairs.tsv',
      molecule: { column: 'molecule', in: { table: 'molecules.tsv', key: 'id', value: 'smiles' } },
      assay: { column: 'target', until: '-', in: { table: 'targets.tsv', key: 'id', value: 'name', until: '_' } },
      outcome: { column: 'nM', activeUpTo: 1000, inactiveAbove: 10_000 },
    });
    expect(readMeasuredTable(wish.tables[0]!, folder).records).toEqual([
      { smiles: 'm1', assay: 'DRD2', active: true },
      { smiles: 'm2', assay: 'T2', active: true },
      // Unknown there: it keeps its own name.
      { smiles: 'C9', assay: 'DRD2', active: true },
    ]);
  });
});

it('an assay belongs to the target that most of its known actives act at', () => {
  const sets = (given: Record<string, string>): Map<string, Set<string>> => new Map(Object.entries(given).map(([name, keys]) => [name, new Set(keys)]));
  const targets = sets({ DRD2: 'abcdef', HRH3: 'efghijkl' });
  const found = targetsOf(sets({ most: 'abcz', few: 'abz', split: 'abcghij', tie: 'ef', both: 'efa' }), targets);
  expect(Object.fromEntries(found)).toEqual({ most: 'DRD2', split: 'HRH3', both: 'DRD2' });
  // Of two targets with as much in common, the smaller one says more.
  expect(targetsOf(sets({ tie: 'abc' }), sets({ wide: 'abcdefgh', narrow: 'abcd' })).get('tie')).toBe('narrow');
});

it('counts tables of one name in different folders apart', () => {
  for (const [name, actives] of [['a', ['m0', 'm1']], ['b', ['m2', 'm3', 'm4']]] as const) {
    mkdirSync(path(name), { recursive: true });
    table(`${name}/assays.csv`, ['smiles,assay,active', ...actives.map((smiles) => `${smiles},A,1`)]);
  }
  const wish = wishOf(...['a', 'b'].map((name) => ({ file: `${name}/assays.csv`, ...plain, outcome: { column: 'active' } })));
  const { tables, targets } = writeMeasurements(wish, folder, path('apart.safetensors'), known);
  expect([tables['a/assays.csv']!.measurements, tables['b/assays.csv']!.measurements, targets]).toEqual([2, 3, 2]);
});

describe('measurements of several tables', () => {
  const [left, kept, leftToo] = [nameOf(true, 'L'), nameOf(false, 'K'), nameOf(true, 'M')];

  it('give assays of one target one number, leave out what is left out, and count all of it', () => {
    table('assays.csv', [
      'smiles,assay,active',
      // Shares its actives with the target that is kept; the next with the one left out; the last with none.
      ...['m0', 'm1', 'm2'].map((smiles) => `${smiles},${nameOf(false, 'same')},1`), `m3,${nameOf(false, 'same')},0`,
      ...['m10', 'm11', 'm12'].map((smiles) => `${smiles},${nameOf(false, 'new')},1`),
      ...['m6', 'm7'].map((smiles) => `${smiles},${nameOf(false, 'own')},1`),
      `m8,${nameOf(false, 'one')},1`, `m9,${nameOf(false, 'one')},0`,
      `m6,${left},1`, `m7,${left},1`,
      `m25,${nameOf(false, 'own')},1`,
      `m8,${nameOf(false, 'own')},1`, `m8,${nameOf(false, 'own')},0`,
    ]);
    table('targets.csv', ['smiles,assay,active', ...['m0', 'm1', 'm2', 'm4'].map((smiles) => `${smiles},${kept},1`), ...['m10', 'm11', 'm12', 'm28'].map((smiles) => `${smiles},${leftToo},1`)]);
    const wish = wishOf(
      { file: 'assays.csv', ...plain, outcome: { column: 'active' }, leaveOut: 0.2 },
      { file: 'targets.csv', ...plain, outcome: { column: 'active' }, isOfTargets: true, weight: 2, leaveOut: 0.2 },
    );
    expect(moleculesLeftOut(wish, folder)).toEqual([
      { name: 'the assays of assays.csv that are left out', smiles: ['m6', 'm7'] },
      { name: 'the assays of targets.csv that are left out', smiles: ['m10', 'm11', 'm12', 'm28'] },
    ]);
    const file = path('written.safetensors');
    const written = writeMeasurements(wish, folder, file, known);
    expect(written).toMatchObject({
      measurements: 10, assays: 3, targets: 2,
      tables: {
        'assays.csv': { records: 16, leftOut: 2, notTrainedOn: 1, contradictory: 1, measurements: 6, assays: 2, loneActive: 1, linked: 1, ofTargetsLeftOut: 1 },
        'targets.csv': { records: 8, leftOut: 4, notTrainedOn: 0, contradictory: 0, measurements: 4, assays: 1, loneActive: 0, linked: 0 },
      },
    });
    expect(describeTable(written.tables['assays.csv']!)).toBe(
      '6 measurements in 2 assays of 16 records; passed over: 2 of assays left out, 1 of molecules that are not trained on, 1 of molecules that were active and inactive in one assay; '
      + 'assays with fewer than two actives: 1; assays of targets left out: 1; assays found to belong to a target of another table: 1',
    );
    const { tensors } = readSafetensors(file);
    const columns = Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, [...(data as Int32Array)]]));
    expect(columns).toEqual({
      row: [0, 1, 2, 3, 6, 7, 0, 1, 2, 4], assay: [0, 0, 0, 0, 1, 1, 2, 2, 2, 2], active: [1, 1, 1, 0, 1, 1, 1, 1, 1, 1],
      target: [0, 1, 0], weight: [1, 1, 2],
    });
  });
});
