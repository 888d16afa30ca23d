/** The jobs of a service, whatever they do: listed, followed, cancelled, and kept over a restart. */
import type { Job, JobProblem, JobRemoval } from '../api/index.ts';
import { IsoLensError } from '../core/index.ts';
import type { JobChange, JobKind, JobProgress, JobStore, StoredJob } from '../store/index.ts';

const MAX_KEPT = 100;
const MAX_WAITING = 20;
const MAX_FOLLOWERS = 100;
const FOLLOW_MS = 200;

export interface JobBookOptions {
  readonly store: JobStore;
  /** Wall-clock time as ISO 8601. */
  readonly date: () => string;
}

export class JobBook {
  readonly store: JobStore;
  private readonly date: () => string;
  /** Of jobs in hand: aborted when they are cancelled, so that they do not wait for their turn. */
  private readonly inHand = new Map<string, AbortController>();
  /** Woken whenever a job changes. */
  private readonly followers = new Set<() => void>();

  constructor({ store, date }: JobBookOptions) {
    this.store = store;
    this.date = date;
  }

  /** The newest first. */
  list(): Job[] {
    return this.store.list().map(describe);
  }

  counts(): { readonly waiting: number; readonly running: number } {
    const states = this.store.list().map(({ state }) => state);
    const count = (wanted: StoredJob['state']): number => states.filter((state) => state === wanted).length;
    return { waiting: count('waiting'), running: count('running') };
  }

  get(id: string): Job {
    return describe(this.stored(id));
  }

  /**
   * The job now and after each change, until it has ended or `signal` says that nobody looks any more. Changes that come faster than every
   * FOLLOW_MS are told together. OVERLOADED where too many look already.
   */
  async *follow(id: string, signal: AbortSignal): AsyncGenerator<Job> {
    if (this.followers.size >= MAX_FOLLOWERS) throw new IsoLensError('OVERLOADED', `Expected at most ${MAX_FOLLOWERS} clients that follow jobs; ask for the job itself from time to time.`);
    let wake = (): void => {};
    let hasChanged = true;
    const follower = (): void => {
      hasChanged = true;
      wake();
    };
    this.followers.add(follower);
    signal.addEventListener('abort', follower);
    try {
      while (!signal.aborted) {
        if (!hasChanged) await new Promise<void>((resolve) => (wake = resolve));
        if (signal.aborted) return;
        hasChanged = false;
        const job = this.get(id);
        yield job;
        if (!isOpen(job)) return;
        await new Promise((resolve) => setTimeout(resolve, FOLLOW_MS));
      }
    } finally {
      this.followers.delete(follower);
      signal.removeEventListener('abort', follower);
    }
  }

  /** Cancels what has not ended; what has ended goes. */
  remove(id: string): JobRemoval {
    const job = this.stored(id);
    if (!isOpen(job)) {
      this.store.remove(id);
      this.tell();
      return { deleted: true, job: describe(job) };
    }
    this.end(id, 'cancelled');
    this.inHand.get(id)?.abort();
    return { deleted: false, job: this.get(id) };
  }

  /** Takes a job in hand; the signal says that it was cancelled. */
  begin(id: string): AbortSignal {
    const cancel = new AbortController();
    this.inHand.set(id, cancel);
    this.change(id, { state: 'running', startedAt: this.date() });
    return cancel.signal;
  }

  /** Lets go of it, ended or not. */
  release(id: string): void {
    this.inHand.delete(id);
  }

  end(id: string, state: 'done' | 'cancelled' | 'failed', problem?: JobProblem): void {
    this.change(id, { state, finishedAt: this.date(), ...(problem === undefined ? {} : { problem }) });
  }

  next(kind: JobKind): StoredJob | undefined {
    return this.store.next(kind);
  }

  progress(id: string, progress: JobProgress): void {
    this.store.progress(id, progress);
    this.tell();
  }

  private change(id: string, change: JobChange): void {
    this.store.change(id, change);
    this.tell();
  }

  tell(): void {
    for (const follower of this.followers) follower();
  }

  stored(id: string): StoredJob {
    const job = this.store.find(id);
    if (job === undefined) throw new IsoLensError('NOT_FOUND', `Expected the id of a job that is kept but received ${JSON.stringify(id)}.`);
    return job;
  }

  /** Refuses where too many wait; else the oldest that has ended makes room. */
  makeRoom(): void {
    const jobs = this.store.list();
    if (jobs.filter(({ state }) => state === 'waiting').length >= MAX_WAITING) {
      const message = `Expected at most ${MAX_WAITING} jobs that wait; try again when one of them has ended, or cancel one.`;
      throw new IsoLensError('JOBS_FULL', message);
    }
    const ended = jobs.filter((job) => !isOpen(job));
    const surplus = jobs.length + 1 - MAX_KEPT;
    if (surplus > 0) for (const { id } of ended.slice(-surplus)) this.store.remove(id);
  }
}

export function isOpen({ state }: Pick<Job, 'state'>): boolean {
  return state === 'waiting' || state === 'running';
}

export function problemOf({ code, title, message }: IsoLensError): JobProblem {
  // What went wrong inside is for the log.
  const detail = code === 'INTERNAL' ? 'Something failed that should not; the log of the service holds the details.' : message;
  return { code, title, detail };
}

function describe({ columns: _, workedMs, problem, ...job }: StoredJob): Job {
  const perSecond = job.done > 0 && workedMs > 0 ? (1000 * job.done) / workedMs : null;
  const secondsLeft = isOpen(job) && perSecond !== null ? (job.total - job.done) / perSecond : null;
  return {
    ...job,
    options: { ...job.options },
    perSecond: rounded(perSecond),
    secondsLeft: rounded(secondsLeft),
    problem: problem as JobProblem | null,
  };
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(1000 * value) / 1000;
}
