/** The molecules of a generation as rows, with what they are filtered and found by. */
import { DESCRIPTOR_NAMES } from '../chem/index.ts';
import type { Bundle } from '../bundle/index.ts';
import { rowOf } from '../core/index.ts';
import type { ColumnArray } from '../core/index.ts';
import { COLUMNS } from '../score/index.ts';
import { foldName } from '../store/index.ts';
import type { StoredMolecule } from '../store/index.ts';
import { COPY_HEAD, COPY_TAIL, copyRow, float4, halfvec, int4, json, text, textArray } from './binary.ts';
import type { Push } from './push-steps.ts';
import { moleculeColumns } from './schema.ts';

/** Sends the rows that are missing, a batch a transaction: one that is broken off leaves nothing. */
export async function pushRows(push: Push): Promise<void> {
  const { bundle, target, progress, progressed, check, batchRows } = push;
  const { count } = target.manifest;
  const rowFields = fieldsOf(bundle);
  progress.start('molecules to the database', count);
  progress.update(target.rowsDone);
  for (let from = target.rowsDone; from < count; from += batchRows) {
    check();
    const to = Math.min(from + batchRows, count);
    const molecules = Array.from({ length: to - from }, (_, i) => bundle.molecules.get(from + i));
    await pushBatch(push, molecules, rowFields, to);
    progressed();
    progress.update(to);
  }
  progress.finish(`${count} molecules`);
}

type RowFields = (molecule: StoredMolecule) => Uint8Array[];

async function pushBatch({ session, target: { schema, manifest } }: Push, molecules: readonly StoredMolecule[], rowFields: RowFields, done: number): Promise<void> {
  const copy = (table: string, columns: readonly string[], rows: Iterable<Uint8Array>): Promise<void> => (
    session.copyIn(`COPY ${schema}.${table} (${columns.join(', ')}) FROM STDIN (FORMAT binary)`, framed(rows))
  );
  await session.transaction(async () => {
    await copy('molecules', moleculeColumns(manifest), molecules.map((molecule) => copyRow(rowFields(molecule))));
    await copy('identifiers', ['id', 'row'], molecules.flatMap(({ ids, row }) => ids.map((id) => copyRow([text(id), int4(row)]))));
    await copy('names', ['folded', 'row'], molecules.flatMap(({ names, row }) => names.map((name) => copyRow([text(foldName(name)), int4(row)]))));
    await session.query('UPDATE isolens.generations SET rows_done = $3 WHERE library = $1 AND generation = $2', [manifest.name, manifest.generation, done]);
  });
}

function* framed(rows: Iterable<Uint8Array>): Generator<Uint8Array> {
  yield COPY_HEAD;
  yield* rows;
  yield COPY_TAIL;
}

/** In the order of `moleculeColumns`. The profile is the row's bytes of every column of the library's profiles, one after the other. */
function fieldsOf({ profiles, galleries }: Bundle): RowFields {
  const descriptors = profiles.column(COLUMNS.descriptors);
  const columns = profiles.specs.map((spec) => ({ array: profiles.column(spec), width: spec.width }));
  return (molecule) => [
    int4(molecule.row), text(molecule.smiles), text(molecule.inchiKey), text(molecule.scaffold),
    textArray(molecule.ids), textArray(molecule.names), json(molecule.properties),
    ...DESCRIPTOR_NAMES.map((_, i) => float4(descriptors[molecule.row * DESCRIPTOR_NAMES.length + i]!)),
    Buffer.concat(columns.map(({ array, width }) => rowBytesOf(array, width, molecule.row))),
    ...galleries.map(({ vectors }) => halfvec(rowOf(vectors, molecule.row))),
  ];
}

function rowBytesOf(array: ColumnArray, width: number, row: number): Uint8Array {
  const size = width * array.BYTES_PER_ELEMENT;
  return new Uint8Array(array.buffer, array.byteOffset + row * size, size);
}
