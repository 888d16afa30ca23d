import { mapColumns, pickFields } from '../columns.ts';
import { rejectItem } from '../define.ts';
import type { FileReader, RawItem, ReadOptions } from '../define.ts';
import { textOfCell } from '../cells.ts';
import { parquetGroups } from '../parquet/index.ts';

/** Columns as those of a table of text; of a row that is no good, no more than its number can be told. */
export const parquet: FileReader<'parquet'> = Object.freeze({
  id: 'parquet',
  summary: 'Columns of a Parquet file, a row group at a time.',
  extensions: ['.parquet', '.pq'],
  readFile: async function* (path: string, { columns: choice = {} }: ReadOptions) {
    const { header, groups } = await parquetGroups(path);
    const map = mapColumns(header, choice);
    let row = 0;
    for await (const { rows, columns } of groups) {
      for (let i = 0; i < rows; i++) {
        const fields = pickFields(map, columns.map((column) => textOfCell(column[i])));
        const at = { line: ++row, offset: 0 };
        yield fields.structure === ''
          ? rejectItem(at, '', 'Expected a SMILES but the cell is empty.', { id: fields.id, code: 'SMILES_EMPTY' })
          : ({ kind: 'record', ...at, ...fields } satisfies RawItem);
      }
    }
  },
});
