/** Profiles and vectors of single rows, read from a database; those that were read lately are remembered. */
import { galleriesOf } from '../bundle/index.ts';
import { ColumnTable, IsoLensError, matrixOf, rowBytes } from '../core/index.ts';
import type { Matrix } from '../core/index.ts';
import { PROFILE_COLUMNS, PROFILE_VERSION } from '../score/index.ts';
import type { ScoreModel } from '../score/index.ts';
import { HeldRows } from '../search/index.ts';
import type { StoredGeneration } from './catalogue.ts';
import type { SessionPool } from './pool.ts';

/** What is kept between questions: of a library with 384 dimensions about 10,000 rows. */
const MOST_REMEMBERED_BYTES = 32 * 2 ** 20;
/** Of one statement. */
const ROWS_AT_ONCE = 2000;

interface StoredRow {
  /** The row's bytes of every column, one after the other. */
  readonly profile: Uint8Array;
  /** (dimension), of the first gallery, as little-endian bytes. */
  readonly vector: Uint8Array;
}

export class RowStore {
  private readonly pool: SessionPool;
  private readonly generation: StoredGeneration;
  private readonly remembered = new Map<number, StoredRow>();
  private readonly most: number;

  constructor(pool: SessionPool, generation: StoredGeneration) {
    this.pool = pool;
    this.generation = generation;
    this.most = Math.ceil(MOST_REMEMBERED_BYTES / (PROFILE_BYTES + 4 * generation.manifest.dimension));
  }

  /** rows: at least one, in any order. */
  async hold(rows: Iterable<number>, score: ScoreModel | undefined): Promise<HeldRows> {
    const wanted = Int32Array.from(new Set(rows)).sort();
    const stored = await this.read(wanted);
    const { dimension } = this.generation.manifest;
    const vectors = matrixOf(new Float32Array(wanted.length * dimension), dimension);
    const bytes = new Uint8Array(vectors.data.buffer);
    stored.forEach(({ vector }, i) => bytes.set(vector, i * vector.length));
    return new HeldRows(wanted, vectors, tableOf(stored), score);
  }

  /** In the order of `rows`: (rows, dimension). BUNDLE_CORRUPT where one is missing. */
  async vectors(gallery: number, rows: readonly number[]): Promise<Matrix> {
    const { dimension } = this.generation.manifest;
    const matrix = matrixOf(new Float32Array(rows.length * dimension), dimension);
    const bytes = new Uint8Array(matrix.data.buffer);
    const found = await this.readVectors(gallery, [...new Set(rows)]);
    rows.forEach((row, i) => bytes.set(found.get(row)!, i * 4 * dimension));
    return matrix;
  }

  private async read(rows: Int32Array): Promise<StoredRow[]> {
    const found = new Map<number, StoredRow>();
    const missing: number[] = [];
    for (const row of rows) {
      const known = this.remembered.get(row);
      if (known === undefined) missing.push(row);
      else found.set(row, known);
    }
    for (let from = 0; from < missing.length; from += ROWS_AT_ONCE) {
      const part = missing.slice(from, from + ROWS_AT_ONCE);
      const [profiles, vectors] = await Promise.all([this.readProfiles(part), this.readVectors(0, part)]);
      for (const row of part) found.set(row, { profile: profiles.get(row)!, vector: vectors.get(row)! });
    }
    for (const [row, stored] of found) this.remember(row, stored);
    return Array.from(rows, (row) => found.get(row)!);
  }

  /** What is asked again is forgotten last. */
  private remember(row: number, stored: StoredRow): void {
    this.remembered.delete(row);
    this.remembered.set(row, stored);
    if (this.remembered.size > this.most) this.remembered.delete(this.remembered.keys().next().value!);
  }

  private async readProfiles(rows: readonly number[]): Promise<Map<number, Uint8Array>> {
    const { schema } = this.generation;
    const found = await this.pool.read((session) => (
      session.query<{ row: number; profile: Buffer }>(`SELECT row, profile FROM ${schema}.molecules WHERE row = ANY($1::int[])`, [rows])
    ));
    return this.whole(rows, PROFILE_BYTES, found.map(({ row, profile }) => [row, profile]));
  }

  private async readVectors(gallery: number, rows: readonly number[]): Promise<Map<number, Uint8Array>> {
    const { schema, manifest, partBytes } = this.generation;
    const bytes = 4 * manifest.dimension;
    const found = await this.pool.read((session) => session.query<{ row: number; vector: Buffer }>(
      `SELECT wanted AS row, substring(content FROM (wanted % $3::int) * $4::int + 1 FOR $4::int) AS vector
         FROM unnest($1::int[]) AS wanted JOIN ${schema}.parts ON path = $2 AND part = wanted / $3::int`,
      [rows, galleriesOf(manifest)[gallery]!.vectors, partBytes / bytes, bytes],
    ));
    return this.whole(rows, bytes, found.map(({ row, vector }) => [row, vector]));
  }

  private whole(rows: readonly number[], bytes: number, found: readonly (readonly [number, Uint8Array])[]): Map<number, Uint8Array> {
    if (found.length === rows.length && found.every(([, content]) => content.length === bytes)) return new Map(found);
    throw new IsoLensError('BUNDLE_CORRUPT', `Expected ${rows.length} whole rows of "${this.generation.manifest.name}" but the database lacks some; push the library again.`);
  }
}

const PROFILE_BYTES = PROFILE_COLUMNS.reduce((sum, column) => sum + rowBytes(column), 0);

/** Bytes of a column within a row's profile. */
export function columnPlace(name: string): { readonly offset: number; readonly bytes: number } {
  const at = PROFILE_COLUMNS.findIndex((column) => column.name === name);
  return { offset: PROFILE_COLUMNS.slice(0, at).reduce((sum, column) => sum + rowBytes(column), 0), bytes: rowBytes(PROFILE_COLUMNS[at]!) };
}

function tableOf(stored: readonly StoredRow[]): ColumnTable {
  const table = ColumnTable.empty(PROFILE_COLUMNS, stored.length, PROFILE_VERSION);
  let offset = 0;
  for (const column of PROFILE_COLUMNS) {
    const { buffer, byteOffset, byteLength } = table.column(column);
    const target = new Uint8Array(buffer, byteOffset, byteLength);
    const size = rowBytes(column);
    stored.forEach(({ profile }, i) => target.set(profile.subarray(offset, offset + size), i * size));
    offset += size;
  }
  return table;
}
