/** A library that is searched where it lies: in a database. */
import type { Neighbours } from '../ann/index.ts';
import type { BundleManifest } from '../bundle/index.ts';
import { IsoLensError } from '../core/index.ts';
import { foldName, nearNames, withoutSalt } from '../store/index.ts';
import type { Properties, StoredMolecule } from '../store/index.ts';
import { liveGeneration } from './catalogue.ts';
import type { StoredGeneration } from './catalogue.ts';
import { keyOf } from './filters.ts';
import { nearestRows } from './nearest.ts';
import type { LibraryNearestOptions } from './nearest.ts';
import type { DatabasePlace } from './place.ts';
import { SessionPool } from './pool.ts';
import type { PoolOptions } from './pool.ts';
import { KEY_CHARACTERS } from './schema.ts';

/** Of one search: beyond it somebody has stopped waiting. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** Names that are looked through for one that may be meant. */
const MOST_NAMES = 500_000;
/** The first block of an InChIKey is followed by letters alone. */
const AFTER_KEYS = '~';
const COLUMNS = 'row, smiles, inchi_key, scaffold, ids, names, properties::text AS properties';

interface MoleculeRow extends Record<string, unknown> {
  readonly row: number;
  readonly smiles: string;
  readonly inchi_key: string;
  readonly scaffold: string;
  readonly ids: string[];
  readonly names: string[];
  readonly properties: string;
}

/** One generation of a library. It is kept after the next one is live, and removed after the one after that: BUNDLE_NOT_FOUND from then on. */
export class PostgresLibrary {
  readonly manifest: BundleManifest;
  /** For this folder alone, as `generation` is. */
  readonly pool: SessionPool;
  readonly generation: StoredGeneration;

  private constructor(pool: SessionPool, generation: StoredGeneration) {
    this.pool = pool;
    this.generation = generation;
    this.manifest = generation.manifest;
  }

  /** Opens the live generation. BUNDLE_NOT_FOUND; DATABASE_UNAVAILABLE; DATABASE_UNSUITABLE for a server or an extension that is too old. */
  static async open(place: DatabasePlace, name: string, options: PoolOptions = {}): Promise<PostgresLibrary> {
    const pool = new SessionPool(place, { statementTimeoutMs: STATEMENT_TIMEOUT_MS, retries: 2, ...options });
    try {
      return new PostgresLibrary(pool, await pool.read((session) => liveGeneration(session, name)));
    } catch (error) {
      await pool.close();
      throw error;
    }
  }

  get count(): number {
    return this.manifest.count;
  }

  /** The k nearest by cosine among what the filters leave, scored from the vectors as they were pushed; see `nearestRows`. */
  nearest(vector: Float32Array, k: number, options: LibraryNearestOptions = {}): Promise<Neighbours> {
    return this.pool.read((session) => nearestRows(session, this.generation, vector, k, options));
  }

  /** NOT_FOUND for a row that is none. */
  async get(row: number): Promise<StoredMolecule> {
    const isRow = Number.isSafeInteger(row) && row >= 0 && row < this.count;
    const [found] = isRow ? await this.select('WHERE row = $1::int', [row]) : [];
    if (found === undefined) throw new IsoLensError('NOT_FOUND', `Expected a row from 0 to ${this.count - 1} but received ${row}.`);
    return found;
  }

  /** In the order of `rows`; NOT_FOUND for one that is none. */
  async getAll(rows: readonly number[]): Promise<StoredMolecule[]> {
    if (rows.length === 0) return [];
    const found = new Map((await this.select('WHERE row = ANY($1::int[])', [rows])).map((molecule) => [molecule.row, molecule]));
    return Promise.all(rows.map(async (row) => found.get(row) ?? this.get(row)));
  }

  /** In the order of `ids`. */
  async rowsOfIds(ids: readonly string[]): Promise<(number | undefined)[]> {
    const asked = ids.filter((id) => !id.includes('\0'));
    const found = await this.query<{ id: string; row: number }>(
      `SELECT id, min(row) AS row FROM ${this.generation.schema}.identifiers WHERE left(id, ${KEY_CHARACTERS}) COLLATE "C" = ANY($1::text[]) AND id = ANY($2::text[]) GROUP BY id`,
      [asked.map(keyOf), asked],
    );
    const rows = new Map(found.map(({ id, row }) => [id, row]));
    return ids.map((id) => rows.get(id));
  }

  /** By one of its identifiers; undefined where none has it. */
  async findId(id: string): Promise<StoredMolecule | undefined> {
    const rows = `(SELECT min(row) FROM ${this.generation.schema}.identifiers WHERE left(id, ${KEY_CHARACTERS}) COLLATE "C" = $1 AND id = $2)`;
    return (await this.select(`WHERE row = ${rows}`, [keyOf(id), id]))[0];
  }

  async findInchiKey(inchiKey: string): Promise<StoredMolecule | undefined> {
    return (await this.select('WHERE inchi_key COLLATE "C" = $1 LIMIT 1', [inchiKey]))[0];
  }

  /** By name, whatever its case, accents, blanks and dashes; at most `limit`, in the order of rows. */
  findName(name: string, limit = 10): Promise<StoredMolecule[]> {
    const folded = foldName(name);
    const rows = `(SELECT row FROM ${this.generation.schema}.names WHERE left(folded, ${KEY_CHARACTERS}) COLLATE "C" = $1 AND folded = $2)`;
    return this.select(`WHERE row IN ${rows} ORDER BY row LIMIT $3::int`, [keyOf(folded), folded, limit]);
  }

  /** By the name without the words of a salt at its end. */
  async findNameOfSalt(name: string, limit = 10): Promise<StoredMolecule[]> {
    const parent = withoutSalt(foldName(name));
    return parent === undefined ? [] : this.findName(parent, limit);
  }

  /** Names that may be meant, the closest first; all of them are read. */
  async namesNear(name: string, limit = 5): Promise<string[]> {
    const all = await this.query<{ folded: string }>(`SELECT DISTINCT folded FROM ${this.generation.schema}.names LIMIT ${MOST_NAMES}`);
    const near = nearNames(all.map(({ folded }) => folded), foldName(name), limit);
    return Promise.all(near.map(async (folded) => (await this.findName(folded, 1)).flatMap(({ names }) => names).find((one) => foldName(one) === folded) ?? folded));
  }

  async holdsConnectivity(connectivity: string): Promise<boolean> {
    return (await this.select('WHERE inchi_key COLLATE "C" >= $1 AND inchi_key COLLATE "C" < $2 LIMIT 1', [connectivity, connectivity + AFTER_KEYS])).length > 0;
  }

  /** The number that rows of this Murcko scaffold have; undefined where none has it. */
  async scaffoldNumber(scaffold: string): Promise<number | undefined> {
    const { schema } = this.generation;
    const [found] = await this.query<{ number: number }>(
      `SELECT scaffold_number AS number FROM ${schema}.molecules JOIN ${schema}.fingerprints USING (row) WHERE left(scaffold, ${KEY_CHARACTERS}) COLLATE "C" = $1 AND scaffold = $2 LIMIT 1`,
      [keyOf(scaffold), scaffold],
    );
    return found?.number;
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  private query<Found extends Record<string, unknown>>(text: string, values: readonly unknown[] = []): Promise<Found[]> {
    return this.pool.read((session) => session.query<Found>(text, values));
  }

  private async select(rest: string, values: readonly unknown[]): Promise<StoredMolecule[]> {
    // A text with NUL is in no database, and no parameter.
    if (values.some((value) => typeof value === 'string' && value.includes('\0'))) return [];
    const found = await this.query<MoleculeRow>(`SELECT ${COLUMNS} FROM ${this.generation.schema}.molecules ${rest}`, values);
    return found.map(({ row, ids, names, smiles, inchi_key: inchiKey, scaffold, properties }) => (
      { row, ids, names, smiles, inchiKey, scaffold, properties: JSON.parse(properties) as Properties }
    ));
  }
}
