/** A library whose files lie on this machine: its columns and vectors are memory, scanned by threads of their own. */
import { Bitset } from '../ann/index.ts';
import type { Neighbours } from '../ann/index.ts';
import { galleryDigest, openBundle } from '../bundle/index.ts';
import type { Bundle } from '../bundle/index.ts';
import { Turns, matrixOf, rowOf } from '../core/index.ts';
import type { Matrix } from '../core/index.ts';
import { Profiles, readScore } from '../score/index.ts';
import type { ProfileQuery, ScoreModel } from '../score/index.ts';
import type { MoleculeStore } from '../store/index.ts';
import { factsAt } from './facts.ts';
import type { MoleculeSource, NearestRequest, OpenRows, RowFacts, SearchLibrary } from './library.ts';
import type { CandidateRequest, DiversifyRequest, RowFilter, ScoredRows } from './scan/define.ts';
import { ScanPool } from './scan/pool.ts';
import type { ScanOptions } from './scan/pool.ts';

export class LocalLibrary implements SearchLibrary {
  readonly manifest: Bundle['manifest'];
  readonly directory: string;
  readonly molecules: MoleculeSource;
  readonly score: ScoreModel | undefined;
  readonly all: OpenRows;
  private readonly bundle: Bundle;
  private readonly profiles: Profiles;
  private readonly scan: ScanPool;
  private readonly turns = new Turns();

  /** Opens and verifies a bundle. */
  static async open(root: string, name: string, scan: ScanOptions | undefined): Promise<LocalLibrary> {
    const bundle = await openBundle(root, name);
    try {
      return new LocalLibrary(bundle, await readScore(bundle.directory, galleryDigest(bundle.manifest)), scan);
    } catch (error) {
      bundle.close();
      throw error;
    }
  }

  /** The bundle is closed with the library. */
  constructor(bundle: Bundle, score: ScoreModel | undefined, scan: ScanOptions | undefined) {
    const [first, ...others] = bundle.galleries;
    this.bundle = bundle;
    this.manifest = bundle.manifest;
    this.directory = bundle.directory;
    this.molecules = moleculesIn(bundle.molecules);
    this.score = score;
    this.profiles = new Profiles(bundle.vectors, bundle.profiles);
    this.scan = new ScanPool([first.vectors, ...others.map(({ vectors }) => vectors)], bundle.profiles.buffer, score, scan);
    this.all = this.openRows(undefined);
  }

  async filter(filters: readonly RowFilter[]): Promise<{ rows: OpenRows; remaining: readonly number[] }> {
    const { words, remaining } = await this.scan.filter(filters);
    return { rows: this.openRows(new Bitset(this.manifest.count, words)), remaining };
  }

  only(rows: readonly number[]): OpenRows {
    return this.openRows(Bitset.of(this.manifest.count, rows));
  }

  terms(query: ProfileQuery, rows: Int32Array): Promise<Float64Array> {
    return this.scan.terms(query, rows);
  }

  diversify(request: DiversifyRequest): Promise<Int32Array> {
    return this.scan.diversify(request);
  }

  async profileAt(row: number): Promise<ProfileQuery> {
    return this.profiles.at(row);
  }

  /** The keys stay in the store: any row that has the scaffold knows its number. */
  async scaffoldNumber(scaffold: string): Promise<number> {
    if (scaffold === '') return 0;
    const row = this.bundle.molecules.rowOfScaffold(scaffold);
    return row === undefined ? -1 : this.profiles.scaffolds[row]!;
  }

  async scaffoldsOf(rows: readonly number[]): Promise<Int32Array> {
    return Int32Array.from(rows, (row) => this.profiles.scaffolds[row]!);
  }

  async factsOf(rows: readonly number[]): Promise<RowFacts[]> {
    return rows.map((row) => factsAt(this.profiles, row));
  }

  async vectorsOf(gallery: number, rows: readonly number[]): Promise<Matrix> {
    const { vectors } = this.bundle.galleries[gallery]!;
    const chosen = matrixOf(new Float32Array(rows.length * vectors.cols), vectors.cols);
    rows.forEach((row, i) => chosen.data.set(rowOf(vectors, row), i * vectors.cols));
    return chosen;
  }

  async close(): Promise<void> {
    await this.scan.close();
    this.bundle.close();
  }

  private openRows(allowed: Bitset | undefined): OpenRows {
    const { count } = this.manifest;
    return {
      size: allowed?.count() ?? count,
      isAll: allowed === undefined,
      list: async () => allowed?.toRows() ?? Int32Array.from({ length: count }, (_, row) => row),
      nearest: (request) => this.nearest(request, allowed),
      fingerprint: (request) => this.scan.fingerprint({ ...request, allowed: allowed?.words }),
      candidates: (request) => this.candidates(request, allowed),
    };
  }

  private candidates(request: Omit<CandidateRequest, 'allowed'>, allowed: Bitset | undefined): Promise<ScoredRows> {
    return this.scan.candidates({ ...request, allowed: allowed?.words });
  }

  /** By the graph, which stays on the event loop; comparing with every row does not. */
  private async nearest({ gallery, vector, k, exact = false, efSearch }: NearestRequest, allowed: Bitset | undefined): Promise<Neighbours> {
    if (exact || allowed !== undefined) return this.scan.embedding({ gallery, vector, k, allowed: allowed?.words });
    await this.turns.next();
    return this.bundle.galleries[gallery]!.nearest(vector, k, { efSearch });
  }
}

/** A store on this machine answers at once. */
function moleculesIn(store: MoleculeStore): MoleculeSource {
  return {
    get: async (row) => store.get(row),
    getAll: async (rows) => rows.map((row) => store.get(row)),
    findId: async (id) => store.findId(id),
    rowsOfIds: async (ids) => ids.map((id) => store.rowOfId(id)),
    findInchiKey: async (inchiKey) => store.findInchiKey(inchiKey),
    findName: async (name, limit) => store.findName(name, limit),
    findNameOfSalt: async (name, limit) => store.findNameOfSalt(name, limit),
    namesNear: async (name) => store.namesNear(name),
    holdsConnectivity: async (connectivity) => store.rowsOfConnectivity(connectivity).length > 0,
  };
}
