/** The rate that real training steps reach on this machine: a few, of something small, forward, backward and optimiser. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChemPool } from '../chem/index.ts';
import { SILENT_PROGRESS, median } from '../core/index.ts';
import { GraphBuilder } from '../graph/index.ts';
import { createProgram, nativeInfo } from '../native/index.ts';
import type { TrainEvent } from '../native/index.ts';
import type { Recipe } from '../recipes/index.ts';
import { NOTHING_HELD_OUT, assemble, resolveRecipe, runTraining } from '../train/index.ts';
import { costOf } from './cost.ts';
import type { Measured, Precision } from './define.ts';
import { regnetLayers } from './regnet-graph.ts';
import type { RegNetDesign, SwavHead } from './regnet.ts';
import { sizesOf } from './recipe-plan.ts';

/** The first step binds memory and warms caches; of the others the median counts. */
const STEPS = 6;
const BATCH = 32;
const MOLECULES = 400;

export interface MeasureOptions {
  readonly chem: ChemPool;
  /** Empty; data and log of the run go there. */
  readonly folder: string;
  readonly threads: number;
  readonly version: string;
  readonly date: () => string;
  readonly signal: AbortSignal;
}

/** The recipe's own networks on made-up molecules, trained by the engine as `isolens train` would, in batches of 32. */
export async function measureRecipe(recipe: Recipe, precision: Precision, options: MeasureOptions): Promise<Measured> {
  const { chem, folder } = options;
  const molecules = madeUpMolecules();
  const small = smallRun(recipe, precision);
  mkdirSync(join(folder, 'data'), { recursive: true });
  writeFileSync(join(folder, 'data', 'molecules.smi'), `${molecules.join('\n')}\n`);
  const { measurements } = recipe;
  if (measurements !== undefined) {
    const rows = molecules.map((smiles, i) => `${smiles},A${i % 8},${Math.floor(i / 8) % 2}.0`);
    writeFileSync(join(folder, 'data', 'assays.csv'), `smiles,assay,active\n${rows.join('\n')}\n`);
  }
  const run = join(folder, 'run');
  await runTraining({
    ...options, recipe: small, dataFolder: join(folder, 'data'), folder: run, heldOut: NOTHING_HELD_OUT,
    resume: false, initial: undefined, halfWeights: false, command: 'isolens plan --measure', progress: SILENT_PROGRESS,
  });
  const events = readFileSync(join(run, 'log.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as TrainEvent);
  const rates = events.flatMap((event) => (event.event === 'step' ? [event.samplesPerSecond] : []));
  const { ir, loss } = assemble(small).graph;
  const cost = costOf(ir, sizesOf(ir, BATCH, { N: 1, ...await meanSizes(chem, molecules) }), [loss]);
  const perSample = (cost.forwardFlops + cost.backwardFlops) / BATCH;
  const what = `${rates.length - 1} steps of ${recipe.id}, batch ${BATCH}, ${howText(precision, options.threads)}`;
  return { flops: perSample * median(rates.slice(1)), what };
}

function smallRun(recipe: Recipe, precision: Precision): Recipe {
  const { measurements, neighbours } = recipe;
  return resolveRecipe(recipe.id, {
    sources: [measurements === undefined ? { file: 'molecules.smi' } : { file: 'assays.csv', column: 'smiles' }],
    // What is exported, and how, is no part of a step.
    validationMolecules: 32, counterIonShare: 0, pictures: { molecules: 0, repeat: 1 }, components: undefined,
    ...(measurements === undefined ? {} : {
      measurements: { tables: [{ file: 'assays.csv', molecule: 'smiles', assay: 'assay', outcome: { column: 'active' } }], perAssay: 16, actives: 8, measuredOn: [] },
    }),
    ...(neighbours === undefined ? {} : { neighbours: { ...neighbours, group: 4 } }),
    training: {
      steps: STEPS, batchSize: BATCH, accumulate: 1, chunk: 0, warmupSteps: 1, validateEvery: STEPS, checkpointEvery: STEPS, logEvery: 1, precision,
    },
  });
}

const RINGS = ['c1ccccc1', 'c1ccncc1', 'C1CCNCC1', 'c1ccsc1', 'C1CCOCC1', 'c1cc[nH]c1', 'c1cnc2ccccc2c1'];
const LINKERS = ['O', 'N', 'C(=O)N', 'S(=O)(=O)N', 'C(=O)O', 'C(F)', 'C(Cl)', 'C(=O)'];

/** Chain, linker, ring, linker, ring: sizes of drugs, all different, always the same. */
function madeUpMolecules(): string[] {
  return Array.from({ length: MOLECULES }, (_, i) => {
    const [linker, second] = [LINKERS[i % 8]!, LINKERS[Math.floor(i / 8) % 8]!];
    return `${'C'.repeat(3 + Math.floor(i / 448))}${linker}CCc1ccc(cc1)${second}${RINGS[Math.floor(i / 64) % 7]!}`;
  });
}

async function meanSizes(chem: ChemPool, molecules: readonly string[]): Promise<{ V: number; E: number }> {
  const { graph, rows } = await chem.featurise(molecules, { graph: true });
  return { V: Number(graph!.atomOffsets.at(-1)!) / rows.length, E: (2 * Number(graph!.bondOffsets.at(-1)!)) / rows.length };
}

/** RegNetY-400MF (arXiv:2003.13678): the large encoders' own kind of block, small enough for a processor. */
const SMALL: RegNetDesign = { depth: 16, w0: 48, wa: 27.89, wm: 2.09, groupWidth: 8, stemWidth: 32, squeeze: 0.25 };
const SMALL_HEAD: SwavHead = { widths: [256, 256, 64], prototypes: 512 };
const SMALL_PIXELS = 96;
const SMALL_ROWS = 16;

/** A small RegNetY under SwAV's head on noise. `now`: milliseconds. */
export function measureEncoder(precision: Precision, { threads, now }: { readonly threads: number; readonly now: () => number }): Measured {
  const graph = withLoss(SMALL_PIXELS);
  const program = createProgram(graph, { training: true, capacity: { N: SMALL_ROWS }, loss: 'loss', threads, precision, seed: 1 });
  program.bind({ N: SMALL_ROWS });
  const shape = [SMALL_ROWS, 3, SMALL_PIXELS, SMALL_PIXELS];
  const noise = Float32Array.from({ length: SMALL_ROWS * 3 * SMALL_PIXELS ** 2 }, (_, i) => ((i * 2_654_435_761) % 1000) / 1000);
  program.setInput('pixels', noise, shape);
  const seconds = Array.from({ length: STEPS }, (_, step) => {
    const start = now();
    program.zeroGradients();
    program.forward(true, step);
    program.backward();
    program.adamwStep({ learningRate: 1e-4, weightDecay: 0.01 }, step + 1);
    return (now() - start) / 1000;
  });
  const cost = costOf(graph, { N: SMALL_ROWS }, ['loss']);
  return {
    flops: (cost.forwardFlops + cost.backwardFlops) / median(seconds.slice(1)),
    what: `${STEPS - 1} steps of RegNetY-400MF, ${SMALL_ROWS} images of ${SMALL_PIXELS} pixels, ${howText(precision, threads)}`,
  };
}

/** The scores' mean square stands in for SwAV's loss: what is timed are the network's products. */
function withLoss(pixels: number): ReturnType<GraphBuilder['toIr']> {
  const g = new GraphBuilder('stand-in');
  const { scores } = regnetLayers(g, SMALL, SMALL_HEAD, pixels);
  g.output(g.named('loss', g.apply('ReduceMean', [g.apply('Mul', [scores, scores])], { axes: [0, 1], keepdims: 0 })));
  return g.toIr();
}

function howText(precision: Precision, threads: number): string {
  const isOther = precision === 'bf16' && !nativeInfo().hasBf16;
  return `${isOther ? 'f32, as this processor has no bf16' : precision}, ${threads === 1 ? '1 thread' : `${threads} threads`}`;
}
