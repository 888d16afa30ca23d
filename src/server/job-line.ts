/** Works off the jobs of one kind, one after the other. */
import type { Logger } from '../core/index.ts';
import type { JobKind, StoredJob } from '../store/index.ts';
import type { JobBook } from './job-book.ts';

export interface JobLineOptions {
  readonly book: JobBook;
  readonly kind: JobKind;
  readonly logger: Logger;
  /** Ends a job, or leaves it for the next start where `signal` says that it was cancelled or that the service stops. */
  readonly work: (job: StoredJob, signal: AbortSignal) => Promise<void>;
}

export class JobLine {
  private readonly options: JobLineOptions;
  private readonly stopping = new AbortController();
  private isWorking = false;
  private working: Promise<void> = Promise.resolve();

  constructor(options: JobLineOptions) {
    this.options = options;
  }

  get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Goes on with what an earlier run left. */
  start(): void {
    if (this.isWorking || this.isStopping) return;
    this.isWorking = true;
    this.working = this.workAll();
  }

  /** Resolves when the job in hand is let go of; the rest is for the next start. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.working;
  }

  private async workAll(): Promise<void> {
    const { book, work, logger, kind } = this.options;
    try {
      for (let job = this.next(); job !== undefined; job = this.next()) {
        const cancelled = book.begin(job.id);
        try {
          await work(job, AbortSignal.any([this.stopping.signal, cancelled]));
        } finally {
          book.release(job.id);
        }
      }
    } catch (error) {
      // The store itself fails: nothing can be told in it. The next job that comes tries again.
      logger.error('jobs stopped', { kind, error: String(error) });
    } finally {
      this.isWorking = false;
    }
  }

  private next(): StoredJob | undefined {
    return this.isStopping ? undefined : this.options.book.next(this.options.kind);
  }
}
