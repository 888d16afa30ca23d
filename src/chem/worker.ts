/**
 * Entry of a chemistry worker thread: one RDKit, one request at a time. What goes wrong in a request is its answer; only where RDKit
 * itself has failed, and cannot be trusted any more, the thread ends and the pool replaces it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { toIsoLensError } from '../core/index.ts';
import { createKernel } from './kernel.ts';
import { TASK_TABLE } from './tasks.ts';
import type { WorkerData, WorkerReply, WorkerRequest } from './tasks.ts';

const port = parentPort!;
const progress = new Int32Array((workerData as WorkerData).progress);
/** Names of what WebAssembly and Emscripten's glue throw for the module; a thrown C++ exception may also be no error at all, but a number. */
const ENGINE_ERRORS = new Set(['RuntimeError', 'RangeError', 'BindingError', 'InternalError', 'CppException', 'ExitStatus', 'UnboundTypeError']);
const kernel = await createKernel();

async function serve(request: WorkerRequest): Promise<void> {
  const begin = (index: number): void => void Atomics.store(progress, 0, index);
  try {
    const result = await TASK_TABLE[request.task]!.run(kernel, request.items, request.options, begin);
    begin(-1);
    reply({ kind: 'done', result }, buffersOf(result));
  } catch (thrown) {
    // Unhandled, this ends the thread with the item in hand still told: the pool blames it.
    if (isTrap(thrown)) throw thrown;
    begin(-1);
    const { code, message, details } = toIsoLensError(thrown);
    reply({ kind: 'failed', code, message, details }, []);
  }
}

/** A trap, a stack that overflowed, a C++ exception, an object that is freed already. */
function isTrap(thrown: unknown): boolean {
  return !(thrown instanceof Error) || ENGINE_ERRORS.has(thrown.name);
}

// The pool sends the next request after the reply.
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
