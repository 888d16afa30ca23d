/** The native engine (build/isolens.node) as typed functions; its errors arrive as `IsoLensError` with the engine's codes. */
import { ERROR_KINDS, IsoLensError, toIsoLensError } from '../core/index.ts';
import type { ErrorCode } from '../core/index.ts';
import type { GraphIr } from '../graph/index.ts';
import { loadAddon } from './load.ts';
import type {
  AdamWOptions, NativeArray, NativeInfo, NativeProgram, NativeProgramOptions, NativeTensor, RenderOptions, TrainConfig, TrainEvent, TrainRun, TrainSummary,
} from './types.ts';

export { BUILD_FOLDER, loadAddon, missingInstructions } from './load.ts';
export type * from './types.ts';

/** What the addon exports; options and configurations travel as JSON text. */
interface Addon {
  info(): NativeInfo;
  train(config: string, onEvent: (event: string) => void): { promise: Promise<string>; cancel(): void };
  renderDrawings(path: string, column: string, rows: Int32Array, options: string): Float32Array;
  normaliseDrawing(gray: Uint8Array, rows: number, columns: number, height: number, width: number): Float32Array | null;
  NativeProgram: new (graph: string, options: string) => AddonProgram;
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

function addon(): Addon {
  return loadAddon() as Addon;
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_KINDS, code);
}

function coded(thrown: unknown): IsoLensError {
  if (thrown instanceof IsoLensError) return thrown;
  if (thrown instanceof Error && 'code' in thrown && isErrorCode(thrown.code)) {
    return new IsoLensError(thrown.code, thrown.message, { cause: thrown });
  }
  return toIsoLensError(thrown, 'NATIVE_FAILED');
}

function guarded<T>(call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    throw coded(thrown);
  }
}

/** Version and abilities of the engine; throws `NATIVE_UNAVAILABLE` where it is not built for this machine. */
export function nativeInfo(): NativeInfo {
  return guarded(() => addon().info());
}

/**
 * Starts a training run on threads of its own; the event loop stays free. `onEvent` is called on the calling thread, in
 * order, and never after `done` is settled.
 */
export function train(config: TrainConfig, onEvent: (event: TrainEvent) => void = () => {}): TrainRun {
  return guarded(() => {
    let refused: { readonly thrown: unknown } | undefined;
    const run = addon().train(JSON.stringify(config), (text) => {
      if (refused !== undefined) return;
      try {
        onEvent(JSON.parse(text) as TrainEvent);
      } catch (thrown) {
        // A listener that fails ends the run in good order, rather than the process.
        refused = { thrown };
        run.cancel();
      }
    });
    const settle = async (): Promise<TrainSummary> => {
      try {
        const summary = JSON.parse(await run.promise) as TrainSummary;
        if (refused === undefined) return summary;
      } catch (thrown) {
        if (refused === undefined) throw coded(thrown);
      }
      throw refused.thrown;
    };
    return { done: settle(), cancel: () => run.cancel() };
  });
}

/** Binds a graph to memory; see `NativeProgram`. Parameters are initialised from the seed and their names. */
export function createProgram(graph: GraphIr, options: NativeProgramOptions): NativeProgram {
  const program = guarded(() => new (addon().NativeProgram)(JSON.stringify(graph), JSON.stringify(options)));
  return {
    bind: (sizes) => guarded(() => program.bind(JSON.stringify(sizes))),
    setInput: (name, data, shape) => guarded(() => program.setInput(name, data, shape)),
    forward: (training, step) => guarded(() => program.forward(training, step)),
    backward: (scale = 1) => guarded(() => program.backward(scale)),
    zeroGradients: () => guarded(() => program.zeroGradients()),
    value: (name) => guarded(() => program.value(name)),
    gradient: (name) => guarded(() => program.gradient(name)),
    parameterNames: () => guarded(() => program.parameterNames()),
    getParameter: (name) => guarded(() => program.getParameter(name)),
    setParameter: (name, data) => guarded(() => program.setParameter(name, data)),
    loadParameters: (path) => guarded(() => program.loadParameters(path)),
    adamwStep: (adamw: AdamWOptions, step) => guarded(() => program.adamwStep(JSON.stringify(adamw), step)),
  };
}

/** Training drawings of rows of a layout column: (rows.length, height, width), 0 = paper, 1 = full ink. */
export function renderDrawings(path: string, column: string, rows: Int32Array, options: RenderOptions): Float32Array {
  return guarded(() => addon().renderDrawings(path, column, rows, JSON.stringify(options)));
}

/**
 * A greyscale image (0 = black, 255 = white) as the drawing encoder wants it: ink cropped, fitted to the canvas, contrast
 * stretched: (height, width), 0 = paper, 1 = full ink. Null where there is no ink.
 */
export function normaliseDrawing(gray: Uint8Array, rows: number, columns: number, height: number, width: number): Float32Array | null {
  return guarded(() => addon().normaliseDrawing(gray, rows, columns, height, width));
}
