/** A library that is searched where it lies: in a database. */
import type { Neighbours } from '../ann/index.ts';
import type { BundleManifest } from '../bundle/index.ts';
import { IsoLensError } from '../core/index.ts';
import { foldName } from '../store/index.ts';
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
  private readonly pool: SessionPool;
  private readonly generation: StoredGeneration;

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
  async molecule(row: number): Promise<StoredMolecule> {
    const isRow = Number.isSafeInteger(row) && row >= 0 && row < this.count;
    const [found] = isRow ? await this.select('WHERE row = $1::int', [row]) : [];
    if (found === undefined) throw new IsoLensError('NOT_FOUND', `Expected a row from 0 to ${this.count - 1} but received ${row}.`);
    return found;
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

  close(): Promise<void> {
    return this.pool.close();
  }

  private async select(rest: string, values: readonly unknown[]): Promise<StoredMolecule[]> {
    // A text with NUL is in no database, and no parameter.
    if (values.some((value) => typeof value === 'string' && value.includes('\0'))) return [];
    const found = await this.pool.read((session) => session.query<MoleculeRow>(`SELECT ${COLUMNS} FROM ${this.generation.schema}.molecules ${rest}`, values));
    return found.map(({ row, ids, names, smiles, inchi_key: inchiKey, scaffold, properties }) => (
      { row, ids, names, smiles, inchiKey, scaffold, properties: JSON.parse(properties) as Properties }
    ));
  }
}
