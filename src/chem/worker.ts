/** Entry of a chemistry worker thread: one RDKit, one request at a time. An unforeseen failure ends the thread; the pool replaces it. */
import { parentPort, workerData } from 'node:worker_threads';
import { createKernel } from './kernel.ts';
import { TASK_TABLE } from './tasks.ts';
import type { WorkerData, WorkerReply, WorkerRequest } from './tasks.ts';

const port = parentPort!;
const progress = new Int32Array((workerData as WorkerData).progress);
const kernel = await createKernel();

async function serve(request: WorkerRequest): Promise<void> {
  const result = await TASK_TABLE[request.task]!.run(kernel, request.items, request.options, (index) => Atomics.store(progress, 0, index));
  Atomics.store(progress, 0, -1);
  reply({ kind: 'done', result }, buffersOf(result));
}

// The pool sends the next request after the reply. A rejection is unforeseen as well, and ends the thread.
port.on('message', (request: WorkerRequest) => void serve(request));
reply({ kind: 'ready' }, []);

function reply(message: WorkerReply, transfer: ArrayBuffer[]): void {
  port.postMessage(message, transfer);
}

/** All buffers below a result, to be moved and not copied. */
function buffersOf(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (Array.isArray(value)) {
    if (typeof value[0] === 'object') for (const item of value) buffersOf(item, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) buffersOf(item, found);
  }
  return [...found];
}
