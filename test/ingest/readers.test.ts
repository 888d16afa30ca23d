import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLibrary, readerFor } from '../../src/ingest/index.ts';
import type { LibraryReadOptions, LibraryRecord, ReadItem } from '../../src/ingest/index.ts';

async function read(text: string, format: string, options: LibraryReadOptions = {}): Promise<ReadItem[]> {
  const items: ReadItem[] = [];
  for await (const item of readLibrary({ path: '-', format, stdin: Readable.from([Buffer.from(text)]) }, options)) items.push(item);
  return items;
}

async function records(text: string, format: string, options: LibraryReadOptions = {}): Promise<LibraryRecord[]> {
  return (await read(text, format, options)).filter((item) => item.kind === 'record');
}

describe('columns', () => {
  it('are recognised by their usual names; the rest are properties', async () => {
    const [record] = await records('Broad ID;Canonical_SMILES;Drug Name;Synonyms;Target;Phase\nBRD-1;CCO;ethanol;alcohol|EtOH;GABA;4\n', 'csv');
    expect(record).toMatchObject({ structure: 'CCO', id: 'BRD-1', names: ['ethanol', 'alcohol', 'EtOH'], properties: { Target: 'GABA', Phase: 4 } });
  });

  it('are chosen by name or number', async () => {
    const text = 'a,b,c\nx,CCO,y\n';
    expect((await records(text, 'csv', { columns: { smiles: 'b', id: '3', name: 'a' } }))[0]).toMatchObject({ structure: 'CCO', id: 'y', names: ['x'] });
    await expect(read(text, 'csv', { columns: { smiles: 'nope' } })).rejects.toMatchObject({ code: 'COLUMN_MISSING', message: expect.stringContaining('a, b, c') });
    await expect(read(text, 'csv', { columns: { smiles: 'b', id: '4' } })).rejects.toMatchObject({ code: 'COLUMN_MISSING' });
  });

  it('that are missing are named with what there is', async () => {
    await expect(read('id,activity\n1,2\n', 'csv')).rejects.toMatchObject({ code: 'COLUMN_MISSING', message: expect.stringContaining('id, activity') });
    await expect(read('{"id":1}\n', 'jsonl')).rejects.toMatchObject({ code: 'COLUMN_MISSING' });
  });

  it('are guessed where there is no header', async () => {
    expect((await records('CHEMBL25,CC(=O)Oc1ccccc1C(=O)O\nCHEMBL545,CCO\n', 'csv')).map((r) => [r.id, r.structure])).toEqual([['CHEMBL25', 'CC(=O)Oc1ccccc1C(=O)O'], ['CHEMBL545', 'CCO']]);
    expect((await records('CCO\nCCN\n', 'csv')).map((r) => r.structure)).toEqual(['CCO', 'CCN']);
  });

  it('keep numbers only where they read back as written', async () => {
    const [record] = await records('smiles,a,b,c,d\nCCO,1.5,007,1e3,\n', 'csv');
    expect(record!.properties).toEqual({ a: 1.5, b: '007', c: '1e3' });
  });

  it('take an identifier from the name where there is no other', async () => {
    expect((await records('name,smiles\naspirin,CCO\n,CCN\n', 'csv')).map((r) => r.id)).toEqual(['aspirin', null]);
  });
});

describe('delimited text', () => {
  it('keeps quoted separators, quotes and line breaks', async () => {
    const items = await records('smiles,note\nCCO,"a, ""b""\nsecond line"\nCCN,plain\n', 'csv');
    expect(items.map((r) => [r.structure, r.properties['note'], r.line])).toEqual([['CCO', 'a, "b"\nsecond line', 2], ['CCN', 'plain', 4]]);
  });

  it('takes an inch sign within a cell as it stands', async () => {
    expect((await records('smiles,note\nCCO,5" tube\n', 'csv'))[0]!.properties['note']).toBe('5" tube');
  });

  it('loses one record only to a quote that is never closed', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => `C${'C'.repeat(i % 9)},"note ${i}"`);
    rows[100] = 'CCO,"never closed';
    const items = await read(`smiles,note\n${rows.join('\n')}\n`, 'csv');
    expect(items).toHaveLength(300);
    expect(items.filter((item) => item.kind === 'reject').map((item) => item.ordinal)).toEqual([100]);
  });

  it('says what is wrong with a record of too many or too few cells', async () => {
    const items = await read('id,smiles,x\n1,CCO,a,b\n2\n3,,c\n4,CCO,\n5,CCN\n6,CCC,z,\n', 'csv');
    expect(items.map((item) => (item.kind === 'reject' ? item.code : item.structure))).toEqual(['RECORD_INVALID', 'RECORD_INVALID', 'SMILES_EMPTY', 'CCO', 'CCN', 'CCC']);
    expect(items[2]!.id).toBe('3');
  });

  it('reads back any cells that were quoted by the rules', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', ';', '\n', ' ', 'é', '7'), maxLength: 12 });
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.stringMatching(/^[CNO]{1,8}$/), cell), { minLength: 1, maxLength: 12 }), async (rows) => {
      const text = `smiles,note\n${rows.map(([smiles, note]) => `${smiles},"${note.replaceAll('"', '""')}"`).join('\n')}\n`;
      const items = await records(text, 'csv');
      expect(items.map((r) => [r.structure, r.properties['note'] === undefined ? '' : String(r.properties['note'])])).toEqual(rows.map(([smiles, note]) => [smiles, note.trim()]));
    }), { numRuns: 200 });
  });
});

describe('other formats', () => {
  it('.smi takes titles with blanks, names after tabs, comments and a header', async () => {
    const items = await records('smiles id\n# comment\nCCO  ethyl alcohol\nCCN\tM2\tamine\n\nCCC\n', 'smi');
    expect(items.map((r) => [r.structure, r.id, r.names])).toEqual([['CCO', 'ethyl alcohol', []], ['CCN', 'M2', ['amine']], ['CCC', null, []]]);
  });

  it('.sdf keeps the molfile and its fields', async () => {
    const block = 'title\n  x\n\n  0  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n';
    const items = await records(`${block}> <CHEMBL_ID>\nCHEMBL1\n\n>  25 <LogP>  (3)\n1.2\n\n> <text>\ntwo\nlines\n\n$$$$\n${block}`, 'sdf');
    expect(items[0]).toMatchObject({ structure: block, id: 'CHEMBL1', properties: { LogP: 1.2, text: 'two\nlines' } });
    expect(items[1]).toMatchObject({ id: 'title' });
    expect((await records(`${block}> <a>\nA1\n\n$$$$\n${block}$$$$\n`, 'sdf', { columns: { id: 'a' } })).map((r) => r.id)).toEqual(['A1', 'title']);
  });

  it('.jsonl takes arrays of names and keeps nested values as text', async () => {
    const [record] = await records('{"SMILES":"CCO","id":7,"names":["a","b"],"targets":["x"],"none":null}\n', 'jsonl');
    expect(record).toMatchObject({ structure: 'CCO', id: '7', names: ['a', 'b'], properties: { targets: '["x"]' } });
    expect((await read('{"smiles":"C"}\n[1]\n{"smiles":5}\n{"id":3}\n', 'jsonl')).map((item) => (item.kind === 'reject' ? item.code : 'ok')))
      .toEqual(['ok', 'RECORD_INVALID', 'SMILES_EMPTY', 'COLUMN_MISSING']);
  });

  it('are chosen by extension', () => {
    expect(['a.SMI', 'b.csv.gz', 'c.tsv', 'd.sdf.GZ', 'e.jsonl'].map((path) => readerFor({ path }).id)).toEqual(['smi', 'csv', 'tsv', 'sdf', 'jsonl']);
    expect(() => readerFor({ path: 'x.xlsx' })).toThrow(expect.objectContaining({ code: 'FILE_FORMAT_UNKNOWN' }));
    expect(() => readerFor({ path: '-' })).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
    expect(() => readerFor({ path: '-', format: 'xml' })).toThrow(expect.objectContaining({ code: 'FILE_FORMAT_UNKNOWN' }));
  });

  it('name a missing file', async () => {
    const run = async (): Promise<void> => { for await (const _ of readLibrary({ path: '/nowhere/library.smi' })); };
    await expect(run()).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', message: expect.stringContaining('/nowhere/library.smi') });
  });
});
