/** Folders of plates: names of microscopes' files, maps of wells, and what is left out of a listing. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { NAME_PATTERNS, listSites, patternOf, readImageTable, readPlateMap, siteTable } from '../../src/ingest/index.ts';
import { channelsOf } from '../../src/ingest/plates/channels.ts';
import { readName, wellOf } from '../../src/ingest/plates/names.ts';

const root = mkdtempSync(join(tmpdir(), 'isolens-plates-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A folder of empty files: a listing looks at names alone. */
function folderOf(name: string, files: readonly string[]): string {
  for (const file of files) {
    mkdirSync(dirname(join(root, name, file)), { recursive: true });
    writeFileSync(join(root, name, file), '');
  }
  return join(root, name);
}

describe('names of files', () => {
  it.each([
    ['phenix', 'r01c02f03p01-ch4sk1fk1fl1.tiff', { well: 'A02', site: '3', channel: '4', plane: 1 }],
    ['phenix', 'r16c24f09p02-ch1.tif', { well: 'P24', site: '9', channel: '1', plane: 2 }],
    ['cellvoyager', 'CP-CC9-R1-01_B03_T0001F002L01A01Z01C05.tif', { plate: 'CP-CC9-R1-01', well: 'B03', site: '2', channel: '5', plane: 1 }],
    ['imagexpress', 'IXMtest_A01_s1_w1B6A2F9C5-3D0E-4E0B.tif', { plate: 'IXMtest', well: 'A01', site: '1', channel: '1', plane: 0 }],
    ['imagexpress', 'cdp2bioactives_p24_s6_w25cb1.png', { plate: 'cdp2bioactives', well: 'P24', site: '6', channel: '2', plane: 0 }],
    ['named', 'BR0001_AF48_12_Hoechst.tif', { plate: 'BR0001', well: 'AF48', site: '12', channel: 'Hoechst', plane: 0 }],
    ['named', 'b2_s3_Mito.png', { well: 'B02', site: '3', channel: 'Mito', plane: 0 }],
  ])('%s reads %s', (id, name, expected) => {
    expect(readName(name, NAME_PATTERNS.find((one) => one.id === id)!)).toEqual(expected);
    // No other pattern takes it for something else.
    for (const other of NAME_PATTERNS.filter((one) => one.id !== id)) expect(readName(name, other), other.id).toBeUndefined();
  });

  it('reads what a user describes, and refuses a description that says too little', () => {
    const own = patternOf('^(?<row>\\d+)x(?<column>\\d+)_(?<site>\\d+)_(?<channel>.+)\\.tif$');
    expect(readName('2x11_004_er.tif', own)).toEqual({ well: 'B11', site: '4', channel: 'er', plane: 0 });
    expect(readName('2x99_004_er.tif', own)).toBeUndefined();
    expect(patternOf('phenix').id).toBe('phenix');
    expect(() => patternOf('(?<well>A)(?<site>1)')).toThrow(/groups.*site.*channel/);
    expect(() => patternOf('(')).toThrow(/regular expression/);
  });

  it('writes wells in one way', () => {
    expect(['A1', 'a01', ' A001 ', 'P24', 'AA1', 'af48', 'AG01', 'A49', 'A0', 'AAA1', '11', ''].map(wellOf)).toEqual(['A01', 'A01', 'A01', 'P24', 'AA01', 'AF48', undefined, undefined, undefined, undefined, undefined, undefined]);
  });
});

describe('channels', () => {
  it('are known by stains and ordered by name', () => {
    expect(channelsOf(['Hoechst', 'ERSyto', 'ERSytoBleed', 'Ph_golgi', 'Mito'], undefined).map(({ name }) => name)).toEqual(['AGP', 'DNA', 'ER', 'Mito', 'RNA']);
    expect(channelsOf(['AGP', 'DNA', 'ER', 'Mito', 'RNA'], undefined).map(({ id }) => id)).toEqual(['AGP', 'DNA', 'ER', 'Mito', 'RNA']);
    expect(channelsOf(['10', '2', '1'], undefined).map(({ name }) => name)).toEqual(['1', '2', '10']);
    expect(channelsOf(['dapi', 'hoechst'], undefined).map(({ name }) => name)).toEqual(['dapi', 'hoechst']);
  });

  it('are what the user says', () => {
    expect(channelsOf(['1', '2', '3'], '3=DNA, 1=Mito')).toEqual([{ id: '3', name: 'DNA' }, { id: '1', name: 'Mito' }]);
    for (const bad of ['4=DNA', '1=DNA,1=ER', '1=', '']) expect(() => channelsOf(['1', '2'], bad), bad).toThrow(/channels of the files \(1, 2\)/);
  });
});

describe('plate maps', () => {
  it('find their columns by the names that laboratories give them', () => {
    const map = readPlateMap('plate_map_name\twell_position\tbroad_sample\tmmoles_per_liter\tpert_type\tsmiles\nM1\tA01\tBRD-1\t5\ttrt\tCCO\nM1\tA02\tDMSO\t\tcontrol\t\n', 'map.tsv');
    expect(map.contentOf('any', 'A01')).toEqual({ compound: 'BRD-1', smiles: 'CCO', concentration: '5', control: '' });
    expect(map.contentOf('any', 'A02')).toMatchObject({ control: 'control' });
    expect(map.contentOf('any', 'A03')).toBeUndefined();
    expect(map.hasControls('any')).toBe(true);
    expect(map.problems).toEqual([]);
    const rows = readPlateMap('Row,Column,Compound,SMILES,Plate\nB,3,x,CC,P-1\n2,4,dmso,,P-1\n1,1,x,CC,P-2\n', 'rows.csv');
    expect(rows.contentOf('p1', 'B03')).toMatchObject({ compound: 'x', control: '' });
    expect(rows.contentOf('P2', 'B03')).toBeUndefined();
    expect([rows.hasControls('P1'), rows.hasControls('P-2')]).toEqual([true, false]);
  });

  it('say what is doubtful', () => {
    const { problems } = readPlateMap('well,compound,smiles\nA1,x,CC\nA2,x,CCC\nA3,y,\nA4,DMSO,\n', 'map.csv');
    expect(problems).toEqual(['x has several SMILES in the map; each well keeps its own.', 'y has no SMILES in the map.']);
  });

  it.each([
    ['no column of wells', 'place,compound\nA1,x\n', 'COLUMN_MISSING', /column of wells.*place, compound/],
    ['no column of compounds', 'well,dose\nA1,2\n', 'COLUMN_MISSING', /column of compounds/],
    ['a well that is none', 'well,compound\nA1,x\nZZ9,x\n', 'DATASET_INVALID', /record 2.*"ZZ9"/],
    ['a well twice', 'well,compound\nA1,x\na01,y\n', 'DATASET_INVALID', /A01 stands there twice \(record 2\)/],
  ])('refuse %s', (_, text, code, message) => {
    expect(() => readPlateMap(text, 'map.csv')).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error);
  });
});

describe('listings', () => {
  const name = (row: number, site: number, channel: number, plane = 1): string => `BR01__2020-11-05T19-Measurement1/Images/r0${row}c01f0${site}p0${plane}-ch${channel}sk1fk1fl1.tiff`;

  it('join channels to sites and wells to the map, and say what they leave out', () => {
    const whole = [1, 2].flatMap((row) => [1, 2].flatMap((site) => [1, 2, 3].map((channel) => name(row, site, channel))));
    const folder = folderOf('phenix', [...whole.filter((file) => file !== name(2, 2, 3)), name(1, 1, 2, 2), 'BR01__2020-11-05T19-Measurement1/Images/Index.idx.xml', 'BR01__2020-11-05T19-Measurement1/overview.png']);
    const map = readPlateMap('well,compound,smiles\nA01,aspirin,CC(=O)Oc1ccccc1C(=O)O\n', 'map.csv');
    const listing = listSites({ folder, map, channels: '3=DNA,1=Mito,2=ER' });
    expect(listing.pattern.id).toBe('phenix');
    expect(listing.sites.map(({ plate, well, site }) => `${plate} ${well} ${site}`)).toEqual(['BR01 A01 1', 'BR01 A01 2', 'BR01 B01 1']);
    expect(listing.sites[0]!.files).toEqual([name(1, 1, 3), name(1, 1, 1), name(1, 1, 2)]);
    expect(listing.problems).toEqual([
      expect.stringMatching(/^1 images are named otherwise.*overview\.png/), expect.stringMatching(/^1 sites lack a channel.*BR01 B01 site 2 \(DNA\)/),
      expect.stringMatching(/^1 images of other focal planes/), 'The map says nothing of 1 wells: BR01 B01.', 'No well is marked as a control on BR01.',
    ]);
    // Training and probes read the table.
    const table = join(root, 'sites.tsv');
    writeFileSync(table, siteTable(listing, folder, root));
    const { images, incomplete } = readImageTable(table, { file: 'file', group: 'plate', class: 'compound' });
    expect(incomplete).toBe(1);
    expect(images.map(({ class: compound, group, paths }) => [compound, group, paths.length])).toEqual([['aspirin', 'BR01', 3], ['aspirin', 'BR01', 3]]);
    expect(images[0]!.paths[1]).toBe(join(folder, name(1, 1, 1)));
  });

  it('tell plates of one folder apart, and refuse a channel that is there twice', () => {
    const folder = folderOf('several', ['one/P1_A01_s1_w1.tif', 'one/P1_A01_s1_w2.tif', 'two/P2_A01_s1_w1.tif', 'two/P2_A01_s1_w2.tif', 'copy/P2_A01_s1_w2.png']);
    const { sites, problems } = listSites({ folder });
    expect(sites.map(({ plate }) => plate)).toEqual(['P1']);
    expect(problems.join(' ')).toMatch(/1 sites have a channel twice.*P2 A01 site 1/);
  });

  it('refuse a folder without images that can be named', () => {
    expect(() => listSites({ folder: join(root, 'nowhere') })).toThrow(/Expected a folder of images/);
    expect(() => listSites({ folder: folderOf('strange', ['a.tif', 'b.tif']) })).toThrow(/none of its 2 images is, such as a\.tif\. Describe the names with --pattern/);
  });
});
