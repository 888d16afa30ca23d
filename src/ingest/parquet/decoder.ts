/** The process in which columns are decoded. */
import { toIsoLensError } from '../../core/index.ts';
import { readFooter } from './file.ts';
import type { GroupsJob, GroupsReply } from './groups.ts';
import { readColumns, readGroups } from './values.ts';
import type { ParquetJob, ParquetReply } from './read.ts';

/** Each reply is on its way before the next is made: few columns are here at a time. */
async function send(reply: ParquetReply | GroupsReply): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.send!(reply, (failed: Error | null) => (failed === null ? resolve() : reject(failed)));
  });
}

async function decode({ bytes, names }: ParquetJob): Promise<void> {
  try {
    const { metadata, rows } = readFooter(bytes, 'the file');
    for await (const columns of readColumns(bytes, metadata, names, rows)) await send({ kind: 'columns', columns });
    await send({ kind: 'done' });
  } catch (thrown) {
    await send({ kind: 'failed', message: toIsoLensError(thrown, 'FILE_UNREADABLE').message });
  }
}

/** What answers messages of a process: columns at once, or one reply for each, the header and then a group for each "next". */
function answering(): (job: ParquetJob | GroupsJob | 'next') => void {
  let replies: AsyncGenerator<GroupsReply> | undefined;
  return (job) => {
    if (job !== 'next' && 'bytes' in job) return void decode(job);
    if (job !== 'next') replies = readGroups(job.path);
    void sendNext(replies!);
  };
}

async function sendNext(replies: AsyncGenerator<GroupsReply>): Promise<void> {
  try {
    const next = await replies.next();
    await send(next.done === true ? { kind: 'end' } : next.value);
  } catch (thrown) {
    const { code, message } = toIsoLensError(thrown, 'FILE_UNREADABLE');
    await send({ kind: 'failed', code: code === 'DATASET_INVALID' ? code : 'FILE_UNREADABLE', message });
  }
}

// It stays until it is ended, or its parent is gone: what was sent might else be overtaken by its end.
process.on('message', answering());
