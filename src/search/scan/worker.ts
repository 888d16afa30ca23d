/** Entry of a scan worker: one library, one question at a time, off the event loop. */
import { parentPort, workerData } from 'node:worker_threads';
import { answerRequests } from '../../core/index.ts';
import type { ScanAnswer, ScanRequest, ScanSetup } from './define.ts';
import { ScanWork } from './work.ts';

const port = parentPort;
if (port === null) throw new Error('src/search/scan/worker runs as a worker thread only.');

await answerRequests<ScanRequest, ScanAnswer>(port, () => {
  const work = new ScanWork(workerData as ScanSetup);
  return (request) => work.answer(request);
}, 'INTERNAL');
