export { ERROR_KINDS, IsoLensError, systemErrorCode, toIsoLensError } from './errors.ts';
export type { ErrorCode, ErrorDetails, ErrorKind } from './errors.ts';
export { createRng } from './rng.ts';
export type { Rng } from './rng.ts';
export { SILENT_LOGGER, SILENT_PROGRESS } from './progress.ts';
export type { Logger, Progress } from './progress.ts';
export { dot, l2Normalise, matrixOf, rowOf } from './matrix.ts';
export type { Matrix } from './matrix.ts';
export { workerEntry } from './worker-entry.ts';
