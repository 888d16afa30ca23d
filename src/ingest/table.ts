/** Whole tables of text, for files that fit in memory; libraries of any size go through the readers. */
import { parse } from 'csv-parse/sync';

export interface TableOptions {
  readonly delimiter: string;
  /** Whether a cell may stand in double quotes. */
  readonly quoted: boolean;
}

/** Rows of cells, the header among them; rows may differ in length, empty lines are left out. */
export function parseTable(text: string, { delimiter, quoted }: TableOptions): string[][] {
  return parse(text, { delimiter, relax_quotes: true, relax_column_count: true, skip_empty_lines: true, quote: quoted ? '"' : null });
}

/** The same for a table whose first line names the columns: tabs where that line has one, else commas and cells that may be quoted. */
export function parseNamedTable(text: string): string[][] {
  const plain = text.replace(/^\uFEFF/, '');
  const isTabbed = plain.slice(0, plain.indexOf('\n')).includes('\t');
  return parseTable(plain, { delimiter: isTabbed ? '\t' : ',', quoted: !isTabbed });
}
