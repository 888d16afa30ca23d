/** The process in which columns are decoded. */
import { toIsoLensError } from '../../core/index.ts';
import { readFooter } from './file.ts';
import { readColumns } from './values.ts';
import type { ParquetJob, ParquetReply } from './read.ts';

/** Each reply is on its way before the next is made: few columns are here at a time. */
async function send(reply: ParquetReply): Promise<void> {
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

// It stays until it is ended, or its parent is gone: what was sent might else be overtaken by its end.
process.on('message', (job: ParquetJob) => void decode(job));
