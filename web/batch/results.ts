/** What a job has found, fetched page by page as it comes near the screen, and cut down to what is shown. */
import { signal } from '@preact/signals';
import type { Hit, Job, JobProblem, JobResult } from '../../src/api/index.ts';
import { client, messageOf } from '../service/client.ts';

export interface ShownResult {
  readonly id: string;
  readonly text: string;
  /** What was searched. */
  readonly smiles: string | null;
  readonly name: string | undefined;
  readonly hits: readonly Pick<Hit, 'id' | 'smiles' | 'names' | 'score' | 'inchiKey' | 'isQuery'>[];
  readonly found: number;
  readonly problem: JobProblem | undefined;
}

/** Hits of one page: their reasons make them some kilobytes each. */
const HITS_A_PAGE = 400;
const MOST_ROWS = 40;
/** Drawn in a row; the full search shows the others. */
export const MOST_SHOWN = 12;

export class Results {
  /** By position; holes are not fetched yet. */
  readonly rows = signal<readonly (ShownResult | undefined)[]>([]);
  readonly failure = signal<string | undefined>(undefined);
  private readonly pageSize: number;
  private readonly id: string;
  private readonly loading = new Set<number>();
  private isOver = false;

  constructor({ id, options }: Job) {
    this.id = id;
    this.pageSize = Math.max(1, Math.min(MOST_ROWS, Math.floor(HITS_A_PAGE / Math.max(1, Number(options['k'] ?? 20)))));
  }

  stop(): void {
    this.isOver = true;
  }

  /** Fetches what is missing of the rows from `first` to `last`, of which the job has answered `done`. */
  need(first: number, last: number, done: number): void {
    for (let page = Math.floor(first / this.pageSize); page * this.pageSize <= Math.min(last, done - 1); page++) void this.load(page, done);
  }

  /** Walks over all pages until every rejected query is known. */
  async findRejected(done: number, rejected: number): Promise<void> {
    for (let page = 0; page * this.pageSize < done && !this.isOver && this.rejected().length < rejected; page++) await this.load(page, done);
  }

  rejected(): ShownResult[] {
    return this.rows.value.filter((row): row is ShownResult => row?.problem !== undefined);
  }

  private async load(page: number, done: number): Promise<void> {
    const from = page * this.pageSize;
    const to = Math.min(from + this.pageSize, done);
    const known = this.rows.peek();
    let start = from;
    while (start < to && known[start] !== undefined) start++;
    if (start >= to || this.loading.has(page)) return;
    this.loading.add(page);
    try {
      const { results } = await client.getJobResults(this.id, { offset: start, limit: to - start });
      if (this.isOver) return;
      const rows = [...this.rows.peek()];
      results.forEach((result, i) => (rows[start + i] = shortened(result)));
      this.rows.value = rows;
      this.failure.value = undefined;
    } catch (thrown) {
      this.failure.value = messageOf(thrown).detail;
    } finally {
      this.loading.delete(page);
    }
  }
}

function shortened(result: JobResult): ShownResult {
  const { id, text } = result.query;
  if ('problem' in result) return { id, text, smiles: null, name: undefined, hits: [], found: 0, problem: result.problem };
  const { query, hits } = result.response;
  return {
    id, text, smiles: query.smiles, name: query.held?.names[0] ?? query.held?.id, found: hits.length, problem: undefined,
    hits: hits.slice(0, MOST_SHOWN).map(({ id: hitId, smiles, names, score, inchiKey, isQuery }) => ({ id: hitId, smiles, names, score, inchiKey, isQuery })),
  };
}
