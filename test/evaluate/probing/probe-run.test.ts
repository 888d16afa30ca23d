/** Tables of labels, and the protocol from a table to its report, with real chemistry. */
import { afterAll, describe, expect, it } from 'vitest';
import { ChemPool } from '../../../src/chem/index.ts';
import { SILENT_PROGRESS } from '../../../src/core/index.ts';
import { encoderSource, evaluateProbe, fingerprintSource, partsTable, probeRemarks, probeTable } from '../../../src/evaluate/index.ts';
import { readLabelTable } from '../../../src/evaluate/probing/table.ts';
import { countEncoder, scratch } from '../support.ts';
import { twoRings } from './molecules.ts';

const write = scratch();

describe('tables of labels', () => {
  it('reads commas and tabs, gzip, gaps in several spellings, and finds the SMILES', async () => {
    const table = await readLabelTable(write('a.csv.gz', 'mol,"a, b",c,name\nCC,1,,x\nCCO,0.0,NaN,y\nCCC,,1.0,z\n'));
    expect(table).toMatchObject({ smilesColumn: 'mol', columns: ['a, b', 'c'], otherColumns: ['name'], smiles: ['CC', 'CCO', 'CCC'] });
    expect(table.labels.map((column) => [...column])).toEqual([[1, 0, -1], [-1, -1, 1]]);
    expect(await readLabelTable(write('b.tsv', 'id\tmine\ty\n7\tCC\t1\n'), { smilesColumn: 'mine', labels: ['y', 'y'] })).toMatchObject({ columns: ['y'], otherColumns: [], smiles: ['CC'] });
  });

  it.each([
    ['a label that is neither', 'smiles,y\nC,1\nCC,2\n', {}, 'DATASET_INVALID', /column "y".*record 2 has "2"/],
    ['a word as a label', 'smiles,y\nC,1\nCC,active\n', { labels: ['y'] }, 'DATASET_INVALID', /column "y".*"active"/],
    ['a label column that is not there', 'smiles,y,z\nC,1,0\n', { labels: ['tox'] }, 'COLUMN_MISSING', /"tox".*"smiles", "y", "z"/],
    ['a SMILES column that is not there', 'smiles,y\nC,1\n', { smilesColumn: 'mol' }, 'COLUMN_MISSING', /"mol".*"smiles", "y"/],
    ['no SMILES column', 'x,y\nC,1\n', {}, 'COLUMN_MISSING', /"x", "y"/],
    ['the SMILES as labels', 'smiles,y\nC,1\n', { labels: ['smiles'] }, 'ARGUMENT_INVALID', /--labels/],
    ['no labels', 'smiles,y\nC,0.5\n', {}, 'DATASET_INVALID', /none of its columns/],
    ['no molecules', 'smiles,y\n', {}, 'DATASET_INVALID', /first line alone/],
    ['nothing', '', {}, 'DATASET_INVALID', /no line/],
  ])('refuses %s', async (name, content, options, code, message) => {
    await expect(readLabelTable(write(`${name.replaceAll(' ', '-')}.csv`, content), options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  });
});

describe('protocol', { timeout: 120_000 }, () => {
  const chem = new ChemPool({ workers: 1 });
  afterAll(() => chem.close());
  const molecules = twoRings(200);
  const sources = () => [fingerprintSource('ecfp4'), encoderSource('counts', countEncoder())];
  const services = { chem, progress: SILENT_PROGRESS };
  // What can be learned: an oxygen bonded by a double bond; and a column of one class.
  const rows = molecules.map((smiles, i) => `${smiles},${smiles.includes('=O') ? 1 : 0},${i % 3 === 0 ? '' : i % 2},1`);
  const data = write('labels.csv', ['smiles,carbonyl,parity,always', ...rows, 'not a molecule,1,1,1', 'C1CC,0,0,0', `${molecules[0]!},,,`, 'CCO,1,0,1', 'OCC,0,0,1', 'CCCCCC,,,'].join('\n'));

  it('probes side by side, and says what was left out', async () => {
    const result = await evaluateProbe({ ...services, data, sources: sources(), split: 'scaffold' });
    expect(result).toMatchObject({ split: 'scaffold', repeats: 1, isDrawn: false, records: 206, columns: ['carbonyl', 'parity', 'always'] });
    expect(result.leftOut).toMatchObject({ contradictingLabels: 1, unlabelled: 1, oneClassColumns: [['always']], otherColumns: [] });
    expect(Object.values(result.leftOut.unreadable).reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(result.leftOut.duplicates).toBeGreaterThanOrEqual(2);
    const { train, validation, test } = result.parts[0]!;
    expect(train.molecules + validation.molecules + test.molecules).toBe(result.molecules);
    expect(train.scaffolds + validation.scaffolds + test.scaffolds).toBe(result.scaffolds);
    expect(result.scores.map(({ features, classifier, width }) => [features, classifier, width])).toEqual([
      ['ecfp4', 'logistic', 2048], ['ecfp4', 'neighbours', 2048], ['counts', 'logistic', 512], ['counts', 'neighbours', 512],
    ]);
    for (const { auc, interval: [low, high], splits, unconverged } of result.scores) {
      expect(low).toBeLessThanOrEqual(high);
      expect(auc).toBeGreaterThan(0);
      expect(Object.keys(splits[0]!.columns)).toEqual(['carbonyl', 'parity']);
      expect(unconverged).toBe(0);
    }
    expect(result.scores[0]!.splits[0]!.columns['carbonyl']!.auc).toBeGreaterThan(0.8);
    expect(result.scores[0]!.gain).toBeUndefined();
    expect(result.scores[2]!.gain!.auc).toBeCloseTo(result.scores[2]!.auc - result.scores[0]!.auc, 12);
    expect(probeTable(result)[3]!.slice(0, 3)).toEqual(['counts', '512', 'logistic regression']);
    expect(partsTable(result).map((row) => row[0])).toEqual(['scaffold split', 'training', 'validation', 'test']);
    expect(probeRemarks(result).join('\n')).toMatch(/1 SMILES_SYNTAX, 1 SMILES_UNCLOSED_RING[^]*1 label on which[^]*contradict[^]*one class only[^]*: always\.[^]*cannot be known/);
    expect(await evaluateProbe({ ...services, data, sources: sources(), split: 'scaffold' })).toEqual(result);
  });

  it('repeats random splits', async () => {
    const result = await evaluateProbe({ ...services, data, sources: [fingerprintSource('atompair')], split: 'scaffold', repeats: 3, labels: ['carbonyl'] });
    expect(result).toMatchObject({ isDrawn: true, repeats: 3, columns: ['carbonyl'] });
    expect(result.scores[0]!.splits).toHaveLength(3);
    expect(result.scores[0]!.auc).toBeCloseTo(result.scores[0]!.splits.reduce((sum, { auc }) => sum + auc, 0) / 3, 12);
    expect(partsTable(result)[0]![0]).toBe('random scaffold split, the first of 3');
  });

  it('refuses what cannot be probed', async () => {
    const refused = (options: Partial<Parameters<typeof evaluateProbe>[0]>): Promise<unknown> => evaluateProbe({ ...services, data, sources: sources(), split: 'random', ...options }).catch((error: unknown) => error);
    expect(await refused({ labels: ['always'] })).toMatchObject({ code: 'DATASET_INVALID', message: expect.stringContaining('both classes') as string });
    expect(await refused({ sources: [] })).toMatchObject({ code: 'ARGUMENT_INVALID' });
    expect(await refused({ sources: [fingerprintSource('ecfp4'), fingerprintSource('ecfp4')] })).toMatchObject({ code: 'ARGUMENT_INVALID' });
    expect(await refused({ signal: AbortSignal.abort() })).toMatchObject({ name: 'AbortError' });
    expect(() => fingerprintSource('pharmacophore')).toThrow(/ecfp4, atompair, torsion/);
  });
});
