/** Plain tables for people: columns as wide as their widest cell. */
export interface Column<Row> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Longer cells are cut. */
  readonly maxWidth?: number;
  cell(row: Row): string;
}

/** `width`: characters of a terminal line; the last column is cut to fit. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width?: number): string {
  const cells = [columns.map((column) => column.title), ...rows.map((row) => columns.map((column) => cut(column.cell(row), column.maxWidth ?? Infinity)))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)));
  const lines = cells.map((line) => line.map((cell, i) => (columns[i]!.align === 'right' ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join('  ').trimEnd());
  return lines.map((line) => cut(line, width ?? Infinity)).join('\n');
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(1, length - 1))}…`;
}

/** A table of texts: the first column to the left, numbers to the right. */
export function tableText([head = [], ...rows]: readonly (readonly string[])[]): string {
  const columns = head.map((title, i) => ({ title, align: i === 0 ? 'left' as const : 'right' as const, cell: (row: readonly string[]) => row[i] ?? '' }));
  return formatTable(columns, rows);
}
