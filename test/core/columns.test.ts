import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as iteration } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { ColumnWriter, readShared } from '../../src/bundle/index.ts';
import { ColumnTable, Turns, layColumns } from '../../src/core/index.ts';
import type { ColumnSpec } from '../../src/core/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'columns-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SPECS = [{ name: 'bits', type: 'u8', width: 5 }, { name: 'number', type: 'i32', width: 1 }, { name: 'pair', type: 'f32', width: 2 }] as const satisfies readonly ColumnSpec[];

async function written(counts: readonly number[]): Promise<string> {
  const path = join(folder, `${counts.join('-')}.bin`);
  const writer = await ColumnWriter.create(path, SPECS, counts.reduce((sum, count) => sum + count, 0), 'v1');
  let row = 0;
  for (const count of counts) {
    const rows = Array.from({ length: count }, () => row++);
    await writer.append(count, {
      bits: Uint8Array.from(rows.flatMap((one) => [one, 1, 2, 3, 4])), number: new Uint8Array(Int32Array.from(rows, (one) => -one).buffer), pair: new Uint8Array(Float32Array.from(rows.flatMap((one) => [one / 2, one])).buffer),
    });
  }
  await writer.finish();
  return path;
}

describe('columns', () => {
  it.each([[[0]], [[1]], [[3, 0, 4]], [[1000]]])('come back as they were written, in parts of %j rows', async (counts) => {
    const path = await written(counts);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const { buffer } = await readShared(path, readFileSync(path).length);
    const table = new ColumnTable(buffer);
    expect([table.version, table.count]).toEqual(['v1', total]);
    for (const spec of SPECS) expect(table.column(spec).byteOffset % 64).toBe(0);
    const rows = Array.from({ length: total }, (_, row) => row);
    expect([...table.column(SPECS[1])]).toEqual(rows.map((row) => (row === 0 ? 0 : -row)));
    expect([...table.column(SPECS[2])]).toEqual(rows.flatMap((row) => [row / 2, row]));
    expect(table.column(SPECS[0]).length).toBe(5 * total);
  });

  it('refuse what is asked of another make, and what is no such file', async () => {
    const path = await written([7]);
    const table = new ColumnTable((await readShared(path, readFileSync(path).length)).buffer);
    for (const wrong of [{ ...SPECS[0], width: 6 }, { ...SPECS[0], type: 'u16' as const }, { ...SPECS[0], name: 'other' }]) {
      expect(() => table.column(wrong)).toThrow(expect.objectContaining({ code: 'BUNDLE_INCOMPATIBLE' }));
    }
    const head = layColumns(SPECS, 7, 'v1').head;
    const files = [Buffer.alloc(0), Buffer.from('ISLCOLS1'), Buffer.concat([Buffer.from('ISLCOLS1'), Buffer.from([255, 255, 255, 255])]), Buffer.from('ISLCOLS1\x02\0\0\0{]'), head, Buffer.from('another file altogether')];
    for (const bytes of files) {
      const shared = new SharedArrayBuffer(bytes.length);
      new Uint8Array(shared).set(bytes);
      expect(() => new ColumnTable(shared)).toThrow(expect.objectContaining({ code: 'BUNDLE_INCOMPATIBLE' }));
    }
  });

  it('are not finished before all rows are there, and take no more', async () => {
    const writer = await ColumnWriter.create(join(folder, 'short.bin'), [SPECS[1]], 2, 'v1');
    await writer.append(1, { number: new Uint8Array(4) });
    await expect(writer.append(1, { number: new Uint8Array(3) })).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(writer.append(2, { number: new Uint8Array(8) })).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(writer.finish()).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('turns', () => {
  it('come one an iteration of the event loop, in order', async () => {
    const turns = new Turns();
    let now = 0;
    let counting = true;
    const count = (async () => { while (counting) { await iteration(); now++; } })();
    const came = await Promise.all(Array.from({ length: 20 }, async (_, i) => {
      await turns.next();
      return { i, at: now };
    }));
    counting = false;
    await count;
    expect(came.map(({ i }) => i)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(new Set(came.map(({ at }) => at)).size).toBeGreaterThanOrEqual(19);
  });
});
