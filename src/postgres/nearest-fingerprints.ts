/** The nearest rows by what fingerprints and pharmacophores have in common, among those that are open. */
import { ERG_WIDTH } from '../chem/index.ts';
import type { ProfileQuery } from '../score/index.ts';
import { FINGERPRINT_TYPE, KINDS_TYPE, bitText, kindsText } from './fingerprints.ts';
import { Parameters, bytesOf } from './row-filters.ts';
import type { RowConditions } from './row-filters.ts';
import { columnPlace } from './row-store.ts';
import type { Session } from './session.ts';

export interface FingerprintSearch {
  readonly schema: string;
  readonly query: ProfileQuery;
  /** Rows to find. */
  readonly breadth: number;
  readonly conditions: RowConditions;
}

/** Pharmacophores are found by the kinds of pairs they have, then compared by how many of each: so many times as many are looked at. */
const MORE_KINDS = 5;
const MOST_KINDS = 10_000;

/** By ECFP4 Tanimoto, every open row compared; best first, of equal ones the smaller row. */
export async function nearestByFingerprint(session: Session, { query, ...search }: FingerprintSearch): Promise<number[]> {
  return byDistance(session, search, 'ecfp4', FINGERPRINT_TYPE, bitText(bytesOf(query.ecfp4)));
}

/** By the Tanimoto of counted pharmacophore pairs, of the rows that have the likeliest kinds of them. */
export async function nearestByPharmacophore(session: Session, { query, breadth, ...search }: FingerprintSearch): Promise<number[]> {
  const most = Math.max(breadth, Math.min(MORE_KINDS * breadth, MOST_KINDS));
  const rows = await byDistance(session, { ...search, breadth: most }, 'kinds', KINDS_TYPE, kindsText(query.pharmacophore));
  if (rows.length <= breadth) return rows;
  const { offset, bytes } = columnPlace('pharmacophore');
  const found = await session.query<{ row: number; counts: Buffer }>(
    `SELECT row, substring(profile FROM $2::int FOR $3::int) AS counts FROM ${search.schema}.molecules WHERE row = ANY($1::int[])`, [rows, offset + 1, bytes],
  );
  const scored = found.map(({ row, counts }) => ({ row, likeness: tanimoto(query, counts) }));
  return scored.sort((a, b) => b.likeness - a.likeness || a.row - b.row).slice(0, breadth).map(({ row }) => row);
}

async function byDistance(session: Session, { schema, breadth, conditions }: Omit<FingerprintSearch, 'query'>, column: string, type: string, bits: string): Promise<number[]> {
  const parameters = new Parameters([bits, breadth]);
  const where = conditions.over('fingerprints', parameters);
  const found = await session.query<{ row: number }>(
    `SELECT row FROM ${schema}.fingerprints ${where === undefined ? '' : `WHERE ${where}`} ORDER BY ${column} <%> $1::${type}, row LIMIT $2::int`, parameters.values,
  );
  return found.map(({ row }) => row);
}

/** As the scan over local columns counts it; counts: (ERG_WIDTH). */
function tanimoto({ pharmacophore, pharmacophoreSize }: ProfileQuery, counts: Uint8Array): number {
  let [both, own] = [0, 0];
  for (let i = 0; i < ERG_WIDTH; i++) {
    both += pharmacophore[i]! * counts[i]!;
    own += counts[i]! * counts[i]!;
  }
  const either = pharmacophoreSize + own - both;
  return either === 0 ? 0 : both / either;
}
