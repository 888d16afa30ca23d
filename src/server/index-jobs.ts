/**
 * Libraries that are indexed while the service answers, one at a time. The file waits in a folder until its index is made; what was done
 * when the service or the builder was killed is taken over when it begins again.
 */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { IndexLibraryOptions, Job } from '../api/index.ts';
import { IsoLensError, systemErrorCode, toIsoLensError } from '../core/index.ts';
import type { Logger } from '../core/index.ts';
import type { BuiltIndex, JobProgress, StoredJob } from '../store/index.ts';
import { isOpen, problemOf } from './job-book.ts';
import type { JobBook } from './job-book.ts';
import { JobLine } from './job-line.ts';

/** A builder that is killed begins again where it was. */
const ATTEMPTS = 3;
const TELL_EVERY_MS = 500;

export interface LibraryTask {
  readonly index: string;
  /** The file. */
  readonly path: string;
  readonly options: IndexLibraryOptions;
}

/** What the composition root makes of a file. */
export interface LibraryBuilder {
  /** ARGUMENT_INVALID for a name that no index can have, or facts that cannot be told. */
  check(index: string, options: IndexLibraryOptions): void;
  /** Builds the index, or goes on with it, and serves it. WORKER_FAILED where the builder was killed. */
  build(task: LibraryTask, onProgress: (progress: Omit<JobProgress, 'workedMs'>) => void, signal: AbortSignal): Promise<BuiltIndex>;
}

export interface IndexJobsOptions {
  readonly book: JobBook;
  readonly builder: LibraryBuilder;
  /** Where files wait. */
  readonly folder: string;
  /** Of one file. */
  readonly maxBytes: number;
  readonly logger: Logger;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Wall-clock time as ISO 8601. */
  readonly date: () => string;
}

export class IndexJobs {
  private readonly options: IndexJobsOptions;
  private readonly line: JobLine;

  constructor(options: IndexJobsOptions) {
    this.options = options;
    const { book, logger } = options;
    this.line = new JobLine({ book, kind: 'index', logger, work: (job, signal) => this.work(job, signal) });
  }

  /** Removes what no job waits for: files that broke off when the service was killed. To be called before the first file comes. */
  async tidy(): Promise<void> {
    const { folder, book } = this.options;
    const wanted = new Set(book.list().filter(isOpen).map(({ id }) => id));
    const files = await readdir(folder).catch(() => []);
    await Promise.all(files.filter((file) => !wanted.has(file)).map((file) => rm(join(folder, file), { force: true })));
  }

  /** Goes on with what an earlier run left. */
  start(): void {
    this.line.start();
  }

  /** Resolves when the builder has ended; the rest is for the next start. */
  stop(): Promise<void> {
    return this.line.stop();
  }

  /** Takes a whole file, and then a job for it. REQUEST_TOO_LARGE, DISK_FULL; of a file that breaks off nothing is kept. */
  async accept(index: string, body: Readable, options: IndexLibraryOptions): Promise<Job> {
    const { book, builder, date } = this.options;
    builder.check(index, options);
    book.makeRoom();
    const id = randomUUID();
    await this.receive(id, body);
    book.store.add({ id, kind: 'index', createdAt: date(), index, generation: '', options, queries: [] });
    this.start();
    return book.get(id);
  }

  private async receive(id: string, body: Readable): Promise<void> {
    const { folder, maxBytes } = this.options;
    const [part, whole] = [`${this.fileOf(id)}.part`, this.fileOf(id)];
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await pipeline(body, limited(maxBytes), createWriteStream(part, { mode: 0o600 }));
      await rename(part, whole);
    } catch (thrown) {
      await rm(part, { force: true });
      if (systemErrorCode(thrown) === 'ENOSPC') throw new IsoLensError('DISK_FULL', 'Expected room for the library but the disk of the service is full.', { cause: thrown });
      throw toIsoLensError(thrown, 'FILE_UNREADABLE');
    }
    const { size } = await stat(whole);
    if (size > 0) return;
    await rm(whole, { force: true });
    throw new IsoLensError('REQUEST_INVALID', 'Expected a library as the body but received nothing.');
  }

  private fileOf(id: string): string {
    return join(this.options.folder, id);
  }

  private async work({ id, index, options }: StoredJob, signal: AbortSignal): Promise<void> {
    const { book, logger } = this.options;
    logger.info('indexing started', { job: id, index });
    try {
      const built = await this.build({ index, path: this.fileOf(id), options: options as IndexLibraryOptions }, id, signal);
      book.store.published(id, built);
      book.end(id, 'done');
      logger.info('indexing done', { job: id, index, ...built });
    } catch (thrown) {
      // Cancelled, or the service stops: neither is a failure.
      if (!signal.aborted) this.fail(id, toIsoLensError(thrown));
    } finally {
      if (!this.line.isStopping) await rm(this.fileOf(id), { force: true });
    }
  }

  private fail(id: string, error: IsoLensError): void {
    this.options.logger.error('indexing failed', { job: id, code: error.code });
    this.options.book.end(id, 'failed', problemOf(error));
  }

  private async build(task: LibraryTask, id: string, signal: AbortSignal): Promise<BuiltIndex> {
    const { builder, logger } = this.options;
    for (let attempt = 1; ; attempt++) {
      try {
        return await builder.build(task, this.teller(id), signal);
      } catch (thrown) {
        const { code } = toIsoLensError(thrown);
        if (signal.aborted || code !== 'WORKER_FAILED' || attempt === ATTEMPTS) throw thrown;
        logger.warn('indexing begins again', { job: id, attempt });
      }
    }
  }

  /** Not each step is kept and told. */
  private teller(id: string): (progress: Omit<JobProgress, 'workedMs'>) => void {
    const { book, now } = this.options;
    let stage = '';
    let begun = now();
    let told = -Infinity;
    return (progress) => {
      const time = now();
      if (progress.stage !== stage) [stage, begun, told] = [progress.stage, time, -Infinity];
      if (time - told < TELL_EVERY_MS) return;
      told = time;
      book.progress(id, { ...progress, workedMs: time - begun });
    };
  }
}

function limited(maxBytes: number): (source: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* pass(source) {
    let bytes = 0;
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new IsoLensError('REQUEST_TOO_LARGE', `Expected a library of at most ${maxBytes} bytes; index it on the machine itself with "isolens index".`);
      yield chunk;
    }
  };
}
