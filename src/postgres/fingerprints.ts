/** What of a molecule's columns the database itself compares: one narrow row a molecule, apart from the wide ones, so that all are read fast. */
import type { Bundle } from '../bundle/index.ts';
import { ALERT_BYTES, DESCRIPTOR_NAMES, ERG_WIDTH } from '../chem/index.ts';
import { COLUMNS, FINGERPRINT_BYTES, PROFILE_COLUMNS } from '../score/index.ts';
import { COPY_HEAD, COPY_TAIL, bitString, bool, copyRow, float4, int4 } from './binary.ts';
import type { Push } from './push-steps.ts';
import { descriptorColumn } from './schema.ts';
import type { Session } from './session.ts';

const FINGERPRINT_BITS = 8 * FINGERPRINT_BYTES;
/** As types of SQL. */
export const FINGERPRINT_TYPE = `bit(${FINGERPRINT_BITS})`;
export const KINDS_TYPE = `bit(${ERG_WIDTH})`;
/** Molecules of one transaction: many, since a row is short. */
const BATCH_ROWS = 5000;
const COLUMN_NAMES = ['row', 'scaffold_number', 'has_alerts', 'ecfp4', 'pattern', 'kinds', ...DESCRIPTOR_NAMES.map(descriptorColumn)];

export function createFingerprints(schema: string): string {
  return `CREATE TABLE IF NOT EXISTS ${schema}.fingerprints (row integer PRIMARY KEY, scaffold_number integer NOT NULL, has_alerts boolean NOT NULL,
     ecfp4 ${FINGERPRINT_TYPE} NOT NULL, pattern ${FINGERPRINT_TYPE} NOT NULL, kinds ${KINDS_TYPE} NOT NULL, ${DESCRIPTOR_NAMES.map((name) => `${descriptorColumn(name)} real NOT NULL`).join(', ')})`;
}

/** Rows that a bundle gives: none where it was made by another version, whose columns are not those that are compared. */
export function fingerprintsIn({ profiles, manifest }: Bundle): number {
  const isWhole = PROFILE_COLUMNS.every(({ name, type, width }) => profiles.specs.some((held) => held.name === name && held.type === type && held.width === width));
  return isWhole ? manifest.count : 0;
}

/** Sends the rows that are missing; generations of earlier versions have none. */
export async function pushFingerprints({ session, bundle, target: { schema }, progress, progressed, check }: Push): Promise<void> {
  const count = fingerprintsIn(bundle);
  await session.query(createFingerprints(schema));
  const done = await fingerprintRows(session, schema);
  if (done >= count) return;
  const fields = fieldsOf(bundle);
  progress.start('fingerprints to the database', count);
  for (let from = done; from < count; from += BATCH_ROWS) {
    check();
    const to = Math.min(from + BATCH_ROWS, count);
    const rows = Array.from({ length: to - from }, (_, i) => copyRow(fields(from + i)));
    await session.copyIn(`COPY ${schema}.fingerprints (${COLUMN_NAMES.join(', ')}) FROM STDIN (FORMAT binary)`, [COPY_HEAD, ...rows, COPY_TAIL]);
    progressed();
    progress.update(to);
  }
  await session.query(`ANALYZE ${schema}.fingerprints`);
  progress.finish(`${count} molecules`);
}

/** Rows that the table has; they are sent in their order. 0 where there is no table. */
export async function fingerprintRows(session: Session, schema: string): Promise<number> {
  const [table] = await session.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [`${schema}.fingerprints`]);
  if (table?.there !== true) return 0;
  const [last] = await session.query<{ row: number | null }>(`SELECT max(row) AS row FROM ${schema}.fingerprints`);
  return (last?.row ?? -1) + 1;
}

/** Bytes as the text of a bit string, the first bit of a byte its highest. */
export function bitText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
}

/** Which kinds of pharmacophore pairs a molecule has; counts: (ERG_WIDTH). */
export function kindsText(counts: Uint8Array): string {
  return Array.from(counts, (count) => (count === 0 ? '0' : '1')).join('');
}

function fieldsOf({ profiles }: Bundle): (row: number) => Uint8Array[] {
  const [scaffolds, alerts, descriptors, ecfp4, pattern, pharmacophore] = [
    profiles.column(COLUMNS.scaffold), profiles.column(COLUMNS.alerts), profiles.column(COLUMNS.descriptors), profiles.column(COLUMNS.ecfp4), profiles.column(COLUMNS.pattern), profiles.column(COLUMNS.pharmacophore),
  ];
  const at = (column: Uint8Array, width: number, row: number): Uint8Array => column.subarray(row * width, (row + 1) * width);
  return (row) => [
    int4(row), int4(scaffolds[row]!), bool(at(alerts, ALERT_BYTES, row).some((byte) => byte !== 0)),
    bitString(at(ecfp4, FINGERPRINT_BYTES, row), FINGERPRINT_BITS), bitString(at(pattern, FINGERPRINT_BYTES, row), FINGERPRINT_BITS), bitString(packed(at(pharmacophore, ERG_WIDTH, row)), ERG_WIDTH),
    ...DESCRIPTOR_NAMES.map((_, i) => float4(descriptors[row * DESCRIPTOR_NAMES.length + i]!)),
  ];
}

/** As `kindsText`, in bytes. */
function packed(counts: Uint8Array): Uint8Array {
  const bytes = new Uint8Array((counts.length + 7) >> 3);
  counts.forEach((count, i) => { if (count !== 0) bytes[i >> 3]! |= 0x80 >> (i & 7); });
  return bytes;
}
