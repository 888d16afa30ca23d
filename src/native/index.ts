/** The native engine (build/isolens.node) as typed functions; its errors arrive as `IsoLensError` with the engine's codes. */
import { addon, coded, guarded } from './engine.ts';
import type { DrawingClass, NativeInfo, RenderOptions, RenderedTiles, TileOptions, TileTruth, TrainConfig, TrainEvent, TrainRun, TrainSummary } from './types.ts';

export { BUILD_FOLDER, loadAddon, missingInstructions } from './load.ts';
export { createFeaturiser } from './featuriser.ts';
export type { NativeFeaturiser } from './featuriser.ts';
export { createNeighbourGraph, openNeighbourGraph } from './neighbours.ts';
export { createProgram } from './program.ts';
export { createScan } from './scan.ts';
export { nativeProducts } from './products.ts';
export type * from './types.ts';

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

/**
 * A file of that many bytes as memory: read where it is touched, shared by all threads and processes that map it, and given back by the system
 * where nobody reads. Writing to it changes no file. Only for files that are never cut short while they are mapped.
 */
export function mapFile(path: string, bytes: number): ArrayBuffer {
  return guarded(() => addon().mapFile(path, bytes));
}

/** Training drawings of rows of a layout column: (rows.length, height, width), 0 = paper, 1 = full ink. */
export function renderDrawings(path: string, column: string, rows: Int32Array, options: RenderOptions): Float32Array {
  return guarded(() => addon().renderDrawings(path, column, rows, JSON.stringify(options)));
}

/** The same with the truth about each tile: where every atom and bond lies, and what it is. */
export function renderTiles(path: string, column: string, rows: Int32Array, options: TileOptions): RenderedTiles {
  return guarded(() => {
    const { pixels, truth } = addon().renderTiles(path, column, rows, JSON.stringify(options));
    return { pixels, truth: JSON.parse(truth) as TileTruth[] };
  });
}

/** What can stand at an atom's place in a training drawing; places in this list are the classes of a reader. */
export function drawingClasses(): DrawingClass[] {
  return guarded(() => JSON.parse(addon().drawingClasses()) as DrawingClass[]);
}

/**
 * A greyscale image (0 = black, 255 = white) as the drawing encoder wants it: ink cropped, fitted to the canvas, contrast
 * stretched: (height, width), 0 = paper, 1 = full ink. Null where there is no ink.
 */
export function normaliseDrawing(gray: Uint8Array, rows: number, columns: number, height: number, width: number): Float32Array | null {
  return guarded(() => addon().normaliseDrawing(gray, rows, columns, height, width));
}
