/** Libraries in Parquet files, against the same table as text. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLibrary } from '../../src/ingest/index.ts';
import type { ReadItem, ReadOptions } from '../../src/ingest/index.ts';
import { someSmiles } from './model.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'library-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
type ColumnData = Parameters<typeof parquetWriteBuffer>[0]['columnData'];

async function write(name: string, columnData: ColumnData, rowGroupSize = 100_000): Promise<string> {
  await writeFile(at(name), Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize })));
  return at(name);
}

async function read(path: string, options: ReadOptions = {}): Promise<ReadItem[]> {
  const items: ReadItem[] = [];
  for await (const item of readLibrary({ path }, options)) items.push(item);
  return items;
}

const told = (items: readonly ReadItem[]): unknown[] => items.map(({ line: _, offset: __, ...rest }) => rest);
const codeOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => 'none', (error: { code?: unknown }) => error.code);
const SMILES = someSmiles(50);

describe('a library in Parquet', () => {
  const numbers = SMILES.map((_, i) => i / 4);
  const columns: ColumnData = [
    { name: 'Compound ID', data: SMILES.map((_, i) => `C-${i}`), type: 'STRING' },
    { name: 'SMILES', data: SMILES, type: 'STRING' },
    { name: 'name', data: SMILES.map((_, i) => (i % 3 === 0 ? `name ${i}` : null)), type: 'STRING', nullable: true },
    { name: 'logP', data: numbers, type: 'DOUBLE' },
    { name: 'stock', data: SMILES.map((_, i) => i), type: 'INT32' },
    { name: 'supplier', data: SMILES.map(() => 'a, "b"'), type: 'STRING' },
  ];

  it('is read as the same table of text is, whatever the row groups', async () => {
    const rows = SMILES.map((smiles, i) => [`C-${i}`, smiles, i % 3 === 0 ? `name ${i}` : '', String(numbers[i]), String(i), '"a, ""b"""'].join(','));
    await writeFile(at('same.csv'), `Compound ID,SMILES,name,logP,stock,supplier\n${rows.join('\n')}\n`);
    const expected = told(await read(at('same.csv')));
    expect(expected).toHaveLength(SMILES.length);
    for (const rowGroupSize of [1, 7, 100]) expect(told(await read(await write(`groups-${rowGroupSize}.parquet`, columns, rowGroupSize)))).toEqual(expected);
    expect((await read(at('groups-7.parquet'))).map(({ line }) => line)).toEqual(SMILES.map((_, i) => i + 1));
  });

  it('counts rows without a structure, and finds columns by choice', async () => {
    const path = await write('gaps.parquet', [
      { name: 'drawn', data: ['CCO', null, 'CCN'], type: 'STRING', nullable: true }, { name: 'key', data: [7n, 8n, 9n], type: 'INT64' },
    ]);
    expect(await codeOf(read(path))).toBe('COLUMN_MISSING');
    const items = await read(path, { columns: { smiles: 'drawn', id: 'key' } });
    expect(items.map(({ kind, id, line }) => [kind, id, line])).toEqual([['record', '7', 1], ['reject', '8', 2], ['record', '9', 3]]);
  });

  it('that pyarrow wrote is read, without its columns of lists', async () => {
    const path = fileURLToPath(new URL('profiles/parquet/lists-beside.parquet', import.meta.url));
    const [first] = await read(path, { columns: { smiles: '1' } });
    expect(first).toBeDefined();
    expect(JSON.stringify(first)).not.toContain('Cells_List');
  });

  it('that is torn, foreign or piped in is refused', async () => {
    const whole = await readFile(await write('whole.parquet', columns));
    await writeFile(at('short.parquet'), whole.subarray(0, whole.length / 2));
    await writeFile(at('text.parquet'), 'SMILES\nCCO\n');
    const torn = Buffer.from(whole);
    torn.fill(0xff, 40, 400);
    await writeFile(at('torn.parquet'), torn);
    for (const name of ['short.parquet', 'text.parquet', 'torn.parquet']) expect(await codeOf(read(at(name))), name).toBe('FILE_UNREADABLE');
    expect(await codeOf(read(at('nowhere.parquet')))).toBe('FILE_NOT_FOUND');
    const piped = readLibrary({ path: '-', format: 'parquet', stdin: Readable.from([whole]) });
    expect(await codeOf(piped.next())).toBe('ARGUMENT_INVALID');
    const twice = fileURLToPath(new URL('profiles/parquet/twice.parquet', import.meta.url));
    expect(await codeOf(read(twice))).toBe('DATASET_INVALID');
  });

  it('can be left in the middle', async () => {
    for await (const item of readLibrary({ path: at('groups-1.parquet') })) if (item.ordinal === 3) break;
  });
});
