/**
 * Work on threads of its own: one queue, a number of workers that are alike, one request at a time each. A worker that stops takes one
 * request with it (WORKER_FAILED) and is replaced; the queue goes on. The worker's side is `answerRequests`.
 */
import { Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { IsoLensError, toIsoLensError } from './errors.ts';
import type { ErrorCode } from './errors.ts';

/** Tells a worker to end when it has answered what it was asked. */
const CLOSE = 'close';

type Reply<Answer> =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unready'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'done'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };

export interface WorkerPoolOptions {
  /** The compiled program of a worker; see `workerEntry`. */
  readonly entry: URL;
  /** What a worker is started with. */
  readonly setup: unknown;
  readonly workers: number;
  /** Of the threads, for tools that list them. */
  readonly name: string;
  /** What does the work, for messages: "the model". */
  readonly what: string;
  /** A request that takes longer is ended with its worker. */
  readonly timeoutMs: number;
}

interface Job<Request, Answer> {
  readonly request: Request;
  readonly transfer: ArrayBuffer[];
  resolve(answer: Answer): void;
  reject(error: IsoLensError): void;
}

interface Seat<Request, Answer> {
  worker: Worker;
  ready: boolean;
  job: Job<Request, Answer> | undefined;
  timer: NodeJS.Timeout | undefined;
}

export class WorkerPool<Request, Answer> {
  private readonly options: WorkerPoolOptions;
  private readonly seats: Seat<Request, Answer>[];
  private readonly queue: Job<Request, Answer>[] = [];
  /** Workers that are told to end and have not yet. */
  private readonly leaving = new Set<Promise<void>>();
  private readonly opening: { resolve(): void; reject(error: IsoLensError): void }[] = [];
  private failure: IsoLensError | undefined;
  private closing = false;

  /** Starts the workers; what is asked before they are ready waits. */
  constructor(options: WorkerPoolOptions) {
    this.options = options;
    this.seats = Array.from({ length: options.workers }, () => this.seat());
  }

  /** Resolves when every worker is ready, or refuses with what kept one from it. */
  ready(): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return this.seats.every(({ ready }) => ready) ? Promise.resolve() : new Promise<void>((resolve, reject) => this.opening.push({ resolve, reject }));
  }

  /** `transfer`: buffers that go to the worker and cannot be used afterwards; the others are copied, or shared where they can be. */
  run(request: Request, transfer: ArrayBuffer[] = []): Promise<Answer> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.queue.push({ request, transfer, resolve, reject });
      this.dispatch();
    });
  }

  async close(): Promise<void> {
    this.closing = true;
    this.fail(new IsoLensError('CANCELLED', `Expected ${this.options.what} to finish, but it was closed before.`));
    for (const seat of this.seats) this.retire(seat.worker);
    await Promise.all(this.leaving);
  }

  /** Lets a worker end by itself after the request that it has in hand: native code that comes back to a thread that is gone ends the process. */
  private retire(worker: Worker): void {
    if (worker.threadId === -1) return; // it has ended already
    const left = new Promise<void>((resolve) => worker.once('exit', () => resolve())).finally(() => this.leaving.delete(left));
    this.leaving.add(left);
    worker.postMessage(CLOSE);
  }

  private seat(): Seat<Request, Answer> {
    const seat: Seat<Request, Answer> = { worker: this.start(), ready: false, job: undefined, timer: undefined };
    this.listen(seat);
    return seat;
  }

  private start(): Worker {
    const { entry, setup, name } = this.options;
    return new Worker(entry, { workerData: setup, name, execArgv: [] });
  }

  private listen(seat: Seat<Request, Answer>): void {
    const { worker } = seat;
    // One that was replaced may still answer what it was too slow for: its seat has another request by then.
    worker.on('message', (reply: Reply<Answer>) => { if (seat.worker === worker) this.receive(seat, reply); });
    worker.on('error', (error) => this.replace(seat, worker, toIsoLensError(error).message));
    worker.on('exit', () => this.replace(seat, worker, 'its thread ended'));
  }

  private receive(seat: Seat<Request, Answer>, reply: Reply<Answer>): void {
    if (reply.kind === 'ready') {
      seat.ready = true;
      if (this.seats.every((other) => other.ready)) for (const { resolve } of this.opening.splice(0)) resolve();
    } else if (reply.kind === 'unready') {
      this.fail(new IsoLensError(reply.code, reply.message));
    } else {
      const job = this.release(seat);
      if (reply.kind === 'done') job?.resolve(reply.answer);
      else job?.reject(new IsoLensError(reply.code, reply.message));
    }
    this.dispatch();
  }

  private dispatch(): void {
    const { timeoutMs } = this.options;
    for (const seat of this.seats) {
      if (!seat.ready || seat.job !== undefined) continue;
      const job = this.queue.shift();
      if (job === undefined) return;
      seat.job = job;
      seat.timer = setTimeout(() => this.replace(seat, seat.worker, `it took longer than ${timeoutMs} ms`, true), timeoutMs);
      try {
        seat.worker.postMessage(job.request, job.transfer);
      } catch (error) {
        this.release(seat)?.reject(toIsoLensError(error, 'ARGUMENT_INVALID'));
      }
    }
  }

  private release(seat: Seat<Request, Answer>): Job<Request, Answer> | undefined {
    const { job } = seat;
    clearTimeout(seat.timer);
    seat.job = undefined;
    return job;
  }

  /** Reports the request that was lost and puts a new worker in the seat. */
  private replace(seat: Seat<Request, Answer>, worker: Worker, reason: string, alive = false): void {
    if (this.closing || seat.worker !== worker) return;
    const lost = new IsoLensError('WORKER_FAILED', `Expected ${this.options.what} to finish, but ${reason}; the worker was replaced, try again.`);
    const wasReady = seat.ready;
    seat.ready = false;
    this.release(seat)?.reject(lost);
    if (alive) this.retire(worker);
    // One that dies before it is ready would die for ever.
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

/** What a request comes to, and its buffers that go to the asker without a copy. */
export interface Answered<Answer> {
  readonly answer: Answer;
  readonly transfer?: ArrayBuffer[];
}

type Work<Request, Answer> = (request: Request) => Answered<Answer> | Promise<Answered<Answer>>;

/**
 * The worker's side of a pool: gets ready, then answers. What fails is told with its code, or `failure` where it has none. The next request
 * comes after the answer, so that one that is told to end has answered what it was asked.
 */
export async function answerRequests<Request, Answer>(port: MessagePort, prepare: () => Work<Request, Answer> | Promise<Work<Request, Answer>>, failure: ErrorCode): Promise<void> {
  const send = (reply: Reply<Answer>, transfer: ArrayBuffer[] = []): void => port.postMessage(reply, transfer);
  try {
    const work = await prepare();
    const answer = async (request: Request): Promise<void> => {
      try {
        const answered = await work(request);
        send({ kind: 'done', answer: answered.answer }, answered.transfer);
      } catch (error) {
        const { code, message } = toIsoLensError(error, failure);
        send({ kind: 'failed', code, message });
      }
    };
    port.on('message', (request: Request | typeof CLOSE) => {
      if (request === CLOSE) port.close();
      else void answer(request);
    });
    send({ kind: 'ready' });
  } catch (error) {
    const { code, message } = toIsoLensError(error);
    send({ kind: 'unready', code, message });
  }
}
