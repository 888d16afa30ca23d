import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { alignFeatures, commonFeatures, readProfiles } from '../../../src/ingest/index.ts';
import { tableFile } from './tables.ts';

const HEAD = 'Metadata_Plate,Metadata_Well,Metadata_broad_sample,Metadata_pert_iname,Metadata_smiles,Metadata_InChIKey,Metadata_moa,Metadata_pert_type,Metadata_control_type,Cells_A,Nuclei_B';
const CONTROL = 'P1,A01,,DMSO,CS(=O)C,,,control,negcon,0,1';
const TREATED = 'P1,A02,BRD-K80935598-001-01-1,AZ191,"CC,O",ZYVXTMKTGDARKR-UHFFFAOYSA-N,DYRK inhibitor|CDK inhibitor,trt,,1.5,2';
const read = async (...lines: string[]): ReturnType<typeof readProfiles> => readProfiles(await tableFile(`${lines.join('\n')}\n`));

describe('readProfiles', () => {
  it('tells metadata from features, plain and gzip, commas and tabs', async () => {
    const profiles = await read(HEAD, CONTROL, TREATED);
    expect(profiles.features).toEqual(['Cells_A', 'Nuclei_B']);
    expect([...profiles.matrix.data]).toEqual([0, 1, 1.5, 2]);
    expect(profiles.wells.map(({ isControl }) => isControl)).toEqual([true, false]);
    expect(profiles.wells[1]).toEqual({
      plate: 'P1', well: 'A02', compound: 'BRD-K80935598-001-01-1', name: 'AZ191', smiles: 'CC,O', inchiKey: 'ZYVXTMKTGDARKR-UHFFFAOYSA-N',
      mechanisms: ['DYRK inhibitor', 'CDK inhibitor'], isControl: false,
    });
    const tabbed = [HEAD, CONTROL, TREATED.replace('"CC,O"', 'CCO')].map((line) => line.replaceAll(',', '\t')).join('\r\n');
    const zipped = await readProfiles(await tableFile(gzipSync(tabbed), 'profiles.tsv.gz'));
    expect([...zipped.matrix.data]).toEqual([0, 1, 1.5, 2]);
  });

  it('takes names without Metadata_, row numbers of pandas and bookkeeping of CellProfiler for no features', async () => {
    const profiles = await read(',Plate,Well,Metadata_JCP2022,ImageNumber,FileName_DNA,X_1', '0,P1,A01,JCP2022_033924,7,a.tif,1', '1,P1,A02,JCP2022_000001,8,b.tif,2');
    expect(profiles.features).toEqual(['X_1']);
    // Without a column of control types the solvent is told by its name.
    expect(profiles.wells.map(({ isControl }) => isControl)).toEqual([true, false]);
  });

  it('takes a positive control for a compound', async () => {
    const { wells } = await read(HEAD, CONTROL, TREATED.replace('trt,,', 'control,poscon_cp,'));
    expect(wells.map(({ isControl }) => isControl)).toEqual([true, false]);
  });

  it('drops features that miss more than 5 % or are constant, and fills other gaps by the median of the plate', async () => {
    const lines = Array.from({ length: 40 }, (_, i) => [i < 20 ? 'P1' : 'P2', `W${i}`, i, i % 7, i < 3 ? 'NaN' : i, i === 5 ? 'inf' : i === 30 ? '' : i, 4].join(','));
    const profiles = await read('Metadata_Plate,Metadata_Well,A,B,Holes,Gaps,Same', ...lines);
    expect(profiles.features).toEqual(['A', 'B', 'Gaps']);
    expect(profiles).toMatchObject({ droppedMissing: ['Holes'], droppedConstant: ['Same'], filled: 2 });
    // Of 0 to 19 without 5, and of 20 to 39 without 30.
    expect([profiles.matrix.data[5 * 3 + 2], profiles.matrix.data[30 * 3 + 2]]).toEqual([10, 29]);
  });

  it.each([
    ['no features', ['Metadata_Plate,Metadata_Well', 'P1,A01'], 'COLUMN_MISSING', /columns of features/],
    ['no wells', ['Metadata_Plate,Cells_A', 'P1,1'], 'COLUMN_MISSING', /Metadata_Well/],
    ['text in a feature', [HEAD, CONTROL, TREATED.replace('1.5', 'high')], 'RECORD_INVALID', /"Cells_A".*row 2 has "high"/],
    ['a feature twice', ['Metadata_Plate,Metadata_Well,Cells_A,Cells_A', 'P1,A01,1,2'], 'DATASET_INVALID', /"Cells_A" stands there twice/],
    ['a well twice', [HEAD, CONTROL, TREATED, TREATED], 'DATASET_INVALID', /rows 2 and 3 are both well A02 of plate P1/],
    ['a row without a well', [HEAD, CONTROL.replace('A01', '')], 'RECORD_INVALID', /row 1 has no well/],
    ['no rows', [HEAD], 'DATASET_INVALID', /rows of wells/],
    ['constant features alone', [HEAD, CONTROL], 'DATASET_INVALID', /2 constant/],
  ])('refuses %s', async (_, lines, code, message) => {
    await expect(read(...lines)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('refuses files that are not there or cut off', async () => {
    await expect(readProfiles('nowhere.csv')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    const cut = await tableFile(gzipSync([HEAD, CONTROL].join('\n')).subarray(0, 60), 'cut.csv.gz');
    await expect(readProfiles(cut)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });
});

describe('features of two tables', () => {
  it('orders by name, and names what is missing or in addition', async () => {
    const profiles = await read('Metadata_Plate,Metadata_Well,A,B', 'P,1,1,2', 'P,2,3,4');
    expect([...alignFeatures(profiles, ['B', 'A']).matrix.data]).toEqual([2, 1, 4, 3]);
    expect(() => alignFeatures(profiles, ['A', 'C'])).toThrow(/lack C and have B in addition/);
    const other = await read('Metadata_Plate,Metadata_Well,C,B', 'P,1,1,2', 'P,2,3,4');
    expect(commonFeatures([profiles, other]).map(({ features, matrix }) => [features, [...matrix.data]])).toEqual([[['B'], [2, 4]], [['B'], [2, 4]]]);
    const third = await read('Metadata_Plate,Metadata_Well,D', 'P,1,1', 'P,2,3');
    expect(() => commonFeatures([profiles, third])).toThrow(/begins with A, the other with D/);
  });
});
