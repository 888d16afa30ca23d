import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LINE_READERS, readLibrary } from '../../src/ingest/index.ts';
import type { LibraryReadOptions, LineReaderId, ReadItem } from '../../src/ingest/index.ts';

interface Plain { readonly id: string; readonly smiles: string }

/** How each format writes a molecule, and a record that it cannot read ('' where every line can be read). */
const FORMATS: Record<LineReaderId, { write(molecules: readonly Plain[], newline: string): string; bad: string }> = {
  smi: {
    write: (molecules, newline) => molecules.map((m) => `${m.smiles}\t${m.id}${newline}`).join(''),
    bad: '',
  },
  csv: {
    write: (molecules, newline) => `id,smiles,note${newline}${molecules.map((m) => `${m.id},${m.smiles},"a, ""b"""${newline}`).join('')}`,
    bad: 'broken,"CCO,never closed',
  },
  tsv: {
    write: (molecules, newline) => `id\tsmiles${newline}${molecules.map((m) => `${m.id}\t${m.smiles}${newline}`).join('')}`,
    bad: 'only-one-cell',
  },
  sdf: {
    write: (molecules, newline) => molecules.map((m) => molblock(m).split('\n').join(newline)).join(''),
    bad: 'broken\n  no end\n\n$$$$',
  },
  jsonl: {
    write: (molecules, newline) => molecules.map((m) => `${JSON.stringify({ smiles: m.smiles, id: m.id, target: 'COX' })}${newline}`).join(''),
    bad: '{"smiles": "CCO"',
  },
};

function molblock({ id, smiles }: Plain): string {
  return `${id}\n  made by hand\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n    0.0000    0.0000    0.0000 C   0  0\nM  END\n> <source>\n${smiles}\n\n$$$$\n`;
}

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'reader-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(text: string | Uint8Array, format: LineReaderId, options: LibraryReadOptions = {}, chunk = 1 << 16): Promise<ReadItem[]> {
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, i) => bytes.subarray(i * chunk, (i + 1) * chunk));
  const items: ReadItem[] = [];
  for await (const item of readLibrary({ path: '-', format, stdin: Readable.from(chunks) }, options)) items.push(item);
  return items;
}

const MOLECULES: readonly Plain[] = Array.from({ length: 9 }, (_, i) => ({ id: `M-${i}`, smiles: `${'C'.repeat(i + 1)}(=O)O` }));
const ids = (items: readonly ReadItem[]): (string | null)[] => items.map((item) => item.id);

describe.each(LINE_READERS.map((reader) => reader.id))('reader %s', (id) => {
  const format = FORMATS[id];
  const text = format.write(MOLECULES, '\n');

  it('reads back what was written', async () => {
    const items = await read(text, id);
    expect(ids(items)).toEqual(MOLECULES.map((m) => m.id));
    items.forEach((item, i) => {
      expect(item).toMatchObject({ kind: 'record', ordinal: i });
      if (item.kind === 'record') expect(id === 'sdf' ? item.properties['source'] : item.structure).toBe(MOLECULES[i]!.smiles);
    });
  });

  it('says where each record begins', async () => {
    const lines = text.split('\n');
    for (const item of await read(text, id)) {
      const rest = Buffer.from(text).subarray(item.offset).toString();
      expect(rest.startsWith(lines[item.line - 1]!)).toBe(true);
      expect(rest.slice(0, 200)).toContain(item.id);
    }
  });

  it('reads CRLF, a byte-order mark and no last line break the same', async () => {
    const plain = (await read(text, id)).map(({ offset: _, ...rest }) => rest);
    const crlf = (await read(`\uFEFF${format.write(MOLECULES, '\r\n')}`, id)).map(({ offset: _, ...rest }) => rest);
    expect(crlf).toEqual(plain);
    expect(ids(await read(text.trimEnd(), id))).toEqual(ids(await read(text, id)));
  });

  it('reads UTF-16 with its mark, and old line ends', async () => {
    expect(ids(await read(Buffer.from(`\uFEFF${text}`, 'utf16le'), id))).toEqual(MOLECULES.map((m) => m.id));
    expect(ids(await read(format.write(MOLECULES, '\r'), id))).toEqual(MOLECULES.map((m) => m.id));
  });

  it('reads gzip by content, and by name from disk', async () => {
    expect(await read(gzipSync(text), id)).toEqual(await read(text, id));
    const path = join(folder, `library${LINE_READERS.find((reader) => reader.id === id)!.extensions[0]!}.gz`);
    await writeFile(path, gzipSync(text));
    const items: ReadItem[] = [];
    for await (const item of readLibrary({ path })) items.push(item);
    expect(items).toEqual(await read(text, id));
  });

  it('delivers the records before the end of a truncated archive, then says so', async () => {
    const long = format.write(Array.from({ length: 4000 }, (_, i) => ({ id: `M${i}`, smiles: `CCO${'N'.repeat(i % 37)}` })), '\n');
    const seen: ReadItem[] = [];
    const cut = gzipSync(long, { level: 1 });
    const source = { path: '-', format: id, stdin: Readable.from([cut.subarray(0, cut.length - 10)]) };
    const run = async (): Promise<void> => { for await (const item of readLibrary(source)) seen.push(item); };
    await expect(run()).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    expect(seen.length).toBeGreaterThan(100);
  });

  it.runIf(format.bad !== '')('counts a bad record in the middle and goes on', async () => {
    const rest = format.write(MOLECULES.slice(4), '\n');
    const headless = id === 'csv' || id === 'tsv' ? rest.slice(rest.indexOf('\n') + 1) : rest;
    const broken = `${format.write(MOLECULES.slice(0, 4), '\n')}${format.bad}\n${headless}`;
    const items = await read(broken, id);
    const rejects = items.filter((item) => item.kind === 'reject');
    expect(rejects).toHaveLength(1);
    expect(rejects[0]).toMatchObject({ ordinal: 4, code: expect.stringMatching(/^[A-Z_]+$/), message: expect.stringContaining('Expected') });
    expect(ids(items.filter((item) => item.kind === 'record'))).toEqual(MOLECULES.map((m) => m.id));
  });

  it('skips empty lines between records', async () => {
    if (id === 'sdf') return;
    expect(ids(await read(text.replaceAll('\n', '\n\n  \n'), id))).toEqual(MOLECULES.map((m) => m.id));
  });

  it('reads nothing from nothing', async () => {
    expect(await read('', id)).toEqual([]);
    expect(await read('\n\n', id)).toEqual([]);
  });

  it('resumes at any record', async () => {
    const all = await read(text, id);
    for (let start = 0; start <= all.length + 1; start++) expect(await read(text, id, { start })).toEqual(all.slice(start));
  });

  it('does not depend on where chunks are cut', async () => {
    const whole = await read(text, id);
    for (const chunk of [1, 2, 3, 7]) expect(await read(text, id, {}, chunk)).toEqual(whole);
  });

  it('survives any text: every record or reject has a position, and nothing is thrown but a code', async () => {
    const alphabet = fc.constantFrom('C', '"', ',', '\t', '\n', '\r', ' ', '{', '}', ':', 'smiles', '$$$$', 'M  END', '> <a>', '\uFEFF', 'é', '\0', '#');
    await fc.assert(fc.asyncProperty(fc.array(alphabet, { maxLength: 60 }).map((parts) => parts.join('')), async (junk) => {
      try {
        const items = await read(junk, id);
        items.forEach((item, i) => expect(item.ordinal).toBe(i));
      } catch (error) {
        expect(error).toMatchObject({ name: 'IsoLensError' });
      }
    }), { numRuns: 200 });
  });

  it('rejects a line of more than a megabyte and goes on', async () => {
    const unit = id === 'sdf' ? '$$$$\n' : '\n';
    const items = await read(`${text}${'C'.repeat(3 << 20)}${unit === '\n' ? '' : '\n'}${unit}${id === 'csv' || id === 'tsv' ? text.slice(text.indexOf('\n') + 1) : text}`, id);
    expect(items.filter((item) => item.kind === 'reject')).toHaveLength(1);
    expect(items.filter((item) => item.kind === 'record')).toHaveLength(2 * MOLECULES.length);
    for (const item of items) if (item.kind === 'reject') expect(item.input.length).toBeLessThan(2000);
  });
});
