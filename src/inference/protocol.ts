import type { ModelFile, NamedTensors } from './tensors.ts';

/** What a worker is started with. */
export interface WorkerSetup {
  readonly models: readonly ModelFile[];
  readonly threads: number;
}

export interface RunRequest {
  readonly model: string;
  readonly inputs: NamedTensors;
  /** Names of the outputs that are wanted; absent: all. */
  readonly outputs?: readonly string[];
}
