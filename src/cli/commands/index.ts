import { registerBundle } from './bundle.ts';
import { registerCalibrate } from './calibrate.ts';
import type { Register } from './define.ts';
import { registerDemo } from './demo.ts';
import { registerEmbed } from './embed.ts';
import { registerEvaluate } from './evaluate.ts';
import { registerIndex } from './index-library.ts';
import { registerJoin } from './join.ts';
import { registerMine } from './mine.ts';
import { registerPlan } from './plan.ts';
import { registerPlate } from './plate.ts';
import { registerProbe } from './probe.ts';
import { registerRead } from './read.ts';
import { registerReplace } from './replace.ts';
import { registerSearch } from './search.ts';
import { registerServe } from './serve.ts';
import { registerTrain } from './train.ts';

/** Adding a command: one file and one line here. */
export const COMMANDS: readonly Register[] = [
  registerDemo, registerSearch, registerRead, registerReplace, registerIndex, registerServe, registerEmbed, registerBundle, registerTrain, registerJoin,
  registerCalibrate, registerMine, registerEvaluate, registerProbe, registerPlan, registerPlate,
];
