import { parse } from 'csv-parse/sync';
import { isSmilesColumn, mapColumns, pickFields } from '../columns.ts';
import type { ColumnMap } from '../columns.ts';
import { defineReader, rejectItem } from '../define.ts';
import type { RawItem, ReadOptions } from '../define.ts';
import type { Line } from '../lines.ts';

/** A quoted field may hold line breaks, but a quote that is never closed must not swallow the file. */
const MAX_LINES_IN_RECORD = 64;
const DELIMITERS = [',', ';', '\t', '|'] as const;

export const csv = defineReader({
  id: 'csv',
  summary: 'Comma, semicolon or other separated columns.',
  extensions: ['.csv'],
  read: (batches, options) => readDelimited(batches, options, undefined),
});

export const tsv = defineReader({
  id: 'tsv',
  summary: 'Tab-separated columns.',
  extensions: ['.tsv', '.tab'],
  read: (batches, options) => readDelimited(batches, options, '\t'),
});

async function* readDelimited(batches: AsyncIterable<readonly Line[]>, options: ReadOptions, fixed: string | undefined): AsyncGenerator<RawItem> {
  let parser: DelimitedParser | undefined;
  /** What the first line says of the delimiter; '' where it says nothing. */
  let told: string | undefined;
  for await (const lines of batches) {
    for (const line of lines) {
      if (parser === undefined) {
        if (line.text.trim() === '') continue;
        if (told === undefined) {
          told = toldDelimiter(line.text) ?? '';
          if (told !== '') continue;
        }
        parser = new DelimitedParser(options.delimiter ?? (told === '' ? undefined : told) ?? fixed ?? detectDelimiter(line.text));
        if (parser.start(line, options)) continue;
      }
      yield* parser.push(line);
    }
  }
  if (parser !== undefined) yield* parser.end();
}

/** Cells of a line without a quote are cut directly; csv-parse reads the others. */
class DelimitedParser {
  private readonly delimiter: string;
  private map: ColumnMap = { columns: [], smiles: 0, id: -1, name: -1, synonyms: -1 };
  /** Lines of a record whose quotes are still open. */
  private open: Line[] = [];

  constructor(delimiter: string) {
    this.delimiter = delimiter;
  }

  /** Reads the columns from the first line; true where it is a header and holds no molecule. */
  start(line: Line, options: ReadOptions): boolean {
    const cells = this.cells(line.text) ?? line.text.split(this.delimiter);
    const isHeader = options.header ?? !looksLikeRecord(cells);
    const choice = options.columns ?? {};
    if (isHeader) this.map = mapColumns(cells, choice);
    else {
      const names = cells.map((_, i) => `column${i + 1}`);
      const smiles = Math.max(0, cells.findIndex(looksLikeSmiles));
      const other = cells.findIndex((_, i) => i !== smiles);
      this.map = mapColumns(names, { smiles: choice.smiles ?? names[smiles]!, id: choice.id ?? names[other], name: choice.name });
    }
    return isHeader;
  }

  *push(line: Line): Generator<RawItem> {
    if (line.overlong) {
      yield* this.giveUp();
      yield rejectItem(line, line.text, 'Expected one record a line but received a line of more than a megabyte.');
    } else if (this.open.length === 0 && !line.text.includes('"')) {
      if (line.text.trim() !== '') yield this.toItem(line, line.text, line.text.split(this.delimiter));
    } else {
      this.open.push(line);
      yield* this.drain();
    }
  }

  *end(): Generator<RawItem> {
    yield* this.giveUp();
  }

  /** Emits the open lines as one record once their quotes are closed; gives up on the first where that looks wrong. */
  private *drain(): Generator<RawItem> {
    const text = this.open.map((line) => line.text).join('\n');
    const closed = quotesClosed(text, this.delimiter);
    if (!closed && this.open.length < MAX_LINES_IN_RECORD) return;
    const cells = closed ? this.cells(text) : undefined;
    const plausible = cells !== undefined && (this.open.length === 1 || cells.length === this.map.columns.length);
    if (!plausible) return yield* this.giveUp(1);
    const first = this.open[0]!;
    this.open = [];
    yield this.toItem(first, text, cells);
  }

  /** Rejects the first open line (whose quotes do not close) and reads the following afresh; all of them where no more lines come. */
  private *giveUp(count = Number.POSITIVE_INFINITY): Generator<RawItem> {
    for (let given = 0; given < count && this.open.length > 0; given++) {
      const [first, ...rest] = this.open as [Line, ...Line[]];
      this.open = [];
      yield rejectItem(first, first.text, 'Expected every quote in the record to be closed, but one stays open or stands in the wrong place.');
      for (const line of rest) yield* this.push(line);
    }
  }

  private toItem(line: Line, text: string, cells: readonly string[]): RawItem {
    const { columns, smiles } = this.map;
    if (cells.length <= smiles) {
      return rejectItem(line, text, `Expected ${columns.length} columns but received ${cells.length}: the SMILES column is missing.`);
    }
    if (cells.length > columns.length && cells.slice(columns.length).some((cell) => cell.trim() !== '')) {
      return rejectItem(line, text, `Expected ${columns.length} columns but received ${cells.length}; quote cells that hold the separator.`, { id: pickFields(this.map, cells).id });
    }
    const fields = pickFields(this.map, cells);
    if (fields.structure === '') return rejectItem(line, text, 'Expected a SMILES but the cell is empty.', { id: fields.id, code: 'SMILES_EMPTY' });
    return { kind: 'record', line: line.line, offset: line.offset, ...fields };
  }

  /** undefined where the quoting is broken. A stray quote within a cell of a single line is taken as it stands. */
  private cells(text: string): string[] | undefined {
    if (!text.includes('"')) return text.split(this.delimiter);
    const options = { delimiter: this.delimiter, relax_column_count: true };
    try {
      return parse(text, options)[0];
    } catch {
      if (text.includes('\n')) return undefined;
    }
    try {
      return parse(text, { ...options, relax_quotes: true })[0];
    } catch {
      return undefined;
    }
  }
}

/** Whether no quoted cell is still open at the end of the text. Only a quote at a cell's beginning opens one. */
function quotesClosed(text: string, delimiter: string): boolean {
  let quoted = false;
  let atStart = true;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') continue;
      if (text[i + 1] === '"') i++;
      else quoted = false;
    } else if (c === '"' && atStart) {
      quoted = true;
      atStart = false;
    } else {
      atStart = c === delimiter || c === '\n';
    }
  }
  return !quoted;
}

/** Excel's first line `sep=;`, which it may have saved with a cell after it. */
function toldDelimiter(text: string): string | undefined {
  return /^"?sep=(.)"?\1*$/i.exec(text)?.[1];
}

function detectDelimiter(header: string): string {
  // An InChI holds commas and semicolons of its own.
  const plain = header.replaceAll(/InChI=1S?\/[^\t|"]*/g, 'InChI');
  const counts = DELIMITERS.map((delimiter) => plain.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!;
}

/** A first line is a record, not a header, if a cell reads as SMILES and none names a column of SMILES. */
function looksLikeRecord(cells: readonly string[]): boolean {
  return !cells.some(isSmilesColumn) && cells.some(looksLikeSmiles);
}

/** Only characters of SMILES, and something that words do not have: a ring digit, bond, branch or bracket, or capitals only. */
function looksLikeSmiles(cell: string): boolean {
  const text = cell.trim();
  if (/^InChI=1S?\//.test(text)) return true;
  return /^[A-Za-z0-9@+\-[\]()\\/=#$%.:*]+$/.test(text) && /^(\[|B|C|N|O|P|S|F|Cl|Br|I|b|c|n|o|p|s)/.test(text) && (/[=#[\]()]|[a-z]\d/.test(text) || /^[BCNOPSFI]{2,}$/.test(text));
}
