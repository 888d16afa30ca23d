/** Which generation of a library is live, for whoever looks often. */
import { hasCatalogue } from './schema.ts';
import type { DatabasePlace } from './place.ts';
import { SessionPool } from './pool.ts';

/** Of one look; the next one comes soon. */
const TIMEOUT_MS = 5000;

export class LiveGeneration {
  private readonly pool: SessionPool;
  private readonly name: string;

  constructor(place: DatabasePlace, name: string) {
    this.pool = new SessionPool(place, { statementTimeoutMs: TIMEOUT_MS, connections: 1, retries: 0 });
    this.name = name;
  }

  /** undefined where the library is not there; DATABASE_UNAVAILABLE, DATABASE_UNSUITABLE. */
  current(): Promise<string | undefined> {
    return this.pool.read(async (session) => {
      if (!(await hasCatalogue(session))) return undefined;
      const [live] = await session.query<{ generation: string }>("SELECT generation FROM isolens.generations WHERE library = $1 AND state = 'live'", [this.name]);
      return live?.generation;
    });
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}
