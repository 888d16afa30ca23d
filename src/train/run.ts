/** One training run, from a recipe to a model: data files, the native trainer, export. Every part resumes where it stopped. */
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChemPool } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import type { Progress } from '../core/index.ts';
import { cutGraph } from '../graph/index.ts';
import type { TrainConfig, TrainSummary } from '../native/index.ts';
import type { Recipe } from '../recipes/index.ts';
import { assemble } from './assemble.ts';
import type { Assembly, Plugins } from './assemble.ts';
import { ordinaryMolecules, servedComponents } from './components.ts';
import { prepareDataset } from './dataset.ts';
import type { Dataset } from './dataset.ts';
import { exportModel, modelWeights } from './export.ts';
import type { HeldOut } from './held-out.ts';
import { prepareImages } from './images.ts';
import { trainNatively } from './native-run.ts';
import { prepareProfiles, readTrainingProfiles } from './profiles.ts';
import type { TrainingProfiles } from './profiles.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import type { StoredTensor } from './safetensors.ts';
import { teacherWeights } from './teachers.ts';
import type { Teachers } from './teachers.ts';

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
  /** Models of the recipe's frozen towers. */
  readonly teachers?: Teachers;
  /** Parts from elsewhere that the recipe names. */
  readonly plugins?: Plugins;
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

export async function runTraining(given: TrainingOptions): Promise<TrainingResult> {
  const { folder } = given;
  mkdirSync(folder, { recursive: true });
  const checkpoint = checkpointIn(folder, given.resume);
  // Which features profiles have is known once they are read.
  const profiles = await readTrainingProfiles(given.recipe, given.dataFolder);
  const options = profiles === undefined ? given : { ...given, recipe: profiles.recipe };
  const { recipe } = options;
  const assembly = assemble(recipe, options.plugins);
  const ordinary = ordinaryMolecules(recipe, assembly, options.dataFolder);
  // What is wrong with teachers is told before data is prepared.
  const initial = await initialWeights(options, assembly);
  const dataset = await prepared(options, assembly, profiles);
  writeFileSync(join(folder, 'recipe.json'), `${JSON.stringify(recipe, null, 1)}\n`);
  const config = configure({ ...options, initial }, assembly, dataset, checkpoint);
  const { summary, validation } = await trainNatively(config, { ...options, log: join(folder, 'log.jsonl') });

  const best = join(folder, 'best.safetensors');
  const model = join(folder, 'model');
  const exported = {
    recipe,
    assembly,
    weights: existsSync(best) ? best : checkpoint,
    folder: model,
    halfWeights: options.halfWeights,
    version: options.version,
  };
  const card = {
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
  };
  await exportModel({ ...exported, card });
  if (ordinary !== undefined) {
    const { parameters, counts } = await servedComponents(model, ordinary, recipe, options);
    await exportModel({ ...exported, card: { ...card, components: counts }, components: parameters });
  }
  return { summary, model };
}

/** The data files, of molecules, of images or of profiles. */
function prepared(options: TrainingOptions, { request, pictures, files }: Assembly, profiles: TrainingProfiles | undefined): Promise<Dataset<unknown>> {
  const folder = join(options.folder, 'data');
  const molecules = { chem: options.chem, request, heldOut: options.heldOut };
  if (profiles !== undefined) return prepareProfiles({ ...options, profiles, molecules, folder });
  if (files === undefined) return prepareDataset({ ...options, request, pictures, folder });
  return prepareImages({ ...options, modality: files.modality, modalityConfig: files.modalityConfig, molecules, folder });
}

/** Where the run's checkpoint goes; refused where there is one that is not to be continued. */
export function checkpointIn(folder: string, resume: boolean): string {
  const checkpoint = join(folder, 'checkpoint.safetensors');
  if (existsSync(checkpoint) && !resume) {
    throw new IsoLensError('CHECKPOINT_INVALID', `Expected an empty folder but ${folder} holds a checkpoint. Continue it with --resume, or choose another folder with --output.`);
  }
  return checkpoint;
}

/** The file that training starts from: one that is given, or one made of what an exported model and the teachers hold. */
export async function initialWeights({ initial, folder, teachers = {} }: Pick<TrainingOptions, 'initial' | 'folder' | 'teachers'>, assembly?: Assembly): Promise<string | undefined> {
  const taught = assembly === undefined ? {} : await teacherWeights(assembly, teachers);
  const isModel = initial !== undefined && statSync(initial, { throwIfNoEntry: false })?.isDirectory() === true;
  if (Object.keys(taught).length === 0 && !isModel) return initial;
  const own = initial === undefined ? {} : isModel ? fitting(await modelWeights(initial), assembly) : readSafetensors(initial).tensors;
  const path = join(folder, 'initial.safetensors');
  writeSafetensors(path, { ...own, ...taught });
  return path;
}

/**
 * A model's heads of another shape start fresh, as those that it lacks do (the trainer names them): its trunks are what carries over to another
 * recipe. Trunks of another shape are refused by the trainer.
 */
function fitting(weights: Readonly<Record<string, StoredTensor>>, assembly: Assembly | undefined): Record<string, StoredTensor> {
  const shapes = new Map(assembly?.graph.ir.parameters.map(({ name, shape }) => [`param/${name}`, shape.join()]));
  return Object.fromEntries(Object.entries(weights).filter(([name, { shape }]) => !name.includes('.projection.') || (shapes.get(name) ?? shape.join()) === shape.join()));
}

/** The native trainer's configuration. */
export function configure({ recipe, threads, device, resume, initial }: Pick<TrainingOptions, 'recipe' | 'threads' | 'device' | 'resume' | 'initial'>, { graph, feeds }: Assembly, dataset: Pick<Dataset, 'train' | 'validation' | 'measurements'>, checkpoint: string): TrainConfig {
  const { training } = recipe;
  const [query, gallery] = recipe.losses[0]!.between;
  const columnOf = (tower: string): string => {
    const at = recipe.towers.findIndex(({ name }) => name === tower);
    if (at < 0) throw new IsoLensError('ARGUMENT_INVALID', `Expected "neighbours" to name a tower (${recipe.towers.map(({ name }) => name).join(', ')}) but received "${tower}".`);
    return feeds[at]!.column;
  };
  const cut = training.chunk > 0 && training.chunk < training.batchSize ? cutGraph(graph.ir, Object.values(graph.embeddings), graph.loss, graph.metrics) : undefined;
  return {
    graph: graph.ir,
    loss: graph.loss,
    metrics: cut?.metrics ?? graph.metrics,
    ...(cut === undefined ? {} : { chunk: { rows: training.chunk, towers: cut.towers, head: cut.head, surrogate: cut.surrogate, values: cut.values } }),
    feeds,
    data: { train: dataset.train, validation: dataset.validation },
    symbols: { N: training.batchSize },
    accumulate: training.accumulate,
    optimizer: { learningRate: training.learningRate, weightDecay: training.weightDecay, clipNorm: training.clipNorm },
    schedule: { steps: training.steps, warmupSteps: training.warmupSteps, finalFraction: training.finalFraction },
    ...(dataset.measurements === undefined ? {} : { measurements: { path: dataset.measurements, perAssay: recipe.measurements!.perAssay, actives: recipe.measurements!.actives } }),
    ...(recipe.neighbours === undefined ? {} : { neighbours: { column: columnOf(recipe.neighbours.tower), group: recipe.neighbours.group } }),
    retrieval: { query: graph.embeddings[query]!, gallery: graph.embeddings[gallery]!, every: training.validateEvery, rows: recipe.validationMolecules },
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
