/** A table of cells, whatever file it comes from. */
export type Cell = string | number | bigint;
/** Numbers, NaN where there is none; or cells, empty where there is none. */
export type Column = Float64Array | readonly Cell[];

export interface CellTable {
  readonly header: readonly string[];
  /** Below the header. */
  readonly rows: number;
  /** The columns in these places, `rows` values each. */
  columns(places: readonly number[]): Promise<Column[]>;
}

/** Of rows of text, the header first; rows that end early have empty cells. */
export function textTable([header = [], ...rows]: readonly (readonly string[])[]): CellTable {
  return { header, rows: rows.length, columns: (places) => Promise.resolve(places.map((at) => rows.map((cells) => cells[at] ?? ''))) };
}

/** A cell as text; empty for a gap. */
export function textOfCell(cell: Cell | undefined): string {
  return cell === undefined || (typeof cell === 'number' && Number.isNaN(cell)) ? '' : String(cell);
}
