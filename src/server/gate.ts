/** How much work runs and waits at once. What comes beyond that is told to come back, before it costs anything. */
import { IsoLensError } from '../core/index.ts';

export interface GateLimits {
  /** Requests worked on at the same time. */
  readonly running: number;
  /** Requests that wait for one of those places. */
  readonly waiting: number;
  /** A request that is not answered within this time is given up. */
  readonly timeoutMs: number;
}

export const DEFAULT_LIMITS: GateLimits = Object.freeze({ running: 8, waiting: 64, timeoutMs: 30_000 });

/** How long work in the background lets others go first; then it takes its turn, so that it ends one day. */
const PATIENCE_MS = 1000;

export interface GateCounts {
  readonly running: number;
  readonly waiting: number;
  /** Since the start: told to come back, because the queue was full. */
  readonly refused: number;
  /** Since the start: given up, because the answer took too long. */
  readonly expired: number;
}

export class Gate {
  private readonly limits: GateLimits;
  private readonly queue: (() => void)[] = [];
  private running = 0;
  private refused = 0;
  private expired = 0;
  /** Wakes work in the background when nothing else runs. */
  private readonly idle = new Set<() => void>();

  constructor(limits: GateLimits) {
    this.limits = limits;
  }

  /** Whether another request would find a place, be it in the queue. */
  get isOpen(): boolean {
    return this.running < this.limits.running || this.queue.length < this.limits.waiting;
  }

  get counts(): GateCounts {
    return { running: this.running, waiting: this.queue.length, refused: this.refused, expired: this.expired };
  }

  /** Refuses at once with OVERLOADED where the queue is full. */
  admit(): void {
    if (this.isOpen) return;
    this.refused++;
    throw new IsoLensError('OVERLOADED', `Expected at most ${this.limits.running + this.limits.waiting} requests at once but more were received; try again in a moment.`);
  }

  /**
   * Runs `work` when its turn comes. `signal` says that nobody waits for the answer any more. Work that is given up keeps its
   * place until it ends: it still costs what it costs.
   */
  async run<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    const { timeoutMs } = this.limits;
    const expired = AbortSignal.timeout(timeoutMs);
    const ended = AbortSignal.any([signal, expired]);
    const reason = (): IsoLensError => {
      if (signal.aborted) return new IsoLensError('CANCELLED', 'The client left before the answer was ready.');
      this.expired++;
      return new IsoLensError('OVERLOADED', `Expected an answer within ${timeoutMs} ms but it takes longer; try again in a moment.`);
    };
    await this.enter(ended, reason);
    if (ended.aborted) {
      this.leave();
      throw reason();
    }
    const result = work().finally(() => this.leave());
    return Promise.race([result, whenAborted(ended, reason, result)]);
  }

  /**
   * Runs `work` for which nobody waits: when nothing else runs, or after a while in the queue like any other. It has no time limit, and
   * once begun it is not given up.
   */
  async background<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    const reason = (): IsoLensError => new IsoLensError('CANCELLED', 'The work was cancelled before its turn.');
    if (signal.aborted) throw reason();
    if (this.running > 0) await this.whenIdle(signal);
    if (signal.aborted) throw reason();
    if (this.running < this.limits.running) this.running++;
    else await this.queued(signal, reason);
    return work().finally(() => this.leave());
  }

  private async whenIdle(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.idle.delete(end);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, PATIENCE_MS);
      this.idle.add(end);
      signal.addEventListener('abort', end, { once: true });
    });
  }

  private async enter(ended: AbortSignal, reason: () => IsoLensError): Promise<void> {
    if (this.running < this.limits.running) {
      this.running++;
      return;
    }
    this.admit();
    await this.queued(ended, reason);
  }

  private async queued(ended: AbortSignal, reason: () => IsoLensError): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const start = (): void => {
        ended.removeEventListener('abort', giveUp);
        this.running++;
        resolve();
      };
      const giveUp = (): void => {
        this.queue.splice(this.queue.indexOf(start), 1);
        reject(reason());
      };
      this.queue.push(start);
      ended.addEventListener('abort', giveUp, { once: true });
    });
  }

  private leave(): void {
    this.running--;
    this.queue.shift()?.();
    if (this.running === 0) for (const wake of this.idle) wake();
  }
}

/** Rejects when `ended` is aborted, unless `work` settles before. */
function whenAborted(ended: AbortSignal, reason: () => IsoLensError, work: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(reason());
    ended.addEventListener('abort', abort, { once: true });
    const forget = (): void => ended.removeEventListener('abort', abort);
    work.then(forget, forget);
  });
}
