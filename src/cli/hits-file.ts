/** What a search found as a file that other programs read. */
import { answersTable, hitTable } from '../api/index.ts';
import type { Answered, SearchResponse } from '../api/index.ts';
import { writeAtomic } from '../bundle/index.ts';
import type { ChemPool } from '../chem/index.ts';
import { toIsoLensError } from '../core/index.ts';
import { writerFor } from '../ingest/index.ts';
import type { WriterId } from '../ingest/index.ts';
import { writeTable } from './writing.ts';

/** Gathers answers, because a table of columns is known when the last is there; then writes them at once. */
export class HitsFile {
  private readonly path: string;
  private readonly format: WriterId;
  private readonly answers: Answered[] = [];

  /** Refuses a name whose format is not known before anything is searched. */
  constructor(path: string) {
    this.path = path;
    this.format = writerFor(path).id as WriterId;
  }

  add(query: Answered['query'], response: SearchResponse): void {
    this.answers.push({ query, response });
  }

  /** `single`: one query, which needs no columns to tell it from others. */
  async write(chem: ChemPool, { single }: { single: boolean }): Promise<string> {
    const table = single ? hitTable(this.answers[0]!.response) : answersTable(this.answers);
    const chunks: string[] = [];
    for await (const chunk of writeTable(chem, this.format, table, { urgent: false })) chunks.push(chunk);
    try {
      await writeAtomic(this.path, chunks.join(''));
    } catch (thrown) {
      throw toIsoLensError(thrown, 'FILE_UNREADABLE');
    }
    const hits = this.answers.reduce((sum, { response }) => sum + response.hits.length, 0);
    return `${hits} hits written to ${this.path}`;
  }
}
