/** Lists as chemists keep them: a molecule a line, a table with a column of SMILES, or molfiles one after the other. */

export interface ListedQuery {
  readonly text: string;
  readonly id: string | undefined;
}

export interface List {
  readonly kind: 'lines' | 'table' | 'molfiles';
  readonly queries: readonly ListedQuery[];
  /** Lines without a query: blank ones, comments, rows without a structure. */
  readonly passedOver: number;
  /** What no query can be so long as. */
  readonly tooLong: number;
}

const END_OF_RECORD = /^\$\$\$\$[^\n]*$/m;
const MOLFILE = /\bV[23]000\b|^M {2}END/m;
/** The limits of a query: beyond them the service refuses the whole list. */
const MAX_TEXT = 20_000;
const MAX_ID = 200;

const SMILES_COLUMNS = ['smiles', 'canonicalsmiles', 'isomericsmiles', 'isosmiles', 'smilesstring', 'smi', 'cxsmiles', 'structure', 'molecule'];
const ID_COLUMNS = [
  'id', 'identifier', 'compoundid', 'moleculeid', 'molid', 'cid', 'chemblid', 'moleculechemblid', 'zincid', 'drugbankid', 'name', 'compoundname',
  'moleculename', 'title',
];

export function isMolfile(text: string): boolean {
  return MOLFILE.test(text);
}

/** More than one molecule. */
export function isList(text: string): boolean {
  if (!text.includes('\n')) return false;
  if (isMolfile(text)) return recordsOf(text).length > 1;
  return linesOf(text).length > 1;
}

export function readList(text: string): List {
  const read = isMolfile(text) ? readMolfiles(text) : readTable(text) ?? readLines(text);
  const queries = read.queries.filter((query) => query.text.length <= MAX_TEXT).map(({ text: one, id }) => ({ text: one, id: id === '' ? undefined : id?.slice(0, MAX_ID) }));
  return { ...read, queries, tooLong: read.queries.length - queries.length };
}

type Read = Pick<List, 'kind' | 'queries' | 'passedOver'>;

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}

function readLines(text: string): Read {
  const lines = linesOf(text);
  return { kind: 'lines', queries: lines.map(queryOf), passedOver: text.replace(/\r?\n$/, '').split('\n').length - lines.length };
}

/** A tab always parts text and identifier; a blank only behind a structure, since names hold blanks. */
function queryOf(line: string): ListedQuery {
  const tab = line.indexOf('\t');
  if (tab > 0) return { text: line.slice(0, tab).trim(), id: line.slice(tab + 1).split('\t')[0]?.trim() };
  const parts = /^(\S+)\s+(.+)$/.exec(line);
  if (parts === null || !isStructure(parts[1]!)) return { text: line, id: undefined };
  return { text: parts[1]!, id: parts[2]! };
}

const ATOM_OR_BOND = /^(?:\[[^\]\s]+\]|Br|Cl|[BCNOPSFIbcnops*]|[-=#$:/\\.()~]|\d|%\d\d)+$/;

/** By its characters alone: whether it is a molecule is for the service to say. Aromatic atoms stand in rings, and those bear figures: "Boc glycine" is a name. */
function isStructure(word: string): boolean {
  if (word.startsWith('InChI=') || /^[A-Z]{14}-[A-Z]{10}-[A-Z]$/.test(word)) return true;
  return ATOM_OR_BOND.test(word) && (/\d/.test(word) || !/[bcnops]/.test(word.replaceAll(/\[[^\]]*\]/g, '')));
}

function recordsOf(text: string): string[] {
  return text.replaceAll('\r', '').split(END_OF_RECORD).map((record, i) => (i === 0 ? record : record.replace(/^\n/, ''))).filter((record) => record.trim() !== '');
}

function readMolfiles(text: string): Read {
  const queries = recordsOf(text).map((record) => {
    // Data fields are not the structure's, and may be long.
    const end = /^M {2}END.*$/m.exec(record);
    return { text: end === null ? record : record.slice(0, end.index + end[0].length + 1), id: record.split('\n', 1)[0]?.trim() };
  });
  return { kind: 'molfiles', queries, passedOver: 0 };
}

const DELIMITERS = ['\t', ';', ','];

function columnOf(header: readonly string[], names: readonly string[]): number {
  return names.map((name) => header.indexOf(name)).find((at) => at >= 0) ?? -1;
}

/** Of several columns, one may be called "SMILES (neutral form)". */
function structuresIn(header: readonly string[]): number {
  const named = columnOf(header, SMILES_COLUMNS);
  return named < 0 && header.length > 1 ? header.findIndex((name) => name.includes('smiles')) : named;
}

/** undefined where the first line names no column of structures. */
function readTable(text: string): Read | undefined {
  const first = linesOf(text)[0] ?? '';
  // What parts the cells may also stand within one: it is what leaves a column of structures.
  const headers = DELIMITERS.map((delimiter) => ({ delimiter, header: cellsOf(first, delimiter)[0]?.map((name) => name.toLowerCase().replaceAll(/[^a-z]/g, '')) ?? [] }));
  const found = headers.map(({ delimiter, header }) => ({ delimiter, header, smiles: structuresIn(header) })).find(({ smiles }) => smiles >= 0);
  if (found === undefined) return undefined;
  const { delimiter, header, smiles } = found;
  const id = columnOf(header, ID_COLUMNS);
  const rows = cellsOf(text.slice(text.indexOf(first) + first.length), delimiter).filter((row) => row.some((cell) => cell.trim() !== ''));
  const queries = rows.map((row) => ({ text: (row[smiles] ?? '').trim(), id: row[id]?.trim() })).filter((query) => query.text !== '');
  return { kind: 'table', queries, passedOver: rows.length - queries.length };
}

/** Cells may stand in quotes, and then hold delimiters and line ends. */
function cellsOf(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  const endRow = (): void => {
    rows.push([...row, cell]);
    row = [];
    cell = '';
  };
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[i + 1] === '"') cell += text[++i]!;
      else isQuoted = false;
    } else if (character === '"' && cell === '') isQuoted = true;
    else if (character === delimiter) {
      row.push(cell);
      cell = '';
    } else if (character === '\n') endRow();
    else if (character !== '\r') cell += character;
  }
  if (cell !== '' || row.length > 0) endRow();
  return rows;
}
