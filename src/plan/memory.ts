/** Bytes on each GPU, of a model that is copied to all of them or shared out between them. */

/** Bytes for each number that is trained. */
export interface TrainedBytes {
  readonly weights: number;
  readonly gradients: number;
  readonly optimiser: number;
  /** Of each number that a layer hands on. */
  readonly activations: number;
}

/** All in 32 bits, AdamW's two moments: what the engine keeps, in either precision (it rounds operands as it loads them). */
export const SINGLE: TrainedBytes = { weights: 4, gradients: 4, optimiser: 8, activations: 4 };
/** Mixed precision with Adam: 16-bit weights and gradients; 32-bit weights and two moments (Rajbhandari et al. 2020, arXiv:1910.02054, 3.1). */
export const MIXED: TrainedBytes = { weights: 2, gradients: 2, optimiser: 12, activations: 2 };
/** Statistics, queues and momentum encoders stay in 32 bits, on every GPU. */
const STATE_BYTES = 4;

export interface Model {
  readonly trainable: number;
  readonly states: number;
  readonly bytes: TrainedBytes;
  /** Weights, gradients and optimiser are shared out (ZeRO-3, FSDP); otherwise every GPU has them all. */
  readonly sharded: boolean;
  /** Numbers trained of the largest part that is gathered whole while it runs. */
  readonly largestPart: number;
  /** Bytes of what `rows` samples leave for backward. */
  activationBytes(rows: number): number;
}

export interface GpuMemory {
  readonly weights: number;
  readonly gradients: number;
  readonly optimiser: number;
  readonly states: number;
  /** The largest part, gathered: its weights and its gradients before they are shared out again. */
  readonly gathered: number;
  readonly activations: number;
  readonly total: number;
}

/** `rows`: samples that one GPU sees at a time. */
export function memoryOf(model: Model, gpus: number, rows: number): GpuMemory {
  const { trainable, bytes } = model;
  const share = model.sharded ? gpus : 1;
  const parts = {
    weights: (trainable * bytes.weights) / share,
    gradients: (trainable * bytes.gradients) / share,
    optimiser: (trainable * bytes.optimiser) / share,
    states: model.states * STATE_BYTES,
    // One GPU has all of it in any case.
    gathered: share > 1 ? model.largestPart * (bytes.weights + bytes.gradients) : 0,
    activations: model.activationBytes(rows),
  };
  return { ...parts, total: Object.values(parts).reduce((sum, part) => sum + part, 0) };
}

/** The most samples at a time that fit, up to `most`; 0: not even one does. */
export function rowsThatFit(model: Model, gpus: number, limitBytes: number, most: number): number {
  let [fits, fails] = [0, most + 1];
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if (memoryOf(model, gpus, middle).total <= limitBytes) fits = middle;
    else fails = middle;
  }
  return fits;
}

/**
 * The smallest number of GPUs, up to `most`, on which `rowsOf(gpus)` samples at a time fit; undefined where none is enough. More GPUs
 * see no more samples each.
 */
export function smallestGpus(model: Model, limitBytes: number, most: number, rowsOf: (gpus: number) => number): number | undefined {
  const isEnough = (gpus: number): boolean => memoryOf(model, gpus, rowsOf(gpus)).total <= limitBytes;
  if (!isEnough(most)) return undefined;
  // Each GPU more leaves less on each, also where it is the second, and parts begin to be gathered.
  let [fails, enough] = [0, most];
  while (enough - fails > 1) {
    const middle = Math.floor((fails + enough) / 2);
    if (isEnough(middle)) enough = middle;
    else fails = middle;
  }
  return enough;
}
