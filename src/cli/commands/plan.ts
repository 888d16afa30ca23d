import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { ChemPool } from '../../chem/index.ts';
import { IsoLensError } from '../../core/index.ts';
import {
  LARGE_ENCODERS, LIBRARY_MEASURED, PRECISIONS, checkRequest, largeEncoderOf, measureEncoder, measureRecipe, planEncoder, planLibrary, planRecipe, planRows, recipeOf,
} from '../../plan/index.ts';
import type { LargeEncoder, Measured, Plan, PlanRequest, PlanRow, Precision } from '../../plan/index.ts';
import { RECIPES } from '../../recipes/index.ts';
import type { Recipe } from '../../recipes/index.ts';
import type { Context } from '../context.ts';
import { libraryTable } from '../library-plan.ts';
import { formatTable } from '../table.ts';
import type { Register } from './define.ts';

interface PlanFlags {
  readonly molecules?: number;
  readonly dimension: number;
  readonly recipe?: string;
  readonly encoder?: string;
  readonly gpus: number;
  readonly gpuMemory?: number;
  readonly flops?: number;
  readonly price?: number;
  readonly samples?: number;
  readonly batch?: number;
  readonly precision?: string;
  readonly measure?: boolean;
  readonly json?: boolean;
}

/** What numbers are allowed is the plan's to say. */
function number(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isNaN(value)) return value;
  throw new InvalidArgumentError('Expected a number.');
}

const MOST_MOLECULES = 1e12;
const MOST_DIMENSIONS = 16_384;
/** More than a service on one machine should hold: 100 GB of its own memory. */
const ONE_MACHINE = 100_000_000;

type Subject = { readonly recipe: Recipe } | { readonly encoder: LargeEncoder };

const SUMMARY = 'What it takes to index and serve so many molecules, or to train a recipe or a very large encoder on so many GPUs: memory, time and cost, before anything is trained.';
const RECIPE_NAMES = RECIPES.map(({ id }) => id).join(', ');
const ENCODER_NAMES = LARGE_ENCODERS.map(({ id }) => id).join(', ');

export const registerPlan: Register = (program, contextOf) => {
  planOptions(program.command('plan').description(SUMMARY))
    .action(async (flags: PlanFlags) => {
      const context = contextOf();
      if (flags.molecules !== undefined) return reportLibrary(context, flags, flags.molecules);
      const subject = subjectOf(flags);
      const request = requestOf(flags);
      const planned = (wanted: PlanRequest): Plan => ('recipe' in subject ? planRecipe(subject.recipe, wanted) : planEncoder(subject.encoder, wanted));
      // What cannot be planned is refused before anything is measured.
      const plan = planned(request);
      if (flags.measure !== true) return report(context, flags, plan);
      const measured = await measure(context, subject, plan.precision);
      report(context, flags, planned({ ...request, measured }), measured);
    });
};

function planOptions(command: Command): Command {
  return command
    .option('--recipe <name>', `a recipe: ${RECIPE_NAMES}`)
    .option('--encoder <name>', `or a very large encoder: ${ENCODER_NAMES}`)
    .option('--molecules <number>', 'or a library of so many molecules: disk, memory and time of its index', number)
    .option('--dimension <number>', 'of its embeddings', number, LIBRARY_MEASURED.dimension)
    .option('--gpus <number>', 'GPUs that share the work', number, 1)
    .option('--gpu-memory <gb>', 'memory of one GPU in GB (10^9 bytes): says what fits, and on how few GPUs', number)
    .option('--flops <tflops>', 'TFLOP/s that one GPU sustains over whole steps, communication included: gives the time', number)
    .option('--price <number>', 'what one GPU costs for an hour, in any currency', number)
    .option('--samples <number>', 'molecules or images seen in training (default: as the recipe or publication has it)', number)
    .option('--batch <number>', 'samples of one step over all GPUs (default: as the recipe or the publication has it)', number)
    .option('--precision <precision>', `${PRECISIONS.join(' or ')} (default: that of the recipe; bf16 for encoders)`)
    .option('--measure', 'time a few real training steps on this machine, and say how long all would take here')
    .option('--json', 'print one JSON object: bytes, operations, hours');
}

function reportLibrary(context: Context, { dimension, json, recipe, encoder }: PlanFlags, molecules: number): void {
  if (recipe !== undefined || encoder !== undefined) throw new IsoLensError('ARGUMENT_INVALID', 'Expected one of --molecules, --recipe and --encoder but received two.');
  const isWhole = Number.isInteger(molecules) && molecules >= 1 && molecules <= MOST_MOLECULES && Number.isInteger(dimension) && dimension >= 1 && dimension <= MOST_DIMENSIONS;
  if (!isWhole) throw new IsoLensError('ARGUMENT_INVALID', `Expected 1 to 10^12 molecules of 1 to ${MOST_DIMENSIONS} dimensions but received ${molecules} of ${dimension}.`);
  const plan = planLibrary({ molecules, dimension });
  if (json === true) return context.print(JSON.stringify(plan));
  context.print(`${libraryTable(plan)}\n`);
  context.print('- Rates are those of 2 cores of an AMD EPYC with AVX-512, on molecules of 27 heavy atoms: `isolens index --dry-run` measures yours.');
  if (molecules > ONE_MACHINE) context.print(`- One graph holds at most 2^30 rows and lives on one machine. Beyond ${ONE_MACHINE.toLocaleString('en')} molecules use PostgreSQL on several (see the README).`);
}

function subjectOf({ recipe, encoder }: PlanFlags): Subject {
  if ((recipe === undefined) === (encoder === undefined)) {
    const received = recipe === undefined ? 'neither' : 'both';
    throw new IsoLensError('ARGUMENT_INVALID', `Expected one of --recipe (${RECIPE_NAMES}) and --encoder (${ENCODER_NAMES}); received ${received}.`);
  }
  return recipe === undefined ? { encoder: largeEncoderOf(encoder!) } : { recipe: recipeOf(recipe) };
}

function requestOf(flags: PlanFlags): PlanRequest {
  const { gpus, gpuMemory, flops, price, samples, batch } = flags;
  // What it may be is checked here below.
  const precision = flags.precision as Precision | undefined;
  const request = { gpus, price, samples, batch, precision, gpuMemoryGb: gpuMemory, teraflops: flops };
  checkRequest(request);
  return request;
}

async function measure(context: Context, subject: Subject, precision: Precision): Promise<Measured> {
  context.note('Timing a few training steps on this machine ...');
  const { threads } = context;
  if ('encoder' in subject) return measureEncoder(precision, { threads, now: context.now });
  const folder = await mkdtemp(join(tmpdir(), 'isolens-plan-'));
  const chem = new ChemPool({ workers: threads });
  try {
    const { version, date, signal } = context;
    return await measureRecipe(subject.recipe, precision, { chem, folder, threads, version, date, signal });
  } finally {
    await chem.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function report(context: Context, { json }: PlanFlags, plan: Plan, measured?: Measured): void {
  if (json === true) return context.print(JSON.stringify({ ...plan, measured: measured ?? null }));
  const columns = [
    { title: 'what', cell: ([what]: PlanRow) => what },
    { title: 'figure', cell: ([, figure]: PlanRow) => figure },
  ];
  context.print(`${formatTable(columns, planRows(plan, measured))}\n`);
  for (const assumption of plan.assumptions) context.print(`- ${assumption}`);
  context.print(`- Sources: ${plan.references.join('; ')}.`);
}
