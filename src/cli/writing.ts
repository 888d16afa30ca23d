/** Tables as files: the writers of src/ingest, with coordinates from the chemistry workers. */
import type { FileFormat, Table, TableRow } from '../api/index.ts';
import type { ChemPool } from '../chem/index.ts';
import { writerOf } from '../ingest/index.ts';
import type { OutRecord } from '../ingest/index.ts';
import type { WriteCall } from '../server/index.ts';

/** Rows that are drawn together: two pieces of a worker. */
const BATCH = 256;

export async function* writeTable(chem: ChemPool, format: FileFormat, table: Table, call: WriteCall): AsyncGenerator<string> {
  const { columns, rows, provenance } = table;
  const writer = writerOf(format);
  const records = writer.draws ? drawn(chem, rows, call) : rows;
  yield* writer.write(records, { columns, provenance });
}

async function* drawn(chem: ChemPool, rows: Table['rows'], call: WriteCall): AsyncGenerator<OutRecord> {
  let batch: TableRow[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH) continue;
    yield* await draw(chem, batch, call);
    batch = [];
  }
  yield* await draw(chem, batch, call);
}

async function draw(chem: ChemPool, rows: readonly TableRow[], { urgent, onSkipped }: WriteCall): Promise<OutRecord[]> {
  const outcomes = await chem.molblock(rows.map(({ smiles }) => smiles), { urgent });
  return rows.map((row, i) => {
    const outcome = outcomes[i]!;
    if (!outcome.ok) onSkipped?.(row.id);
    return { ...row, molfile: outcome.ok ? outcome.value : undefined };
  });
}
