/** Some rows of a library, read into memory: they are scored and told of as all rows of a local library are, by the same code. */
import type { ColumnTable, Matrix } from '../core/index.ts';
import { Profiles } from '../score/index.ts';
import type { ProfileQuery, ScoreModel } from '../score/index.ts';
import { factsAt } from './facts.ts';
import type { RowFacts } from './library.ts';
import type { CandidateRequest, DiversifyRequest, ScoredRows } from './scan/define.ts';
import { ScanWork } from './scan/work.ts';

export class HeldRows {
  /** As the library counts them, ascending. */
  private readonly rows: Int32Array;
  private readonly places: ReadonlyMap<number, number>;
  private readonly profiles: Profiles;
  private readonly work: ScanWork;

  /** rows: ascending, at least one; vectors: (rows, D), unit rows, a whole buffer; table: with PROFILE_COLUMNS, as many rows. */
  constructor(rows: Int32Array, vectors: Matrix, table: ColumnTable, score: ScoreModel | undefined) {
    this.rows = rows;
    this.places = new Map(Array.from(rows, (row, place) => [row, place]));
    this.profiles = new Profiles(vectors, table);
    this.work = new ScanWork({ galleries: [{ data: vectors.data.buffer, dimension: vectors.cols }], columns: table.buffer, score, plain: false });
  }

  /** All of them, best first. */
  candidates({ query, mode }: Pick<CandidateRequest, 'query' | 'mode'>): ScoredRows {
    const scored = this.work.answer({ kind: 'candidates', query, mode, allowed: undefined, among: undefined }).answer as ScoredRows;
    return { ...scored, rows: scored.rows.map((place) => this.rows[place]!) };
  }

  /** All of them, by ECFP4. */
  fingerprint(query: ProfileQuery): ScoredRows {
    const scored = this.work.answer({ kind: 'tanimoto', query, k: this.rows.length, allowed: undefined }).answer as ScoredRows;
    return { ...scored, rows: scored.rows.map((place) => this.rows[place]!) };
  }

  /** (rows, TERMS), in the order in which they are asked for. */
  terms(query: ProfileQuery, rows: Int32Array): Float64Array {
    return (this.work.answer({ kind: 'terms', query, rows: this.placesOf(rows) }).answer as { raw: Float64Array }).raw;
  }

  diversify(request: DiversifyRequest): Int32Array {
    return (this.work.answer({ kind: 'diversify', ...request, rows: this.placesOf(request.rows) }).answer as { chosen: Int32Array }).chosen;
  }

  profileAt(row: number): ProfileQuery {
    return this.profiles.at(this.places.get(row)!);
  }

  scaffoldsOf(rows: readonly number[]): Int32Array {
    return this.placesOf(rows).map((place) => this.profiles.scaffolds[place]!);
  }

  factsOf(rows: readonly number[]): RowFacts[] {
    return Array.from(this.placesOf(rows), (place) => factsAt(this.profiles, place));
  }

  private placesOf(rows: Iterable<number>): Int32Array {
    return Int32Array.from(rows, (row) => this.places.get(row)!);
  }
}
