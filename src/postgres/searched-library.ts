/**
 * A library that is searched where it lies, with the answers of a local one: the database filters and finds the nearest rows of each kind; what
 * was found is read, and scored here by the code that scores local rows.
 */
import { rm } from 'node:fs/promises';
import type { Neighbours } from '../ann/index.ts';
import { galleryDigest } from '../bundle/index.ts';
import type { Matrix } from '../core/index.ts';
import { readScore } from '../score/index.ts';
import type { ProfileQuery, ScoreModel } from '../score/index.ts';
import { requireVersions } from '../search/index.ts';
import type { CandidateRequest, DiversifyRequest, MoleculeSource, NearestRequest, OpenRows, RowFacts, RowFilter, ScoredRows, SearchLibrary } from '../search/index.ts';
import { unsuitable } from './errors.ts';
import { fingerprintRows } from './fingerprints.ts';
import { fetchFiles } from './library-files.ts';
import { PostgresLibrary } from './library.ts';
import { nearestByFingerprint, nearestByPharmacophore } from './nearest-fingerprints.ts';
import { nearestRows } from './nearest.ts';
import type { DatabasePlace } from './place.ts';
import type { PoolOptions } from './pool.ts';
import { Parameters, RowConditions } from './row-filters.ts';
import { RowStore } from './row-store.ts';

/** So many open rows are all compared with a query's embedding; of more the graph finds the nearest. */
const COMPARED_ROWS = 100_000;
/** So many candidates are read and scored where all are wanted; of more the nearest of each kind. */
const SCORED_ROWS = 10_000;
/** Of one kind. */
const NEAREST_ROWS = 5000;

export interface SearchedOptions extends PoolOptions {
  /** Folder in which the encoders are kept while the library is open. */
  readonly scratch: string;
}

export class SearchedLibrary implements SearchLibrary {
  readonly manifest: PostgresLibrary['manifest'];
  readonly directory: string;
  readonly molecules: MoleculeSource;
  readonly score: ScoreModel | undefined;
  readonly all: OpenRows;
  private readonly library: PostgresLibrary;
  private readonly store: RowStore;

  private constructor(library: PostgresLibrary, directory: string, score: ScoreModel | undefined) {
    this.library = library;
    this.manifest = library.manifest;
    this.directory = directory;
    this.molecules = library;
    this.score = score;
    this.store = new RowStore(library.pool, library.generation);
    this.all = this.openRows([], this.manifest.count);
  }

  /** Opens the live generation. BUNDLE_NOT_FOUND; DATABASE_UNAVAILABLE; DATABASE_UNSUITABLE for one that was pushed by an earlier version, too. */
  static async open(place: DatabasePlace, name: string, { scratch, ...options }: SearchedOptions): Promise<SearchedLibrary> {
    const library = await PostgresLibrary.open(place, name, options);
    try {
      const { pool, generation, manifest } = library;
      requireVersions(manifest);
      if ((await pool.read((session) => fingerprintRows(session, generation.schema))) < manifest.count) {
        throw unsuitable(place, `fingerprints of "${name}" (push it again with "isolens bundle push")`, 'a library that an earlier version pushed');
      }
      const directory = await fetchFiles(pool, generation, scratch);
      return await SearchedLibrary.with(library, directory);
    } catch (error) {
      await library.close();
      throw error;
    }
  }

  private static async with(library: PostgresLibrary, directory: string): Promise<SearchedLibrary> {
    try {
      return new SearchedLibrary(library, directory, await readScore(directory, galleryDigest(library.manifest)));
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  async filter(filters: readonly RowFilter[]): Promise<{ rows: OpenRows; remaining: readonly number[] }> {
    const { text, values } = new RowConditions(this.schema, filters).countAll();
    const [counts] = await this.library.pool.read((session) => session.query<Record<string, number>>(text, values));
    const remaining = filters.map((_, i) => counts![`n${i}`]!);
    return { rows: this.openRows(filters, remaining.at(-1)!), remaining };
  }

  only(rows: readonly number[]): OpenRows {
    return this.openRows([{ kind: 'only', rows: Int32Array.from(rows) }], rows.length);
  }

  async terms(query: ProfileQuery, rows: Int32Array): Promise<Float64Array> {
    return rows.length === 0 ? new Float64Array(0) : (await this.store.hold(rows, this.score)).terms(query, rows);
  }

  async diversify(request: DiversifyRequest): Promise<Int32Array> {
    return (await this.store.hold(request.rows, this.score)).diversify(request);
  }

  async profileAt(row: number): Promise<ProfileQuery> {
    return (await this.store.hold([row], this.score)).profileAt(row);
  }

  async scaffoldNumber(scaffold: string): Promise<number> {
    return scaffold === '' ? 0 : (await this.library.scaffoldNumber(scaffold)) ?? -1;
  }

  async scaffoldsOf(rows: readonly number[]): Promise<Int32Array> {
    return rows.length === 0 ? new Int32Array(0) : (await this.store.hold(rows, this.score)).scaffoldsOf(rows);
  }

  async factsOf(rows: readonly number[]): Promise<RowFacts[]> {
    return rows.length === 0 ? [] : (await this.store.hold(rows, this.score)).factsOf(rows);
  }

  vectorsOf(gallery: number, rows: readonly number[]): Promise<Matrix> {
    return this.store.vectors(gallery, rows);
  }

  async close(): Promise<void> {
    await this.library.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  private get schema(): string {
    return this.library.generation.schema;
  }

  private openRows(filters: readonly RowFilter[], size: number): OpenRows {
    const conditions = new RowConditions(this.schema, filters);
    const open: OpenRows = {
      size, isAll: filters.length === 0,
      list: () => this.list(conditions),
      nearest: (request) => this.nearest(request, conditions, open),
      fingerprint: ({ query, k }) => this.fingerprint(query, Math.min(k, NEAREST_ROWS), conditions),
      candidates: (request) => this.candidates(request, conditions, open),
    };
    return open;
  }

  private async list(conditions: RowConditions): Promise<Int32Array> {
    const parameters = new Parameters();
    const where = conditions.over('fingerprints', parameters);
    const text = `SELECT row FROM ${this.schema}.fingerprints ${where === undefined ? '' : `WHERE ${where}`} ORDER BY row`;
    const found = await this.library.pool.read((session) => session.query<{ row: number }>(text, parameters.values));
    return Int32Array.from(found, ({ row }) => row);
  }

  private async nearest({ gallery, vector, k, exact = false, efSearch }: NearestRequest, conditions: RowConditions, open: OpenRows): Promise<Neighbours> {
    if (open.size === 0) return { labels: new Int32Array(0), scores: new Float32Array(0) };
    const where = (first: number): { text: string; values: unknown[] } | undefined => {
      const parameters = new Parameters(Array.from({ length: first - 1 }, () => null));
      const text = conditions.over('molecules', parameters);
      return text === undefined ? undefined : { text, values: parameters.values.slice(first - 1) };
    };
    const isCompared = exact || (!open.isAll && open.size <= COMPARED_ROWS);
    return this.library.pool.read((session) => (
      nearestRows(session, this.library.generation, vector, Math.min(k, open.size, NEAREST_ROWS), { gallery, efSearch, exact: isCompared, compareUpTo: 0, where })
    ));
  }

  private async candidates({ query, mode, among }: Omit<CandidateRequest, 'allowed'>, conditions: RowConditions, open: OpenRows): Promise<ScoredRows> {
    const rows = among === undefined && open.size <= SCORED_ROWS ? await this.list(conditions) : await this.union(query, among, conditions, open);
    if (rows.length === 0) return { rows, ranks: new Float64Array(0), raw: new Float64Array(0) };
    return (await this.store.hold(rows, this.score)).candidates({ query, mode });
  }

  private async fingerprint(query: ProfileQuery, breadth: number, conditions: RowConditions): Promise<ScoredRows> {
    const rows = await this.library.pool.read((session) => nearestByFingerprint(session, { query, breadth, conditions, schema: this.schema }));
    if (rows.length === 0) return { rows: new Int32Array(0), ranks: new Float64Array(0), raw: new Float64Array(0) };
    return (await this.store.hold(rows, this.score)).fingerprint(query);
  }

  /** The nearest by embedding, fingerprint and pharmacophore. */
  private async union(query: ProfileQuery, among: CandidateRequest['among'], conditions: RowConditions, open: OpenRows): Promise<Int32Array> {
    const breadth = among?.breadth ?? NEAREST_ROWS;
    const { pool, generation } = this.library;
    const asked = { query, breadth, conditions, schema: generation.schema };
    const [near, byBits, byPharmacophore] = await Promise.all([
      among?.nearest ?? this.nearest({ gallery: 0, vector: query.vector, k: breadth, exact: true }, conditions, open).then(({ labels }) => labels),
      pool.read((session) => nearestByFingerprint(session, asked)), pool.read((session) => nearestByPharmacophore(session, asked)),
    ]);
    return Int32Array.from(new Set([...near, ...byBits, ...byPharmacophore]));
  }
}
