/** The hosts of a database: whichever answers is read from, and the one that takes changes, the primary, is written to. */
import { IsoLensError } from '../core/index.ts';
import { isPassing } from './errors.ts';
import { hostsOf } from './place.ts';
import type { DatabasePlace } from './place.ts';
import { Session } from './session.ts';
import type { SessionOptions } from './session.ts';

export class Hosts {
  private readonly place: DatabasePlace;
  private readonly hosts: readonly DatabasePlace[];
  /** Place among `hosts` of the one to ask first: the last that answered. */
  private first = 0;

  constructor(place: DatabasePlace) {
    this.place = place;
    this.hosts = hostsOf(place);
  }

  /**
   * Opens a session with the first host, from the last good one on, that answers and, where something is to be written, takes it. Which of them is
   * the primary is asked each time: it changes. DATABASE_UNAVAILABLE, DATABASE_READ_ONLY, DATABASE_UNSUITABLE.
   */
  async open(options: SessionOptions = {}): Promise<Session> {
    const refusals: IsoLensError[] = [];
    // `first` may change meanwhile: sessions are opened side by side.
    const order = this.hosts.map((_, i) => (this.first + i) % this.hosts.length);
    for (const at of order) {
      try {
        const session = await Session.open(this.hosts[at]!, options);
        this.first = at;
        return session;
      } catch (error) {
        if (!isOfHost(error)) throw error;
        refusals.push(error);
      }
    }
    throw this.refused(refusals);
  }

  /** Asks the host of a lost session last. Sessions with one host are often lost together: only the first of them counts. */
  avoid({ place }: Session): void {
    if (this.hosts[this.first]?.urls[0] === place.urls[0]) this.first = (this.first + 1) % this.hosts.length;
  }

  /** Standbys cannot be written to; while the primary is away, one of them may become it: that counts as a lost connection. */
  private refused(refusals: readonly IsoLensError[]): IsoLensError {
    const [only, ...others] = refusals;
    const said = refusals.find(isPassing) ?? refusals.find(({ code }) => code === 'DATABASE_UNAVAILABLE') ?? only!;
    if (others.length === 0) return said;
    const all = refusals.map(({ message }) => message).join(' ');
    return new IsoLensError(said.code, `Expected one of the hosts of ${this.place.shown} but received: ${all}`, { details: said.details });
  }
}

/** Whether another host may do what this one did not. */
function isOfHost(error: unknown): error is IsoLensError {
  return error instanceof IsoLensError && (error.code === 'DATABASE_UNAVAILABLE' || error.code === 'DATABASE_READ_ONLY');
}
