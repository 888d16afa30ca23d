import { Worker } from 'node:worker_threads';
import { IsoLensError, toIsoLensError, workerEntry } from '../core/index.ts';
import { CLOSE } from './protocol.ts';
import type { RunRequest, WorkerReply, WorkerSetup } from './protocol.ts';
import type { F32Tensor, ModelFile, NamedTensors } from './tensors.ts';

export interface InferenceOptions {
  /** Threads that run models side by side; each loads every model. */
  readonly workers?: number;
  /** Threads within one run; more than one pays only for single large inputs. */
  readonly threadsPerRun?: number;
  /** A run that takes longer is ended with its worker. */
  readonly timeoutMs?: number;
}

interface Job {
  readonly request: RunRequest;
  readonly transfer: ArrayBuffer[];
  resolve(outputs: Readonly<Record<string, F32Tensor>>): void;
  reject(error: IsoLensError): void;
}

interface Seat {
  worker: Worker;
  ready: boolean;
  job: Job | undefined;
  timer: NodeJS.Timeout | undefined;
}

const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * Models on worker threads. A worker that stops takes one run with it (WORKER_FAILED) and is replaced; the queue goes on.
 */
export class InferencePool {
  private readonly setup: WorkerSetup;
  private readonly timeoutMs: number;
  private readonly seats: Seat[];
  private readonly queue: Job[] = [];
  /** Workers that are told to end and have not yet. */
  private readonly leaving = new Set<Promise<void>>();
  private readonly opening: { resolve(): void; reject(error: IsoLensError): void }[] = [];
  private failure: IsoLensError | undefined;
  private closing = false;
  private tickets = 0;

  private constructor(models: readonly ModelFile[], options: InferenceOptions) {
    this.setup = { models, threads: options.threadsPerRun ?? 1 };
    this.timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.seats = Array.from({ length: options.workers ?? 1 }, () => this.seat());
  }

  /** Starts the workers; resolves when every model is loaded in each, or refuses with MODEL_INVALID. */
  static async open(models: readonly ModelFile[], options: InferenceOptions = {}): Promise<InferencePool> {
    const pool = new InferencePool(models, options);
    try {
      await new Promise<void>((resolve, reject) => pool.opening.push({ resolve, reject }));
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  }

  /**
   * Runs one batch. With `move`, the buffers of the inputs go to the worker and cannot be used afterwards; otherwise they are
   * copied. `outputs`: names of those that are wanted; absent: all.
   */
  run(model: string, inputs: NamedTensors, options: { readonly move?: boolean; readonly outputs?: readonly string[] } = {}): Promise<Readonly<Record<string, F32Tensor>>> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      const transfer = options.move === true ? [...new Set(Object.values(inputs).map((input) => input.data.buffer as ArrayBuffer))] : [];
      this.queue.push({ request: { ticket: ++this.tickets, model, inputs, ...(options.outputs === undefined ? {} : { outputs: options.outputs }) }, transfer, resolve, reject });
      this.dispatch();
    });
  }

  async close(): Promise<void> {
    this.closing = true;
    this.fail(new IsoLensError('CANCELLED', 'The models were closed before the run had finished.'));
    for (const seat of this.seats) this.retire(seat.worker);
    await Promise.all(this.leaving);
  }

  /**
   * Lets a worker end by itself after the run that it has in hand. A thread that is terminated while ONNX Runtime runs takes
   * the whole process with it: the run comes back to a JavaScript engine that is gone.
   */
  private retire(worker: Worker): void {
    if (worker.threadId === -1) return; // it has ended already
    const left = new Promise<void>((resolve) => worker.once('exit', () => resolve())).finally(() => this.leaving.delete(left));
    this.leaving.add(left);
    worker.postMessage(CLOSE);
  }

  private seat(): Seat {
    const seat: Seat = { worker: this.start(), ready: false, job: undefined, timer: undefined };
    this.listen(seat);
    return seat;
  }

  private start(): Worker {
    return new Worker(workerEntry(import.meta.url, './worker.ts'), { workerData: this.setup, name: 'isolens-inference', execArgv: [] });
  }

  private listen(seat: Seat): void {
    const { worker } = seat;
    worker.on('message', (reply: WorkerReply) => this.receive(seat, reply));
    worker.on('error', (error) => this.replace(seat, worker, toIsoLensError(error).message));
    worker.on('exit', () => this.replace(seat, worker, 'its thread ended'));
  }

  private receive(seat: Seat, reply: WorkerReply): void {
    if (reply.kind === 'ready') {
      seat.ready = true;
      if (this.seats.every((other) => other.ready)) for (const { resolve } of this.opening.splice(0)) resolve();
    } else if (reply.kind === 'unready') {
      this.fail(new IsoLensError(reply.code, reply.message));
    } else {
      const job = this.release(seat);
      if (reply.kind === 'done') job?.resolve(reply.outputs);
      else job?.reject(new IsoLensError(reply.code, reply.message));
    }
    this.dispatch();
  }

  private dispatch(): void {
    for (const seat of this.seats) {
      if (!seat.ready || seat.job !== undefined) continue;
      const job = this.queue.shift();
      if (job === undefined) return;
      seat.job = job;
      seat.timer = setTimeout(() => this.replace(seat, seat.worker, `it took longer than ${this.timeoutMs} ms`, true), this.timeoutMs);
      try {
        seat.worker.postMessage(job.request, job.transfer);
      } catch (error) {
        this.release(seat)?.reject(toIsoLensError(error, 'ARGUMENT_INVALID'));
      }
    }
  }

  private release(seat: Seat): Job | undefined {
    const { job } = seat;
    clearTimeout(seat.timer);
    seat.job = undefined;
    return job;
  }

  /** Reports the run that was lost and puts a new worker in the seat. */
  private replace(seat: Seat, worker: Worker, reason: string, alive = false): void {
    if (this.closing || seat.worker !== worker) return;
    const lost = new IsoLensError('WORKER_FAILED', `Expected the model to finish, but ${reason}; the worker was replaced, try again.`);
    const wasReady = seat.ready;
    seat.ready = false;
    this.release(seat)?.reject(lost);
    if (alive) this.retire(worker);
    // One that dies before its models are loaded would die for ever.
    if (!wasReady) return this.fail(lost);
    seat.worker = this.start();
    this.listen(seat);
  }

  private fail(error: IsoLensError): void {
    this.failure ??= error;
    for (const { reject } of this.opening.splice(0)) reject(this.failure);
    for (const job of this.queue.splice(0)) job.reject(this.failure);
    for (const seat of this.seats) this.release(seat)?.reject(this.failure);
  }
}
