/**
 * Chemistry on worker threads. RDKit can trap or run for minutes on hostile input, so work is cut into pieces, every item has a
 * time limit, and a worker that dies or stalls is replaced: the item it had in hand is blamed, the others are done again. A call that cannot
 * be carried out at all is rejected with a coded error.
 */
import { Worker } from 'node:worker_threads';
import { IsoLensError, toIsoLensError, workerEntry } from '../core/index.ts';
import type { ItemError } from './featurise.ts';
import { TASK_TABLE } from './tasks.ts';
import type { ChemTasks, TaskName, WorkerData, WorkerReply, WorkerRequest } from './tasks.ts';

export interface ChemPoolOptions {
  /** Number of threads; each holds about 190 MB. */
  readonly workers: number;
  /** Limit for one item, in milliseconds (default 10,000). */
  readonly itemTimeoutMs?: number;
  /** Items a worker takes at a time (default 128). */
  readonly pieceSize?: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Goes before what is queued: a person waits for it. */
  readonly urgent?: boolean;
}

/** One call: its pieces come back in any order. */
interface Job {
  readonly task: string;
  readonly options: unknown;
  readonly results: { start: number; result: unknown }[];
  open: number;
  settled: boolean;
  /** Stops listening to the caller's signal, which may live as long as the process. */
  unwatch: () => void;
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

interface Piece {
  readonly job: Job;
  readonly items: readonly unknown[];
  readonly start: number;
  /** How often a worker has died with this single item in hand. */
  readonly deaths: number;
}

interface Seat {
  readonly worker: Worker;
  readonly progress: Int32Array;
  ready: boolean;
  piece: Piece | undefined;
  /** The item seen at the last tick, and for how many milliseconds. */
  seen: number;
  seenMs: number;
}

const TICK_MS = 100;
const START_TIMEOUT_MS = 60_000;

export class TaskPool {
  private readonly seats = new Set<Seat>();
  private readonly queue: Piece[] = [];
  /** Pieces at the front of the queue for which a person waits: first come, first served. */
  private urgent = 0;
  private readonly size: number;
  private readonly itemTimeoutMs: number;
  private readonly pieceSize: number;
  private readonly entry: URL;
  private timer: NodeJS.Timeout | undefined;
  private startFailures = 0;
  private closed = false;

  constructor(options: ChemPoolOptions) {
    this.size = options.workers;
    this.itemTimeoutMs = options.itemTimeoutMs ?? 10_000;
    this.pieceSize = options.pieceSize ?? 128;
    this.entry = workerEntry(import.meta.url, './worker.ts');
    if (!Number.isInteger(this.size) || this.size < 1) throw new IsoLensError('ARGUMENT_INVALID', `Expected at least one worker but received ${options.workers}.`);
  }

  /** Starts all workers before anything is asked of them: each takes half a second to load RDKit. */
  start(): void {
    while (!this.closed && this.seats.size < this.size) this.seat();
    this.keepWatch();
  }

  /** Ends workers that have nothing to do, and gives their memory back; what is asked next starts others. */
  rest(): void {
    for (const seat of this.seats) {
      if (!seat.ready || seat.piece !== undefined) continue;
      this.seats.delete(seat);
      void seat.worker.terminate();
    }
    this.keepWatch();
  }

  /** Ends all workers; what is not finished is rejected with CANCELLED. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    const open = new Set([...this.queue.map((piece) => piece.job), ...[...this.seats].flatMap((seat) => seat.piece?.job ?? [])]);
    this.queue.length = 0;
    this.urgent = 0;
    for (const job of open) this.rejectJob(job, new IsoLensError('CANCELLED', 'The chemistry workers were closed before this work was finished.'));
    const workers = [...this.seats].map((seat) => seat.worker);
    this.seats.clear();
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  protected run<N extends TaskName>(task: N, items: readonly unknown[], options: unknown, call: CallOptions): Promise<Awaited<ReturnType<ChemTasks[N]['run']>>> {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new IsoLensError('CANCELLED', 'The chemistry workers are closed.'));
      const job: Job = {
        task, options, results: [], open: 0, settled: false, unwatch: () => {}, resolve: resolve as (result: unknown) => void, reject,
      };
      const pieces = this.cut(job, items);
      if (pieces.length === 0) return resolve(TASK_TABLE[task]!.run({} as never, [], options, () => {}) as never);
      job.open = pieces.length;
      if (call.urgent === true) this.queue.splice(this.urgent, 0, ...pieces);
      else this.queue.push(...pieces);
      if (call.urgent === true) this.urgent += pieces.length;
      this.watchSignal(job, call.signal);
      this.dispatch();
    });
  }

  /** Small pieces for small calls, so that all workers share the work. */
  private cut(job: Job, items: readonly unknown[]): Piece[] {
    const size = Math.max(1, Math.min(this.pieceSize, Math.ceil(items.length / this.size)));
    return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => ({ job, items: items.slice(i * size, (i + 1) * size), start: i * size, deaths: 0 }));
  }

  private watchSignal(job: Job, signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    const abort = (): void => this.rejectJob(job, new IsoLensError('CANCELLED', 'The work was cancelled.'));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    job.unwatch = () => signal.removeEventListener('abort', abort);
  }

  private dispatch(): void {
    if (this.closed) return;
    while (this.queue[0]?.job.settled === true) this.next();
    for (const seat of this.seats) if (seat.ready && seat.piece === undefined) this.give(seat);
    const starting = [...this.seats].filter((seat) => !seat.ready).length;
    for (let i = starting; i < this.queue.length && this.seats.size < this.size; i++) this.seat();
    this.keepWatch();
  }

  private next(): Piece | undefined {
    this.urgent = Math.max(0, this.urgent - 1);
    return this.queue.shift();
  }

  private give(seat: Seat): void {
    let piece = this.next();
    while (piece?.job.settled === true) piece = this.next();
    if (piece === undefined) return seat.worker.unref();
    seat.piece = piece;
    seat.seen = -1;
    seat.seenMs = 0;
    seat.worker.ref();
    const request: WorkerRequest = { task: piece.job.task, items: piece.items, options: piece.job.options };
    try {
      seat.worker.postMessage(request);
    } catch (thrown) {
      seat.piece = undefined;
      const { message } = toIsoLensError(thrown);
      this.rejectJob(piece.job, new IsoLensError('ARGUMENT_INVALID', `Expected a request that can be copied to a worker thread but ${message}`, { cause: thrown }));
      this.give(seat);
    }
  }

  private seat(): void {
    const data: WorkerData = { progress: new SharedArrayBuffer(4) };
    const worker = new Worker(this.entry, { workerData: data, execArgv: [] });
    const seat: Seat = { worker, progress: new Int32Array(data.progress), ready: false, piece: undefined, seen: -1, seenMs: 0 };
    seat.progress[0] = -1;
    this.seats.add(seat);
    let cause: unknown;
    worker.on('message', (reply: WorkerReply) => this.received(seat, reply));
    worker.on('error', (error) => (cause = error));
    worker.on('exit', () => this.lost(seat, cause));
  }

  private received(seat: Seat, reply: WorkerReply): void {
    if (reply.kind === 'ready') {
      seat.ready = true;
      this.startFailures = 0;
    } else if (seat.piece !== undefined) {
      const piece = seat.piece;
      seat.piece = undefined;
      if (reply.kind === 'done') this.finish(piece, () => reply.result);
      else this.rejectJob(piece.job, new IsoLensError(reply.code, reply.message, { details: reply.details }));
    }
    this.dispatch();
  }

  /** Nothing may be thrown here, where no caller listens: it is the job's failure. */
  private finish(piece: Piece, resultOf: () => unknown): void {
    const { job } = piece;
    if (job.settled) return;
    try {
      job.results.push({ start: piece.start, result: resultOf() });
      if (--job.open > 0) return;
      const results = job.results.toSorted((a, b) => a.start - b.start);
      const joined = TASK_TABLE[job.task]!.join(results.map((r) => r.result), results.map((r) => r.start));
      this.settle(job);
      job.resolve(joined);
    } catch (thrown) {
      this.rejectJob(job, toIsoLensError(thrown));
    }
  }

  private rejectJob(job: Job, reason: IsoLensError): void {
    if (job.settled) return;
    this.settle(job);
    job.reject(reason);
  }

  /** Takes what the job holds out of it: nothing of a finished call may outlive its answer. */
  private settle(job: Job): void {
    job.settled = true;
    job.unwatch();
    job.unwatch = () => {};
    job.results.length = 0;
  }

  /** A worker ended by itself: RDKit trapped, or the thread could not start. */
  private lost(seat: Seat, cause: unknown): void {
    if (!this.seats.delete(seat)) return;
    const piece = seat.piece;
    if (!seat.ready && ++this.startFailures >= 3) {
      const message = cause instanceof Error ? cause.message : 'the thread ended';
      this.urgent = 0;
      for (const { job } of this.queue.splice(0)) this.rejectJob(job, new IsoLensError('WORKER_FAILED', `Expected a chemistry worker to start but it failed three times: ${message}`));
    }
    if (piece !== undefined) this.blame(piece, Math.max(0, seat.progress[0]!), 'MOLECULE_UNSUPPORTED');
    this.dispatch();
  }

  /**
   * The culprit goes alone to a fresh worker: a trap may have been another item's legacy, a stall that of a busy machine. If it
   * fails again it fails for good; an item that was alone when it stalled (a person waits for it) gets no second try.
   */
  private blame(piece: Piece, index: number, code: 'MOLECULE_UNSUPPORTED' | 'MOLECULE_TIMEOUT'): void {
    const { job, items, start } = piece;
    const part = (from: number, to: number, deaths: number): Piece[] => (from < to ? [{ job, items: items.slice(from, to), start: start + from, deaths }] : []);
    const final = items.length === 1 && (code === 'MOLECULE_TIMEOUT' || piece.deaths > 0);
    const culprit = final ? [] : part(index, index + 1, piece.deaths + 1);
    const again = [...part(0, index, 0), ...culprit, ...part(index + 1, items.length, 0)];
    job.open += again.length - 1 + (final ? 1 : 0);
    this.queue.unshift(...again);
    this.urgent += again.length;
    if (final) this.finish({ ...piece, start: start + index }, () => TASK_TABLE[job.task]!.failed(this.verdict(code), job.options));
  }

  private verdict(code: 'MOLECULE_UNSUPPORTED' | 'MOLECULE_TIMEOUT'): ItemError {
    const message =
      code === 'MOLECULE_TIMEOUT'
        ? `Expected a molecule that is processed within ${this.itemTimeoutMs} ms but this one took longer; leave it out or simplify it.`
        : 'Expected a molecule that the chemistry engine can process but it failed on this one; leave it out or simplify it.';
    return { index: 0, code, message, details: {} };
  }

  private keepWatch(): void {
    const busy = [...this.seats].some((seat) => seat.piece !== undefined || !seat.ready);
    if (busy && this.timer === undefined) this.timer = setInterval(() => this.tick(), TICK_MS);
    if (!busy && this.timer !== undefined) {
      clearInterval(this.timer);
      this.timer = undefined;
    }
  }

  /** Time is counted in ticks, so a main thread that stands still does not condemn its workers. */
  private tick(): void {
    for (const seat of this.seats) {
      const index = Atomics.load(seat.progress, 0);
      const moved = index !== seat.seen;
      seat.seen = index;
      seat.seenMs = moved ? 0 : seat.seenMs + TICK_MS;
      const limit = seat.ready ? this.itemTimeoutMs : START_TIMEOUT_MS;
      if (seat.seenMs >= limit && (!seat.ready || (seat.piece !== undefined && index >= 0))) this.evict(seat, index);
    }
    this.dispatch();
  }

  private evict(seat: Seat, index: number): void {
    this.seats.delete(seat);
    void seat.worker.terminate();
    if (seat.piece !== undefined) this.blame(seat.piece, index, 'MOLECULE_TIMEOUT');
  }
}
