import { cellOf, defineWriter, freeName } from './define.ts';
import type { CellValue } from './define.ts';

export const csv = defineWriter({
  id: 'csv',
  summary: 'Comma-separated values by RFC 4180, for spreadsheets.',
  extensions: ['.csv'],
  draws: false,
  write: async function* (records, { columns, provenance = {} }) {
    const taken = new Set(columns);
    const origin = Object.entries(provenance);
    yield lineOf([...columns, ...origin.map(([name]) => freeName(name, taken))]);
    const last = origin.map(([, value]) => value);
    for await (const record of records) yield lineOf([...columns.map((column) => cellOf(record, column)), ...last]);
  },
});

function lineOf(cells: readonly CellValue[]): string {
  return `${cells.map(cellText).join(',')}\r\n`;
}

function cellText(value: CellValue): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = isFormula(value) ? `'${value}` : value;
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What a spreadsheet would run. Only a plain number may begin with a sign. */
function isFormula(text: string): boolean {
  if (/^[=@\t\r\n]/.test(text)) return true;
  return /^[+-]/.test(text) && !/^[+-](?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text);
}
