import { WorkerPool, workerEntry } from '../core/index.ts';
import type { RunRequest, WorkerSetup } from './protocol.ts';
import type { F32Tensor, ModelFile, NamedTensors } from './tensors.ts';

export interface InferenceOptions {
  /** Threads that run models side by side; each loads every model. */
  readonly workers?: number;
  /** Threads within one run; more than one pays only for single large inputs. */
  readonly threadsPerRun?: number;
  /** A run that takes longer is ended with its worker. */
  readonly timeoutMs?: number;
}

type Outputs = Readonly<Record<string, F32Tensor>>;

const DEFAULT_TIMEOUT_MS = 60_000;

/** Models on worker threads. A worker that stops takes one run with it (WORKER_FAILED) and is replaced; the queue goes on. */
export class InferencePool {
  private readonly pool: WorkerPool<RunRequest, Outputs>;

  private constructor(models: readonly ModelFile[], { workers = 1, threadsPerRun = 1, timeoutMs = DEFAULT_TIMEOUT_MS }: InferenceOptions) {
    const setup: WorkerSetup = { models, threads: threadsPerRun };
    this.pool = new WorkerPool({ entry: workerEntry(import.meta.url, './worker.ts'), setup, workers, name: 'isolens-inference', what: 'the model', timeoutMs });
  }

  /** Starts the workers; resolves when every model is loaded in each, or refuses with MODEL_INVALID. */
  static async open(models: readonly ModelFile[], options: InferenceOptions = {}): Promise<InferencePool> {
    const inference = new InferencePool(models, options);
    try {
      await inference.pool.ready();
    } catch (error) {
      await inference.close();
      throw error;
    }
    return inference;
  }

  /**
   * Runs one batch. With `move`, the buffers of the inputs go to the worker and cannot be used afterwards; otherwise they are
   * copied. `outputs`: names of those that are wanted; absent: all.
   */
  run(model: string, inputs: NamedTensors, { move = false, outputs }: { readonly move?: boolean; readonly outputs?: readonly string[] } = {}): Promise<Outputs> {
    const transfer = move ? [...new Set(Object.values(inputs).map((input) => input.data.buffer as ArrayBuffer))] : [];
    return this.pool.run({ model, inputs, ...(outputs === undefined ? {} : { outputs }) }, transfer);
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}
