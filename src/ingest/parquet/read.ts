/** Tables in Parquet files, a column at a time. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { IsoLensError, workerEntry } from '../../core/index.ts';
import type { CellTable, Column } from '../cells.ts';
import { readFooter, unreadableParquet } from './file.ts';

export interface ParquetJob {
  readonly bytes: Uint8Array;
  readonly names: readonly string[];
}
export type ParquetReply = { readonly kind: 'columns'; readonly columns: Column[] } | { readonly kind: 'done' } | { readonly kind: 'failed'; readonly message: string };

/** What decoding may take; a batch of columns needs a tenth of it, a minute suffices for a hundred million cells. */
const MAX_HEAP_MB = 1024;
const MAX_SECONDS = 300;
/** As pandas calls an index without a name; in CSV its header is empty. */
const UNNAMED_INDEX = /^__index_level_\d+__$/;

/**
 * Plain, snappy, gzip, brotli, lz4 or zstd. FILE_UNREADABLE for a file that is cut off or torn, here or when columns are read;
 * DATASET_INVALID for more than 200 million cells, two columns of one name, and when columns are read that hold lists or groups.
 */
export function parquetTable(bytes: Uint8Array, path: string): CellTable {
  const { names, nested, rows } = readFooter(bytes, path);
  return {
    header: names.map((name) => (UNNAMED_INDEX.test(name) ? '' : name)),
    rows,
    columns: async (places) => {
      const wanted = places.map((at) => names[at]!);
      const odd = wanted.filter((name) => nested.has(name));
      if (odd.length > 0) {
        const message = `Expected a value in each row of ${odd.slice(0, 5).map((name) => JSON.stringify(name)).join(', ')} in ${path} but these columns hold lists or groups; write them as text or leave them out.`;
        throw new IsoLensError('DATASET_INVALID', message, { details: { columns: odd } });
      }
      return decoded({ bytes, names: wanted }, path);
    },
  };
}

/** In a process of its own: counts of a torn file can fill the memory, by which a thread would take its process along. */
async function decoded(job: ParquetJob, path: string): Promise<Column[]> {
  const child = fork(fileURLToPath(workerEntry(import.meta.url, './decoder.ts')), {
    serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [`--max-old-space-size=${MAX_HEAP_MB}`], timeout: MAX_SECONDS * 1000,
  });
  try {
    return await new Promise<Column[]>((resolve, reject) => {
      const columns: Column[] = [];
      child.on('message', (reply: ParquetReply) => {
        if (reply.kind === 'columns') columns.push(...reply.columns);
        else if (reply.kind === 'done') resolve(columns);
        else reject(new Error(reply.message));
      });
      child.on('error', reject);
      child.on('exit', (code, signal) => reject(new Error(`its decoder ended with ${signal ?? code}`)));
      child.send(job, (failed) => { if (failed !== null) reject(failed); });
    });
  } catch (thrown) {
    throw unreadableParquet(path, thrown);
  } finally {
    child.kill('SIGKILL');
  }
}
