export { assemble } from './assemble.ts';
export type { Assembly, AssembledTower } from './assemble.ts';
export { exportModel } from './export.ts';
export { NOTHING_HELD_OUT, heldOutKey, readHeldOut } from './held-out.ts';
export type { HeldOut } from './held-out.ts';
export { resolveRecipe } from './resolve.ts';
export { runTraining } from './run.ts';
export type { TrainingOptions, TrainingResult } from './run.ts';
export { readSafetensors, writeSafetensors } from './safetensors.ts';
