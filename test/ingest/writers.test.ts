/** What is written is read back: by our own reader of SDF and SMILES, by csv-parse, and by JSON.parse. */
import { Readable } from 'node:stream';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChemPool, valueOf } from '../../src/chem/index.ts';
import { WRITERS, readLibrary, writerFor, writerOf } from '../../src/ingest/index.ts';
import type { CellValue, LibraryRecord, OutRecord, ReadItem, WriteOptions, WriterId } from '../../src/ingest/index.ts';
import { someSmiles } from './model.ts';

async function write(id: WriterId, records: readonly OutRecord[], options: WriteOptions): Promise<string> {
  const chunks: string[] = [];
  for await (const chunk of writerOf(id).write(records, options)) chunks.push(chunk);
  return chunks.join('');
}

async function read(text: string, format: string): Promise<ReadItem[]> {
  const items: ReadItem[] = [];
  for await (const item of readLibrary({ path: '-', format, stdin: Readable.from([Buffer.from(text)]) })) items.push(item);
  return items;
}

const HOSTILE = ['$$$$', '\n$$$$\n', 'a\n\nb', '> <name>', '>  <b>\nx', 'M  END', '  1  0  0  0  0  0  0  0  0  0999 V2000', '\r\n', '=1+1', '+x', '-2', '-2a', '@SUM', '"', ',', '\t', 'a"b,c', ' a ', '\u2028', '\0', "'"];
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.constantFrom(...HOSTILE), fc.array(fc.constantFrom(...HOSTILE), { maxLength: 4 }).map((parts) => parts.join('\n')));
const value: fc.Arbitrary<CellValue> = fc.oneof(text, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null));
const column = text.filter((name) => name !== 'id' && name !== 'smiles' && name !== '__proto__');
const table = fc.uniqueArray(column, { maxLength: 5 }).chain((names) => fc.record({
  columns: fc.constant(['id', 'smiles', ...names]),
  records: fc.array(fc.record({ id: text, smiles: fc.constantFrom('CCO', 'c1ccccc1', '[Na+].[Cl-]'), fields: fc.tuple(...names.map(() => value)).map((values) => Object.fromEntries(names.map((name, i) => [name, values[i]!]))) }), { minLength: 1, maxLength: 5 }),
}));

/** What a spreadsheet shows: a leading apostrophe keeps text from being run. */
function shown(cell: CellValue): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const isNumber = cell.trim() === cell && /^[+-]/.test(cell) && Number.isFinite(Number(cell)) && !/[xob]/i.test(cell) && cell.length > 1;
  return /^[=@\t\r\n]/.test(cell) || (/^[+-]/.test(cell) && !isNumber) ? `'${cell}` : cell;
}

/** The lines of a value that a data field can hold. */
function kept(cell: CellValue): string {
  return cell === null ? '' : String(cell).split(/\r\n?|[\n\u0085\u2028\u2029]/).map((line) => line.replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F]/g, ' ').trimEnd()).filter((line) => line.trim() !== '')
    .map((line) => (line.trimStart().startsWith('$$$$') ? `\\${line.trimStart()}` : line)).map((line) => (line.startsWith('>') ? ` ${line}` : line)).join('\n').trim();
}

describe('CSV', () => {
  it('is read back cell by cell by another reader, and runs nothing in a spreadsheet', async () => {
    await fc.assert(fc.asyncProperty(table, async ({ columns, records }) => {
      const rows = parse(await write('csv', records, { columns }), { record_delimiter: '\r\n', relax_column_count: false });
      const cells = records.map((record) => columns.map((name) => shown(name === 'id' ? record.id : name === 'smiles' ? record.smiles : record.fields[name]!)));
      expect(rows).toEqual([columns.map(shown), ...cells]);
      for (const cell of rows.flat()) expect(/^[=@\t\r\n]/.test(cell)).toBe(false);
    }), { numRuns: 300 });
  });

  it('keeps numbers as numbers and ends lines as the standard says', async () => {
    const fields = { a: -1.5, b: '-1.5', c: '=1', d: '-x', e: true, f: null, g: 'a "b", c', h: '+41 79', i: 1e-7 };
    expect(await write('csv', [{ id: '@x', smiles: 'C', fields }], { columns: ['id', ...Object.keys(fields)], provenance: { query: 'CC', a: '=2' } }))
      .toBe('id,a,b,c,d,e,f,g,h,i,query,a_2\r\n\'@x,-1.5,-1.5,\'=1,\'-x,true,,"a ""b"", c",\'+41 79,1e-7,CC,\'=2\r\n');
  });
});

describe('SDF', () => {
  it('is read back record by record with all its fields, whatever stands in them', async () => {
    await fc.assert(fc.asyncProperty(table, async ({ columns, records }) => {
      const items = await read(await write('sdf', records, { columns }), 'sdf');
      expect(items.map(({ kind }) => kind)).toEqual(records.map(() => 'record'));
      items.forEach((item, i) => {
        const values = [records[i]!.id, records[i]!.smiles, ...columns.slice(2).map((name) => records[i]!.fields[name]!)].map(kept).filter((line) => line !== '');
        const { id, names, properties } = item as LibraryRecord;
        // A field may be called "name" or "synonyms".
        const found = [...(kept(records[i]!.id) === '' ? [] : [id!]), ...names, ...Object.values(properties).map(String)];
        expect(found.join('\n').length).toBeGreaterThan(0);
        if (names.length === 0) expect(found.map(String).sort()).toEqual(values.map((one) => (String(Number(one)) === one ? String(Number(one)) : one)).sort());
      });
    }), { numRuns: 300 });
  });

  it('names its origin in every record, cuts titles and keeps names apart', async () => {
    const id = `$${'x'.repeat(100)}\nb`;
    const out = await write('sdf', [{ id, smiles: 'C', fields: { 'a>b': 1, 'a<b': 2, '': 'x' } }], { columns: ['smiles', 'a>b', 'a<b', ''], provenance: { query: 'CC\n\n$$$$', index: 'demo' } });
    expect(out).toBe(`_$${'x'.repeat(79)}\n  IsoLens\n\n  0  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n>  <id>\n${id}\n\n>  <smiles>\nC\n\n>  <a_b>\n1\n\n>  <a_b_2>\n2\n\n>  <field>\nx\n\n>  <query>\nCC\n\\$$$$\n\n>  <index>\ndemo\n\n$$$$\n`);
  });
});

describe('SMILES and JSONL', () => {
  it('hold one record a line', async () => {
    await fc.assert(fc.asyncProperty(table, async ({ columns, records }) => {
      const lines = (await write('smiles', records, { columns })).split('\n');
      expect(lines.pop()).toBe('');
      expect(lines.map((line) => line.split('\t')[0])).toEqual(records.map(({ smiles }) => smiles));
      const objects = (await write('jsonl', records, { columns })).trimEnd().split('\n').map((line) => JSON.parse(line) as unknown);
      expect(objects).toEqual(records.map(({ id, smiles, fields }) => JSON.parse(JSON.stringify({ id, smiles, ...fields })) as unknown));
    }), { numRuns: 100 });
  });

  it('name their origin in one key of its own', async () => {
    const line = await write('jsonl', [{ id: 'a', smiles: 'C', fields: { provenance: 'mine' } }], { columns: ['id', 'provenance'], provenance: { index: 'demo' } });
    expect(JSON.parse(line)).toEqual({ id: 'a', provenance_2: 'mine', provenance: { index: 'demo' } });
  });

  it('are found by the name of a file', () => {
    for (const writer of WRITERS) for (const extension of writer.extensions) expect(writerFor(`a.b${extension.toUpperCase()}`)).toBe(writer);
    expect(() => writerFor('a.docx')).toThrow(/\.sdf/);
  });
});

describe('structures', () => {
  let chem: ChemPool;
  beforeAll(() => { chem = new ChemPool({ workers: 1 }); });
  afterAll(() => chem.close());

  it('are the same molecules when an SDF is read again, stereo and charges included', async () => {
    const smiles = [...someSmiles(60), 'C[C@H](N)C(=O)O', 'C/C=C/C', 'C/C=C\\C', '[13CH4]', 'C[N+](C)(C)CC([O-])=O', 'OC[C@H]1O[C@@H](O)[C@H](O)[C@@H](O)[C@@H]1O', '[Na+].CC([O-])=O'];
    const molfiles = (await chem.molblock(smiles, { urgent: true })).map(valueOf);
    const records = smiles.map((one, i) => ({ id: `M${i}`, smiles: one, fields: {}, molfile: molfiles[i]! }));
    const items = await read(await write('sdf', records, { columns: ['id', 'smiles'] }), 'sdf');
    const [before, after] = await Promise.all([smiles, items.map((item) => (item as LibraryRecord).structure)].map((inputs) => chem.standardise(inputs)));
    expect(after!.map((one) => valueOf(one).inchiKey)).toEqual(before!.map((one) => valueOf(one).inchiKey));
    // Two atoms of one place would be no drawing.
    for (const molfile of molfiles.filter((one) => !one.includes('  1  0  0'))) expect(new Set(molfile.match(/^ +-?\d+\.\d{4} +-?\d+\.\d{4}/gm)).size).toBeGreaterThan(1);
  });

  it('that cannot be read say why, each by itself', async () => {
    const outcomes = await chem.molblock(['CCO', 'C(C)(C)(C)(C)C', 'not a molecule', '[*:1]C(=O)N[*:2]', 'C'.repeat(300)]);
    expect(outcomes.map((one) => (one.ok ? 'ok' : one.error.code))).toEqual(['ok', 'SMILES_VALENCE', 'SMILES_SYNTAX', 'ok', 'SMILES_TOO_COMPLEX']);
  });
});
