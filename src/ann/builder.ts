import { Worker } from 'node:worker_threads';
import { IsoLensError, toIsoLensError, workerEntry } from '../core/index.ts';
import type { ErrorCode, Matrix } from '../core/index.ts';

/** Messages to the builder's thread, and its answer to each, in order. */
export type BuilderRequest =
  | { readonly kind: 'create'; readonly backend: string; readonly dimension: number; readonly parameters: Readonly<Record<string, unknown>> }
  | { readonly kind: 'add'; readonly data: Float32Array; readonly rows: number; readonly cols: number }
  | { readonly kind: 'save'; readonly path: string }
  | { readonly kind: 'stop' };

export interface BuilderData {
  /** One Int32: 1 when the thread is to end. */
  readonly stop: SharedArrayBuffer;
}

export type BuilderReply =
  | { readonly kind: 'done'; readonly count: number; readonly files: readonly string[] }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };

interface Waiting {
  resolve(reply: BuilderReply & { kind: 'done' }): void;
  reject(error: IsoLensError): void;
}

/** Builds an index in a thread of its own, so that it grows while further vectors are still being computed. */
export class IndexBuilder {
  private readonly worker: Worker;
  private readonly waiting: Waiting[] = [];
  private failure: IsoLensError | undefined;
  private built = 0;
  private readonly stop = new SharedArrayBuffer(4);
  private readonly ended: Promise<void>;

  constructor(backend: string, dimension: number, parameters: Readonly<Record<string, unknown>>) {
    const workerData: BuilderData = { stop: this.stop };
    this.worker = new Worker(workerEntry(import.meta.url, './worker.ts'), { name: 'isolens-ann', execArgv: [], workerData });
    this.ended = new Promise((resolve) => this.worker.once('exit', () => resolve()));
    this.worker.on('message', (reply: BuilderReply) => this.settle(reply));
    this.worker.on('error', (error) => this.fail(toIsoLensError(error, 'WORKER_FAILED')));
    this.worker.on('exit', () => this.fail(new IsoLensError('WORKER_FAILED', 'Expected the index builder to go on, but its thread ended; start the build again.')));
    void this.send({ kind: 'create', backend, dimension, parameters }).catch(() => {});
  }

  /** Vectors inserted so far. */
  get count(): number {
    return this.built;
  }

  /** Queues rows (copied); resolves when they are inserted. */
  async add(vectors: Matrix): Promise<void> {
    const data = vectors.data.slice();
    await this.send({ kind: 'add', data, rows: vectors.rows, cols: vectors.cols }, [data.buffer]);
  }

  /** Writes the index; returns its files. */
  async save(path: string): Promise<readonly string[]> {
    return (await this.send({ kind: 'save', path })).files;
  }

  /** The thread ends by itself, between two rows: terminated within the index's native code it would take the process with it. */
  async close(): Promise<void> {
    this.fail(new IsoLensError('CANCELLED', 'The index builder was closed.'));
    Atomics.store(new Int32Array(this.stop), 0, 1);
    this.worker.postMessage({ kind: 'stop' } satisfies BuilderRequest);
    await this.ended;
  }

  private send(request: BuilderRequest, transfer: ArrayBuffer[] = []): Promise<BuilderReply & { kind: 'done' }> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.worker.postMessage(request, transfer);
    });
  }

  private settle(reply: BuilderReply): void {
    if (reply.kind === 'failed') return this.fail(new IsoLensError(reply.code, reply.message));
    this.built = reply.count;
    this.waiting.shift()?.resolve(reply);
  }

  /** One failure ends the build: what follows would leave a hole. */
  private fail(error: IsoLensError): void {
    this.failure ??= error;
    for (const { reject } of this.waiting.splice(0)) reject(this.failure);
  }
}
