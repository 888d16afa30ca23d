import { SILENT_PROGRESS } from '../../src/core/index.ts';
import type { Progress } from '../../src/core/index.ts';

/** Tells how many molecules are in the database whenever that changes. */
export function watching(told: (done: number) => void): Progress {
  let isRows = false;
  return { ...SILENT_PROGRESS, start: (stage) => { isRows = stage.startsWith('molecules'); }, update: (done) => { if (isRows) told(done); } };
}
