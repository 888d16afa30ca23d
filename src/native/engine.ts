/** The addon as it is loaded, and its errors as coded ones. */
import { ERROR_KINDS, IsoLensError, toIsoLensError } from '../core/index.ts';
import type { ErrorCode } from '../core/index.ts';
import { loadAddon } from './load.ts';
import type { NativeArray, NativeCommonParts, NativeFeatures, NativeInfo, NativeScan, NativeScanColumns, NativeTensor, NeighbourGraph } from './types.ts';

/** What the addon exports; options and configurations travel as JSON text. */
interface Addon {
  info(): NativeInfo;
  train(config: string, onEvent: (event: string) => void): { promise: Promise<string>; cancel(): void };
  renderDrawings(path: string, column: string, rows: Int32Array, options: string): Float32Array;
  renderTiles(path: string, column: string, rows: Int32Array, options: string): { pixels: Float32Array; truth: string };
  drawingClasses(): string;
  normaliseDrawing(gray: Uint8Array, rows: number, columns: number, height: number, width: number): Float32Array | null;
  mapFile(path: string, bytes: number): ArrayBuffer;
  commonParts(from: string, to: string): NativeCommonParts;
  NativeFeaturiser: new (settings: string) => AddonFeaturiser;
  NativeScan: new (columns: NativeScanColumns, steps: Float64Array) => NativeScan;
  NativeProgram: new (graph: string, options: string) => AddonProgram;
  /** `path`: a file to open, or empty. */
  NativeGraph: new (options: string, path: string) => NeighbourGraph;
}

interface AddonFeaturiser {
  compute(smiles: string, request: string, threads: number): NativeFeatures;
}

interface AddonProgram {
  bind(sizes: string): void;
  setInput(name: string, data: NativeArray, shape: readonly number[]): void;
  forward(training: boolean, step: number): void;
  backward(scale: number): void;
  zeroGradients(): void;
  value(name: string): NativeTensor<NativeArray>;
  gradient(name: string): NativeTensor;
  parameterNames(): string[];
  getParameter(name: string): NativeTensor;
  setParameter(name: string, data: Float32Array): void;
  loadParameters(path: string): string[];
  adamwStep(options: string, step: number): number;
}

export function addon(): Addon {
  return loadAddon() as Addon;
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_KINDS, code);
}

export function coded(thrown: unknown): IsoLensError {
  if (thrown instanceof IsoLensError) return thrown;
  if (thrown instanceof Error && 'code' in thrown && isErrorCode(thrown.code)) {
    return new IsoLensError(thrown.code, thrown.message, { cause: thrown });
  }
  return toIsoLensError(thrown, 'NATIVE_FAILED');
}

export function guarded<T>(call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    throw coded(thrown);
  }
}
