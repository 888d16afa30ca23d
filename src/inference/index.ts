export { InferencePool } from './pool.ts';
export type { InferenceOptions } from './pool.ts';
export type { F32Tensor, I32Tensor, ModelFile, NamedTensors } from './tensors.ts';
