/** Scans on threads of their own: the event loop sends a question and gets rows. All threads read the same memory. */
import type { Neighbours } from '../../ann/index.ts';
import { sent } from '../../bundle/index.ts';
import { WorkerPool, workerEntry } from '../../core/index.ts';
import type { Matrix } from '../../core/index.ts';
import type { ProfileQuery, ScoreModel } from '../../score/index.ts';
import type { CandidateRequest, DiversifyRequest, EmbeddingRequest, FilteredRows, FingerprintRequest, RowFilter, ScanAnswer, ScanRequest, ScanSetup, ScoredRows, SentMatrix } from './define.ts';

export interface ScanOptions {
  /** Threads that scan side by side (default 1). */
  readonly workers?: number | undefined;
  /** The TypeScript versions, even where the native ones are built. */
  readonly plain?: boolean | undefined;
}

/** A scan of a million molecules takes a fraction of a second: what takes this long stands still. */
const TIMEOUT_MS = 120_000;

export class ScanPool {
  private readonly setup: ScanSetup;
  private readonly workers: number;
  private pool: WorkerPool<ScanRequest, ScanAnswer> | undefined;

  /**
   * galleries: (count, D) each, unit rows, whole buffers, those that the score compares first; columns: the file of the profiles. In memory that
   * threads share, and in mapped files, they are not copied. Threads start with the first question.
   */
  constructor([first, ...others]: readonly [Matrix, ...Matrix[]], columns: ArrayBufferLike, score: ScoreModel | undefined, { workers = 1, plain = false }: ScanOptions = {}) {
    const sentMatrix = ({ data, cols }: Matrix): SentMatrix => ({ data: sent(data.buffer), dimension: cols });
    this.setup = { galleries: [sentMatrix(first), ...others.map(sentMatrix)], columns: sent(columns), score, plain };
    this.workers = workers;
  }

  /** The nearest rows by embedding, compared with every allowed one. */
  embedding({ vector, ...request }: EmbeddingRequest): Promise<Neighbours> {
    // A copy: the vector may be one row of many, and all of them would go with it.
    return this.ask({ kind: 'embedding', vector: vector.slice(), ...request }) as Promise<Neighbours>;
  }

  filter(filters: readonly RowFilter[]): Promise<FilteredRows> {
    return this.ask({ kind: 'filter', filters }) as Promise<FilteredRows>;
  }

  /** Best first. */
  candidates(request: CandidateRequest): Promise<ScoredRows> {
    return this.ask({ kind: 'candidates', ...request }) as Promise<ScoredRows>;
  }

  /** By falling ECFP4 Tanimoto, which ranks, of equal rows the smaller. */
  fingerprint(request: FingerprintRequest): Promise<ScoredRows> {
    return this.ask({ kind: 'tanimoto', ...request }) as Promise<ScoredRows>;
  }

  /** Raw terms of rows, in their order: (rows, TERMS). */
  async terms(query: ProfileQuery, rows: Int32Array): Promise<Float64Array> {
    return (await this.ask({ kind: 'terms', query, rows }) as { raw: Float64Array }).raw;
  }

  /** Positions in `rows`, as chosen. */
  async diversify(request: DiversifyRequest): Promise<Int32Array> {
    return (await this.ask({ kind: 'diversify', ...request }) as { chosen: Int32Array }).chosen;
  }

  async close(): Promise<void> {
    await this.pool?.close();
  }

  private ask(request: ScanRequest): Promise<ScanAnswer> {
    this.pool ??= new WorkerPool({
      entry: workerEntry(import.meta.url, './worker.ts'), setup: this.setup, workers: this.workers, name: 'isolens-scan', what: 'the scan of the library', timeoutMs: TIMEOUT_MS,
    });
    return this.pool.run(request);
  }
}
