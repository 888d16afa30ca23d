/** Lists as chemists keep them, read for the batch page. */
import { describe, expect, it } from 'vitest';
import { isList, isMolfile, readList } from '../../web/query/list.ts';

const MOLFILE = (title: string): string => `${title}\n  RDKit          2D\n\n  3  2  0  0  0  0  0  0  0  0999 V2000\n    0.0000    0.0000    0.0000 C   0  0\n    1.5000    0.0000    0.0000 C   0  0\n    2.2000    1.3000    0.0000 O   0  0\n  1  2  1  0\n  2  3  1  0\nM  END\n`;
const pairs = (text: string): (readonly [string, string | undefined])[] => readList(text).queries.map(({ text: one, id }) => [one, id]);

describe('a list', () => {
  it('is more than one molecule', () => {
    expect(['Ibuprofen', 'Ibuprofen\n', '# only a comment\nIbuprofen\n', '', '\n\n', MOLFILE('ethanol'), `${MOLFILE('ethanol')}$$$$\n`].map(isList)).toEqual([false, false, false, false, false, false, false]);
    expect(['Ibuprofen\nSildenafil', 'Ibuprofen\r\nSildenafil\r\n', 'smiles\nCCO', `${MOLFILE('a')}$$$$\n${MOLFILE('b')}`].map(isList)).toEqual([true, true, true, true]);
    expect(isMolfile(MOLFILE('ethanol'))).toBe(true);
    expect(isMolfile('CCO\nM1')).toBe(false);
  });
});

describe('lines', () => {
  it('hold a name, or a structure and what it is called', () => {
    expect(pairs('Ibuprofen\nsildenafil citrate\nCCO ethyl alcohol\n[Na+].[Cl-] salt\nc1ccccc1\tbenzene\tthe rest\nRYYVLZVUVIJVGH-UHFFFAOYSA-N coffee\nInChI=1S/CH4/h1H4 gas\n')).toEqual([
      ['Ibuprofen', undefined], ['sildenafil citrate', undefined], ['CCO', 'ethyl alcohol'], ['[Na+].[Cl-]', 'salt'], ['c1ccccc1', 'benzene'], ['RYYVLZVUVIJVGH-UHFFFAOYSA-N', 'coffee'], ['InChI=1S/CH4/h1H4', 'gas'],
    ]);
  });

  it('are names where the first word only spells like atoms', () => {
    for (const name of ['Boc glycine', 'Cocos oil', 'iron oxide', 'Bosc pear ester', '2-methyl propane']) expect(pairs(`${name}\nCCO`)[0], name).toEqual([name, undefined]);
    for (const smiles of ['CCl', 'BrCCBr', 'C[nH]', 'c1ccccc1', 'N#Cc1ccncc1', String.raw`F/C=C\F`, 'C%10CC%10', 'O', '*C']) expect(pairs(`${smiles} mine\nCCO`)[0], smiles).toEqual([smiles, 'mine']);
  });

  it('pass over blank ones and comments, and count them', () => {
    expect(readList('\n# drugs\nIbuprofen\n\n  \nSildenafil\n')).toEqual({ kind: 'lines', passedOver: 4, tooLong: 0, queries: [{ text: 'Ibuprofen', id: undefined }, { text: 'Sildenafil', id: undefined }] });
    expect(readList('Ibuprofen\r\nSildenafil\r\n').passedOver).toBe(0);
  });

  it('leave out what is longer than any query, and shorten what it is called', () => {
    const { queries, tooLong } = readList(`${'C'.repeat(20_001)}\n${'C'.repeat(20_000)}\nCCO ${'x'.repeat(300)}`);
    expect(queries.map(({ text }) => text.length)).toEqual([20_000, 3]);
    expect(queries[1]!.id).toHaveLength(200);
    expect(tooLong).toBe(1);
  });
});

describe('a table', () => {
  it('is known by a column of structures, wherever it stands and however it is written', () => {
    for (const header of ['Name,SMILES', '"Name","SMILES"', 'Name;Canonical SMILES', 'Compound name\tIsomeric_SMILES', '\uFEFFName,smiles', '\u201CName\u201D,\u201CSMILES\u201D', '"Name; trade name",SMILES', 'NAME , Structure', 'Name,SMILES (neutral form)']) {
      const delimiter = header.includes('\t') ? '\t' : /;(?!.*,)/.test(header) ? ';' : ',';
      const { kind, queries } = readList(`${header}\nethanol${delimiter}CCO\nbenzene${delimiter}c1ccccc1\n`);
      expect(kind, header).toBe('table');
      expect(queries.map(({ text }) => text), header).toEqual(['CCO', 'c1ccccc1']);
    }
    expect(readList('my best smiles\nCCO ethanol').queries).toHaveLength(2);
    expect(readList('Name,Formula\nethanol,C2H6O').kind).toBe('lines');
  });

  it('may hold quotes, delimiters and line ends within a cell', () => {
    expect(pairs('id,name,smiles,note\r\nA-1,"ethanol, dry",CCO,"says ""dry""\nand means it"\r\nA-2,plain,"C1=CC=CC=C1",\r\n')).toEqual([['CCO', 'A-1'], ['C1=CC=CC=C1', 'A-2']]);
  });

  it('passes over rows without a structure', () => {
    expect(readList('smiles,id\nCCO,1\n,2\n\n   \nCCC,3')).toEqual({ kind: 'table', passedOver: 1, tooLong: 0, queries: [{ text: 'CCO', id: '1' }, { text: 'CCC', id: '3' }] });
  });

  it('may start with comments, and may have nothing to call a row', () => {
    expect(pairs('# from the robot\nsmiles;dose\nCCO;1,5\nCCC;2')).toEqual([['CCO', undefined], ['CCC', undefined]]);
    expect(readList('smiles,name\n').queries).toEqual([]);
  });
});

describe('molfiles', () => {
  it('are called by their titles, and lose their data', () => {
    const { kind, queries } = readList(`${MOLFILE('ethanol')}>  <note>\n${'long '.repeat(10_000)}\n\n$$$$\n${MOLFILE('')}$$$$\n`);
    expect(kind).toBe('molfiles');
    expect(queries.map(({ id }) => id)).toEqual(['ethanol', undefined]);
    for (const { text } of queries) expect(text).toMatch(/V2000[^]*M {2}END\n$/);
  });

  it('may have the line ends of another system', () => {
    const { queries } = readList(`${MOLFILE('a')}$$$$\n${MOLFILE('b')}$$$$\n`.replaceAll('\n', '\r\n'));
    expect(queries.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(queries[0]!.text).toBe(MOLFILE('a'));
  });
});
