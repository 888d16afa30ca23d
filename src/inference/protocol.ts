import type { ErrorCode } from '../core/index.ts';
import type { F32Tensor, ModelFile, NamedTensors } from './tensors.ts';

/** What a worker is started with. */
export interface WorkerSetup {
  readonly models: readonly ModelFile[];
  readonly threads: number;
}

/** Tells a worker to end when it has answered what it was asked. */
export const CLOSE = 'close';

export interface RunRequest {
  readonly ticket: number;
  readonly model: string;
  readonly inputs: NamedTensors;
  /** Names of the outputs that are wanted; absent: all. */
  readonly outputs?: readonly string[];
}

export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unready'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'done'; readonly ticket: number; readonly outputs: Readonly<Record<string, F32Tensor>> }
  | { readonly kind: 'failed'; readonly ticket: number; readonly code: ErrorCode; readonly message: string };
