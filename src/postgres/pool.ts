/** A few sessions that readers share; a lost one is replaced when it is next needed, by one with another host where there are several. */
import { isPassing } from './errors.ts';
import { Hosts } from './hosts.ts';
import type { DatabasePlace } from './place.ts';
import { withRetries } from './session.ts';
import type { RetryOptions, Session, SessionOptions } from './session.ts';

export interface PoolOptions extends RetryOptions, SessionOptions {
  /** Sessions at most. */
  readonly connections?: number | undefined;
}

export class SessionPool {
  private readonly hosts: Hosts;
  private readonly options: PoolOptions;
  private readonly idle: Session[] = [];
  private readonly waiting: (() => void)[] = [];
  private free: number;
  private isClosed = false;

  constructor(place: DatabasePlace, options: PoolOptions) {
    this.hosts = new Hosts(place);
    this.options = options;
    this.free = options.connections ?? 4;
  }

  /** Reads with one session; `work` is repeated where its connection was lost, and must change nothing. */
  async read<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    await this.enter();
    try {
      return await withRetries(this.options, () => this.attempt(work));
    } finally {
      this.free++;
      this.waiting.shift()?.();
    }
  }

  /** What is being read ends first, and then closes its own session. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all(this.idle.splice(0).map((session) => session.close()));
  }

  private async attempt<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    let session = this.idle.pop();
    while (session !== undefined && !session.isUsable) session = this.idle.pop();
    session ??= await this.hosts.open(this.options);
    try {
      const result = await work(session);
      this.giveBack(session);
      return result;
    } catch (error) {
      // What did not answer in time may answer yet: to the next question, if it were asked here.
      if (isPassing(error)) this.giveUp(session);
      else this.giveBack(session);
      throw error;
    }
  }

  private giveBack(session: Session): void {
    if (this.isClosed) void session.close();
    else this.idle.push(session);
  }

  /** The next session is one with another host, where there is one. */
  private giveUp(session: Session): void {
    this.hosts.avoid(session);
    void session.close();
  }

  private async enter(): Promise<void> {
    while (this.free === 0) await new Promise<void>((resolve) => { this.waiting.push(resolve); });
    this.free--;
  }
}
