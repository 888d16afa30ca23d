/** One training run, from a recipe to a model: data files, the native trainer, export. Every part resumes where it stopped. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChemPool } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import type { Progress } from '../core/index.ts';
import { cutGraph } from '../graph/index.ts';
import { train } from '../native/index.ts';
import type { TrainConfig, TrainEvent, TrainSummary } from '../native/index.ts';
import type { Recipe } from '../recipes/index.ts';
import { assemble } from './assemble.ts';
import type { Assembly } from './assemble.ts';
import { prepareDataset } from './dataset.ts';
import type { Dataset } from './dataset.ts';
import { exportModel, writeInitialWeights } from './export.ts';
import type { HeldOut } from './held-out.ts';

export interface TrainingOptions {
  readonly recipe: Recipe;
  readonly dataFolder: string;
  /** Where data files, checkpoints, the log and the model go. */
  readonly folder: string;
  readonly heldOut: HeldOut;
  readonly chem: ChemPool;
  readonly threads: number;
  /** `cpu` (default), `cuda` or `cuda:N`. */
  readonly device?: string;
  /** Continue from the folder's checkpoint. */
  readonly resume: boolean;
  /** A weights file, or the folder of an exported model, to start from; the optimiser starts fresh. */
  readonly initial: string | undefined;
  readonly halfWeights: boolean;
  /** For the model card. */
  readonly command: string;
  readonly date: () => string;
  readonly version: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface TrainingResult {
  readonly summary: TrainSummary;
  readonly model: string;
}

type ValidationEvent = Extract<TrainEvent, { event: 'validation' }>;

export async function runTraining(options: TrainingOptions): Promise<TrainingResult> {
  const { recipe, folder } = options;
  mkdirSync(folder, { recursive: true });
  const checkpoint = join(folder, 'checkpoint.safetensors');
  if (existsSync(checkpoint) && !options.resume) {
    throw new IsoLensError('CHECKPOINT_INVALID', `Expected an empty folder but ${folder} holds a checkpoint. Continue it with --resume, or choose another folder with --output.`);
  }
  const assembly = assemble(recipe);
  const dataset = await prepareDataset({ ...options, request: assembly.request, pictures: assembly.pictures, folder: join(folder, 'data') });
  writeFileSync(join(folder, 'recipe.json'), `${JSON.stringify(recipe, null, 1)}\n`);
  const initial = await initialWeights(options);
  const { summary, validation } = await trainNatively({ ...options, initial }, assembly, dataset, checkpoint);

  const best = join(folder, 'best.safetensors');
  const model = join(folder, 'model');
  await exportModel({
    recipe,
    assembly,
    weights: existsSync(best) ? best : checkpoint,
    folder: model,
    halfWeights: options.halfWeights,
    version: options.version,
    card: {
      recipe: recipe.id,
      summary: recipe.summary,
      references: recipe.references,
      command: options.command,
      date: options.date(),
      version: options.version,
      seed: recipe.training.seed,
      data: dataset.counts,
      training: recipe.training,
      steps: summary.step,
      samplesSeen: summary.seen,
      seconds: Math.round(summary.seconds),
      validation: validation ?? null,
    },
  });
  return { summary, model };
}

async function initialWeights({ initial, folder }: TrainingOptions): Promise<string | undefined> {
  if (initial === undefined || !statSync(initial, { throwIfNoEntry: false })?.isDirectory()) return initial;
  const path = join(folder, 'initial.safetensors');
  await writeInitialWeights(initial, path);
  return path;
}

async function trainNatively(options: TrainingOptions, assembly: Assembly, dataset: Dataset, checkpoint: string): Promise<{ summary: TrainSummary; validation: ValidationEvent | undefined }> {
  const { progress, recipe, folder, signal } = options;
  const log = join(folder, 'log.jsonl');
  let best: ValidationEvent | undefined = options.resume ? bestValidation(log) : undefined;
  endLastLine(log);
  progress.start('training', recipe.training.steps);
  const listen = (event: TrainEvent): void => {
    // One line an event: the curve of the run, whoever wants to draw it.
    writeFileSync(log, `${JSON.stringify(event)}\n`, { flag: 'a' });
    if (event.event === 'warning') progress.warn(event.message);
    if (event.event === 'step') progress.update(event.step, `loss ${event.meanLoss.toFixed(3)}, ${event.samplesPerSecond.toFixed(0)} samples/s${best === undefined ? '' : `, validation R@1 ${best.r1.toFixed(3)}`}`);
    if (event.event === 'validation' && (best === undefined || event.mrr > best.mrr)) best = event;
  };
  const run = train(configure(options, assembly, dataset, checkpoint), listen);
  const cancel = (): void => run.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    const summary = await run.done;
    progress.finish(`${summary.step} steps, ${summary.seen} samples seen${best === undefined ? '' : `; best validation R@1 ${best.r1.toFixed(3)}, R@10 ${best.r10.toFixed(3)} of ${best.rows}`}`);
    return { summary, validation: best };
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** The native trainer's configuration. */
export function configure({ recipe, threads, device, resume, initial }: Pick<TrainingOptions, 'recipe' | 'threads' | 'device' | 'resume' | 'initial'>, { pair, feeds }: Assembly, dataset: Pick<Dataset, 'train' | 'validation' | 'measurements'>, checkpoint: string): TrainConfig {
  const { training } = recipe;
  const columnOf = (tower: string): string => {
    const at = recipe.towers.findIndex(({ name }) => name === tower);
    if (at < 0) throw new IsoLensError('ARGUMENT_INVALID', `Expected "neighbours" to name a tower (${recipe.towers.map(({ name }) => name).join(', ')}) but received "${tower}".`);
    return feeds[at]!.column;
  };
  const cut = training.chunk > 0 && training.chunk < training.batchSize ? cutGraph(pair.ir, pair.embeddings, pair.loss, pair.metrics) : undefined;
  return {
    graph: pair.ir,
    loss: pair.loss,
    metrics: cut?.metrics ?? pair.metrics,
    ...(cut === undefined ? {} : { chunk: { rows: training.chunk, towers: cut.towers, head: cut.head, surrogate: cut.surrogate, values: cut.values } }),
    feeds,
    data: { train: dataset.train, validation: dataset.validation },
    symbols: { N: training.batchSize },
    accumulate: training.accumulate,
    optimizer: { learningRate: training.learningRate, weightDecay: training.weightDecay, clipNorm: training.clipNorm },
    schedule: { steps: training.steps, warmupSteps: training.warmupSteps, finalFraction: training.finalFraction },
    clamp: pair.clamps,
    ...(dataset.measurements === undefined ? {} : { measurements: { path: dataset.measurements, perAssay: recipe.measurements!.perAssay, actives: recipe.measurements!.actives } }),
    ...(recipe.neighbours === undefined ? {} : { neighbours: { column: columnOf(recipe.neighbours.tower), group: recipe.neighbours.group } }),
    retrieval: { query: pair.embeddings[0], gallery: pair.embeddings[1], every: training.validateEvery, rows: recipe.validationMolecules },
    precision: training.precision,
    device: device ?? 'cpu',
    threads,
    seed: training.seed,
    logEvery: training.logEvery,
    checkpoint: { path: checkpoint, every: training.checkpointEvery, best: join(checkpoint, '..', 'best.safetensors') },
    resume,
    initial: initial ?? null,
  };
}

/** Of an earlier part of the same run. */
function bestValidation(log: string): ValidationEvent | undefined {
  if (!existsSync(log)) return undefined;
  const events = readFileSync(log, 'utf8').split('\n').flatMap(eventOf).filter((event) => event.event === 'validation');
  return events.reduce<ValidationEvent | undefined>((best, event) => (best === undefined || event.mrr > best.mrr ? event : best), undefined);
}

/** None of a line that a killed run left half written. */
function eventOf(line: string): TrainEvent[] {
  if (!line.includes('"validation"')) return [];
  try {
    return [JSON.parse(line) as TrainEvent];
  } catch {
    return [];
  }
}

/** What comes next begins a line, whatever became of the one before. */
function endLastLine(log: string): void {
  if (!existsSync(log)) return;
  const text = readFileSync(log);
  if (text.length > 0 && text.at(-1) !== 0x0a) writeFileSync(log, '\n', { flag: 'a' });
}
