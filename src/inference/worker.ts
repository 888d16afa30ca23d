/** Runs models. `run()` of ONNX Runtime blocks its thread until it has finished, so it has a thread of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import ort from 'onnxruntime-node';
import { IsoLensError, answerRequests, toIsoLensError } from '../core/index.ts';
import type { RunRequest, WorkerSetup } from './protocol.ts';
import type { F32Tensor, ModelFile, NamedTensors } from './tensors.ts';

const port = parentPort;
if (port === null) throw new Error('src/inference/worker runs as a worker thread only.');

const setup = workerData as WorkerSetup;
const sessions = new Map<string, ort.InferenceSession>();

async function load({ name, path }: ModelFile): Promise<void> {
  try {
    const session = await ort.InferenceSession.create(path, {
      intraOpNumThreads: setup.threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    });
    sessions.set(name, session);
  } catch (error) {
    throw new IsoLensError('MODEL_INVALID', `Expected a model that can be run in ${path}, but: ${toIsoLensError(error).message}.`);
  }
}

function feedsOf(inputs: NamedTensors): Record<string, ort.Tensor> {
  return Object.fromEntries(Object.entries(inputs).map(([name, { dtype, data, shape }]) => [
    name,
    dtype === 'f32' ? new ort.Tensor('float32', data, shape) : new ort.Tensor('int32', data, shape),
  ]));
}

async function run({ model, inputs, outputs: wanted }: RunRequest): Promise<Record<string, F32Tensor>> {
  const session = sessions.get(model);
  if (session === undefined) throw new IsoLensError('MODEL_INVALID', `Expected one of the models ${[...sessions.keys()].join(', ')} but received "${model}".`);
  const missing = session.inputNames.filter((name) => !(name in inputs));
  if (missing.length > 0) throw new IsoLensError('MODEL_INVALID', `Expected the inputs ${session.inputNames.join(', ')} for "${model}" but ${missing.join(', ')} is missing.`);
  // What is not wanted is not computed.
  const outputs = await (wanted === undefined ? session.run(feedsOf(inputs)) : session.run(feedsOf(inputs), [...wanted]));
  return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => {
    if (!(tensor.data instanceof Float32Array)) throw new IsoLensError('MODEL_INVALID', `Expected float32 from output "${name}" of "${model}" but received ${tensor.type}.`);
    return [name, { dtype: 'f32', data: tensor.data, shape: tensor.dims }];
  }));
}

await answerRequests(port, async () => {
  for (const model of setup.models) await load(model);
  return async (request: RunRequest) => {
    const answer = await run(request);
    return { answer, transfer: [...new Set(Object.values(answer).map((output) => output.data.buffer as ArrayBuffer))] };
  };
}, 'MODEL_INVALID');
