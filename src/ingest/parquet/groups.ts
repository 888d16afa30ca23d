/** A Parquet file of any size, a row group at a time: no more of it is in memory than the group in hand, decoded in a process of its own. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { IsoLensError, toIsoLensError, workerEntry } from '../../core/index.ts';
import type { Column } from '../cells.ts';
import { unreadableParquet } from './file.ts';

export interface GroupsJob {
  readonly path: string;
}
/** The decoder sends the header, then a group for each "next". */
export type GroupsReply =
  | { readonly kind: 'header'; readonly header: readonly string[] }
  | { readonly kind: 'group'; readonly rows: number; readonly columns: Column[] }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly code: 'DATASET_INVALID' | 'FILE_UNREADABLE'; readonly message: string };

export interface ParquetGroup {
  readonly rows: number;
  /** In the order of the header, `rows` values each. */
  readonly columns: readonly Column[];
}

const MAX_HEAP_MB = 2048;
/** For one group: some million cells take some seconds. */
const MAX_SECONDS = 300;

/**
 * Columns that hold lists or groups are left out. FILE_UNREADABLE for a file that is cut off or torn, here or when its rows are read; DATASET_INVALID
 * where one of its groups is too large to be held.
 */
export async function parquetGroups(path: string): Promise<{ header: readonly string[]; groups: AsyncIterable<ParquetGroup> }> {
  await stat(path).catch((thrown: unknown) => { throw toIsoLensError(thrown, 'FILE_UNREADABLE'); });
  const child = fork(fileURLToPath(workerEntry(import.meta.url, './decoder.ts')), {
    serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [`--max-old-space-size=${MAX_HEAP_MB}`],
  });
  try {
    const first = await asked(child, { path } satisfies GroupsJob, path);
    if (first.kind !== 'header') throw unreadableParquet(path, new Error('its decoder told no header'));
    return { header: first.header, groups: groupsFrom(child, path) };
  } catch (thrown) {
    child.kill('SIGKILL');
    throw thrown;
  }
}

async function* groupsFrom(child: ChildProcess, path: string): AsyncGenerator<ParquetGroup> {
  try {
    for (;;) {
      const reply = await asked(child, 'next', path);
      if (reply.kind !== 'group') return;
      yield reply;
    }
  } finally {
    child.kill('SIGKILL');
  }
}

async function asked(child: ChildProcess, message: GroupsJob | 'next', path: string): Promise<GroupsReply> {
  const reply = await new Promise<GroupsReply>((resolve, reject) => {
    const forget = (): void => {
      clearTimeout(timer);
      child.removeAllListeners('message').removeAllListeners('error').removeAllListeners('exit');
    };
    const fail = (error: Error): void => {
      forget();
      reject(unreadableParquet(path, error));
    };
    const timer = setTimeout(() => fail(new Error(`a row group takes longer than ${MAX_SECONDS} s`)), MAX_SECONDS * 1000);
    child.once('message', (answer: GroupsReply) => {
      forget();
      resolve(answer);
    });
    child.once('error', fail);
    child.once('exit', (code, signal) => fail(new Error(`its decoder ended with ${signal ?? code}`)));
    child.send(message, (failed) => { if (failed !== null) fail(failed); });
  });
  if (reply.kind !== 'failed') return reply;
  if (reply.code === 'DATASET_INVALID') throw new IsoLensError(reply.code, reply.message.replace('the file', path));
  throw unreadableParquet(path, new Error(reply.message));
}
