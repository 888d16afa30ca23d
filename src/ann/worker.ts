import { parentPort } from 'node:worker_threads';
import { toIsoLensError } from '../core/index.ts';
import type { BuilderReply, BuilderRequest } from './builder.ts';
import type { VectorIndex } from './define.ts';
import { indexBackend } from './index.ts';

const port = parentPort;
if (port === null) throw new Error('src/ann/worker runs as a worker thread only.');

let index: VectorIndex | undefined;
// Requests are answered strictly in order, though saving is asynchronous.
let queue: Promise<void> = Promise.resolve();

port.on('message', (request: BuilderRequest) => {
  queue = queue.then(async () => port.postMessage(await answer(request)));
});

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
    index = backend.create(request.dimension, backend.parameters.parse(request.parameters));
  } else if (request.kind === 'add') {
    index?.add(request);
  } else {
    return (await index?.save(request.path)) ?? [];
  }
  return [];
}
