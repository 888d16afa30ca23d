import { parentPort, workerData } from 'node:worker_threads';
import { toIsoLensError } from '../core/index.ts';
import type { BuilderData, BuilderReply, BuilderRequest } from './builder.ts';
import type { IndexWriter } from './define.ts';
import { indexBackend } from './index.ts';

const port = parentPort;
if (port === null) throw new Error('src/ann/worker runs as a worker thread only.');

/** Rows inserted between two looks at whether to stop: some milliseconds, or some ten where they complete a batch of the graph. */
const ROWS_AT_ONCE = 32;
const stop = new Int32Array((workerData as BuilderData).stop);
const isStopped = (): boolean => Atomics.load(stop, 0) === 1;

let index: IndexWriter | undefined;
// Requests are answered strictly in order, though saving is asynchronous.
let queue: Promise<void> = Promise.resolve();

port.on('message', (request: BuilderRequest) => {
  queue = inTurn(request, queue);
});

async function inTurn(request: BuilderRequest, before: Promise<void>): Promise<void> {
  await before;
  if (isStopped()) port!.close();
  else port!.postMessage(await answer(request));
}

async function answer(request: BuilderRequest): Promise<BuilderReply> {
  try {
    const files = await perform(request);
    return { kind: 'done', count: index?.count ?? 0, files };
  } catch (error) {
    const { code, message } = toIsoLensError(error);
    return { kind: 'failed', code, message };
  }
}

async function perform(request: BuilderRequest): Promise<readonly string[]> {
  if (request.kind === 'create') {
    const backend = indexBackend(request.backend);
    const parameters = backend.parameters.parse(request.parameters);
    index = backend.write?.(request.dimension, parameters) ?? backend.create(request.dimension, parameters);
  } else if (request.kind === 'add') {
    const { data, rows, cols } = request;
    for (let from = 0; from < rows && !isStopped(); from += ROWS_AT_ONCE) {
      const to = Math.min(rows, from + ROWS_AT_ONCE);
      index?.add({ data: data.subarray(from * cols, to * cols), rows: to - from, cols });
    }
  } else if (request.kind === 'save') {
    return (await index?.save(request.path)) ?? [];
  }
  return [];
}
