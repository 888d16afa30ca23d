/** Files as people have them: written by other programs, put together by hand, copied from papers. Each case stands for its kind. */
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { MAX_PROPERTY_CHARACTERS } from '../../src/ingest/columns.ts';
import { readLibrary } from '../../src/ingest/index.ts';
import type { LibraryReadOptions, LibraryRecord, ReadItem } from '../../src/ingest/index.ts';

async function read(text: string, format: string, options: LibraryReadOptions = {}): Promise<ReadItem[]> {
  const items: ReadItem[] = [];
  for await (const item of readLibrary({ path: '-', format, stdin: Readable.from([Buffer.from(text)]) }, options)) items.push(item);
  return items;
}

async function records(text: string, format: string, options: LibraryReadOptions = {}): Promise<LibraryRecord[]> {
  const items = await read(text, format, options);
  expect(items.filter((item) => item.kind === 'reject')).toEqual([]);
  return items.filter((item) => item.kind === 'record');
}

/** A molfile of one atom. */
const mol = (title: string, element = 'C'): string =>
  `${title}\n  made by hand\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n    0.0000    0.0000    0.0000 ${element}   0  0\nM  END\n`;
const v3000 = (title: string): string =>
  `${title}\n  made by hand\n\n  0  0  0     0  0            999 V3000\nM  V30 BEGIN CTAB\n` +
  `M  V30 COUNTS 1 0 0 0 0\nM  V30 BEGIN ATOM\nM  V30 1 N 0 0 0 0\nM  V30 END ATOM\nM  V30 END CTAB\nM  END\n`;
const element = (record: LibraryRecord): string =>
  /0 ([A-Z]) |1 ([A-Z]) 0/
    .exec(record.structure)!
    .slice(1)
    .find((found) => found !== undefined)!;

describe('.sdf: values', () => {
  const value = async (lines: string): Promise<Record<string, unknown>> => {
    const found = await records(`${mol('one')}> <note>\n${lines}\n\n>  <after>\nlast\n\n$$$$\n${mol('two', 'N')}$$$$\n`, 'sdf');
    expect(found.map(({ id }) => id)).toEqual(['one', 'two']);
    expect(found[0]!.properties['after']).toBe('last');
    const { note, after: _, ...more } = found[0]!.properties;
    expect(more).toEqual({});
    return { note };
  };

  it.each([
    '> 3 uM by <MS> and <NMR>',
    '>99 % (HPLC)',
    'first\n> 5 <second>\nthird',
    '>',
    '>> see <a>',
    '$$$$ 20 a gram',
    '$$$$$',
    'price:\n$$$$ on request',
    'a\n$$$$ b <c>\n> d',
    'M  END of text',
    'see\n  1  0  0  0 V2000\nabove',
  ])('may begin as anything: %j', async (lines) => {
    expect(await value(lines)).toEqual({ note: lines });
  });

  it('may be a molfile, which is no molecule of the library', async () => {
    const found = await records(`${mol('one')}> <drawn>\n${mol('inner', 'O')}\n> <after>\nlast\n\n$$$$\n${mol('two', 'N')}$$$$\n`, 'sdf');
    expect(found.map((record) => [record.id, element(record)])).toEqual([
      ['one', 'C'],
      ['two', 'N'],
    ]);
    expect(found[0]!.properties['after']).toBe('last');
  });

  it('end where the next field plainly begins, or the record, if the empty line is missing', async () => {
    const [one, two] = await records(`${mol('one')}> <a>\n1\n> <b>\n2\n>  <c>  (7)\n3\n$$$$\n${mol('two')}> <a>\n4\n$$$$\n`, 'sdf');
    expect([one!.properties, two!.properties]).toEqual([{ a: 1, b: 2, c: 3 }, { a: 4 }]);
  });
});

describe('.sdf: names of fields', () => {
  it.each(['Ki (<1 nM)', 'a<b>c', 'logD>2', '<', 'yield [%] <crude>', 'x'])('may hold anything: %j', async (name) => {
    for (const header of [`> <${name}>`, `>  <${name}>`, `>  12 <${name}>`, `> <${name}>  (3)`]) {
      expect((await records(`${mol('one')}${header}\n7\n\n$$$$\n`, 'sdf'))[0]!.properties, header).toEqual({ [name]: 7 });
    }
  });
});

describe('.sdf: records', () => {
  it('end at $$$$ with blanks around it', async () => {
    for (const end of [' $$$$', '\t$$$$', '$$$$  ', '  $$$$ ', '$$$$ end of one']) {
      const found = await records(
        `${mol('one')}> <ID>\nI1\n\n${end}\n${mol('two', 'N')}> <ID>\nI2\n\n${end}\n${mol('three', 'O')}`,
        'sdf',
      );
      expect(
        found.map((record) => [record.id, element(record)]),
        end,
      ).toEqual([
        ['I1', 'C'],
        ['I2', 'N'],
        ['three', 'O'],
      ]);
    }
  });

  it('are told apart where $$$$ is missing between them', async () => {
    const wanted = [
      ['one', 'C'],
      ['two', 'N'],
      ['three', 'O'],
    ];
    for (const between of ['', '\n', '\n\n', '> <a>\n1\n\n', '> <a>\n1\n\n> <b>\n\n\n']) {
      const found = await records(`${mol('one')}${between}${mol('two', 'N')}${between}${mol('three', 'O')}`, 'sdf');
      expect(
        found.map((record) => [record.id, element(record)]),
        JSON.stringify(between),
      ).toEqual(wanted);
      expect(found.map(({ line, ordinal }) => [line, ordinal])[0]).toEqual([1, 0]);
    }
    const mixed = await records(`${mol('one')}${v3000('two')}> <a>\n1\n\n${mol('three', 'O')}$$$$\n${v3000('four')}${mol('')}`, 'sdf');
    expect(mixed.map((record) => [record.id, element(record)])).toEqual([...wanted, ['four', 'N'], [null, 'C']]);
  });

  it('are counted where they cannot be told apart', async () => {
    const cut = mol('cut').replace('M  END\n', '');
    const items = await read(`${cut}${mol('two', 'N')}`, 'sdf');
    expect(items.map((item) => [item.kind, item.id])).toEqual([
      ['reject', 'cut'],
      ['record', 'two'],
    ]);
    const stray = await read(`${mol('one')}no molfile\nM  END\n$$$$\n`, 'sdf');
    expect(stray.map((item) => [item.kind, item.line])).toEqual([
      ['record', 1],
      ['reject', 8],
    ]);
  });
});

describe('.smi with CXSMILES', () => {
  it('takes what follows the block for the identifier', async () => {
    const found = await records(
      'C[C@H](N)F |&1:1|  A 1\nCCO\t|$a;b c;d$|\tB2\tethyl alcohol\nCCN |(0,1,;2,3,;4,5,)|\nCCC pipe | in a title\nCC |x\n',
      'smi',
    );
    expect(found.map(({ structure, id, names }) => [structure, id, names])).toEqual([
      ['C[C@H](N)F |&1:1|', 'A 1', []],
      ['CCO |$a;b c;d$|', 'B2', ['ethyl alcohol']],
      ['CCN |(0,1,;2,3,;4,5,)|', null, []],
      ['CCC', 'pipe | in a title', []],
      ['CC', '|x', []],
    ]);
  });
});

describe('delimited text', () => {
  it.each(['sep=;', 'SEP=;', '"sep=;"', 'sep=;;;', '\uFEFFsep=;'])('obeys the first line %j of a spreadsheet', async (first) => {
    const found = await records(`${first}\r\nName;SMILES;IC50, uM\r\nx;CCO;1,5\r\ny;CCN;2\r\n`, 'csv');
    expect(found.map(({ id, structure, properties, line }) => [id, structure, properties['IC50, uM'], line])).toEqual([
      ['x', 'CCO', '1,5', 3],
      ['y', 'CCN', 2, 4],
    ]);
  });

  it('obeys it for other separators, and not where it is a record', async () => {
    expect((await records('sep=\t\nid\tsmiles\na\tCCO\n', 'csv'))[0]).toMatchObject({ id: 'a', structure: 'CCO' });
    expect((await records('sep=|\nid|smiles\na|CCO\n', 'tsv'))[0]).toMatchObject({ id: 'a', structure: 'CCO' });
    expect((await records('sep=,\nid;smiles\na;CCO\n', 'csv', { delimiter: ';' }))[0]).toMatchObject({ id: 'a', structure: 'CCO' });
    expect((await records('smiles,id\nCCO,sep=;\n', 'csv'))[0]).toMatchObject({ id: 'sep=;', structure: 'CCO' });
  });

  it('takes InChI where there is no SMILES', async () => {
    const water = 'InChI=1S/H2O/h1H2';
    const methanol = 'InChI=1S/CH4O/c1-2/h2H,1H3';
    for (const name of ['InChI', 'Standard InChI', 'standard_inchi', 'INCHI']) {
      expect(
        (await records(`key,${name}\nw,${water}\nm,"${methanol}"\n`, 'csv')).map(({ structure }) => structure),
        name,
      ).toEqual([water, methanol]);
    }
    expect((await records(`{"InChI":"${methanol}","id":"m"}\n`, 'jsonl'))[0]).toMatchObject({ id: 'm', structure: methanol });
    expect((await records(`m;${methanol}\nw;${water}\n`, 'csv')).map(({ id, structure }) => [id, structure])).toEqual([
      ['m', methanol],
      ['w', water],
    ]);
    expect((await records(`InChI id\n${methanol} m\n`, 'smi'))[0]).toMatchObject({ id: 'm', structure: methanol });
    const both = (await records(`inchi;smiles\n${methanol};CO\n`, 'csv'))[0];
    expect(both).toMatchObject({ structure: 'CO', properties: { inchi: methanol } });
    await expect(read('id,InChIKey\n1,XLYOFNOQVPJJNP-UHFFFAOYSA-N\n', 'csv')).rejects.toMatchObject({
      code: 'COLUMN_MISSING',
      message: expect.stringContaining('InChI'),
    });
  });
});

describe('structures from papers', () => {
  const odd: readonly (readonly [string, string])[] = [
    ['C\u2010O', 'C-O'],
    ['C\u2013N', 'C-N'],
    ['C\u2212C', 'C-C'],
    ['[O\u2212]C', '[O-]C'],
    ['\u200bCCN', 'CCN'],
    ['CC\u200b\u2060O\ufeff', 'CCO'],
    ['C\u00adC', 'CC'],
    ['\u00a0CCO\u00a0', 'CCO'],
  ];
  it('are read with dashes that look like one, and without blanks that cannot be seen', async () => {
    for (const [given, wanted] of odd) {
      const shown = JSON.stringify(given);
      expect((await records(`id,smiles\na\u2013b,${given}\n`, 'csv'))[0], shown).toMatchObject({ id: 'a\u2013b', structure: wanted });
      expect((await records(`smiles\tid\n${given}\ta\u2013b\n`, 'smi'))[0], shown).toMatchObject({ id: 'a\u2013b', structure: wanted });
      expect((await records(`${JSON.stringify({ smiles: given })}\n`, 'jsonl'))[0], shown).toMatchObject({ structure: wanted });
    }
    expect((await read('id,smiles\n1,\u200b\n', 'csv'))[0]).toMatchObject({ kind: 'reject', code: 'SMILES_EMPTY' });
  });
});

describe('wide and long tables', () => {
  const names = Array.from({ length: 400 }, (_, i) => `c${i}`);
  const long = 'x'.repeat(MAX_PROPERTY_CHARACTERS + 5);
  const written: Readonly<Record<string, (note: string) => string>> = {
    csv: (note) => `smiles,${names.join(',')},note\nCCO,${names.join(',')},${note}\n`,
    tsv: (note) => `smiles\t${names.join('\t')}\tnote\nCCO\t${names.join('\t')}\t${note}\n`,
    jsonl: (note) => `${JSON.stringify({ smiles: 'CCO', ...Object.fromEntries(names.map((name) => [name, name])), note })}\n`,
    sdf: (note) =>
      `${mol('one')}${[...names.map((name) => [name, name]), ['note', note]].map((one) => `> <${one[0]}>\n${one[1]}\n\n`).join('')}$$$$\n`,
  };
  it.each(Object.keys(written))('%s keeps every column, and says which cell was cut', async (format) => {
    const [whole] = await records(written[format]!('short'), format);
    expect(Object.keys(whole!.properties)).toEqual([...names, 'note']);
    expect(whole).not.toHaveProperty('shortened');
    const [cut] = await records(written[format]!(long), format);
    expect(cut!.shortened).toEqual(['note']);
    expect(String(cut!.properties['note'])).toHaveLength(MAX_PROPERTY_CHARACTERS);
  });
});
