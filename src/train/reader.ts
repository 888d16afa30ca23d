/** A reader of drawings, from its recipe to a model: data files, the native trainer, export. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeReaderModel } from '../bundle/index.ts';
import type { FeatureRequest } from '../chem/index.ts';
import { writeOnnx } from '../graph/index.ts';
import { drawingClasses } from '../native/index.ts';
import type { TrainConfig } from '../native/index.ts';
import { buildReaderGraph, buildServingGraph, readerById, readerConfig } from '../readers/index.ts';
import type { Reader } from '../readers/index.ts';
import type { ReaderVocabulary } from '../reading/index.ts';
import type { ReaderRecipe } from '../recipes/index.ts';
import { prepareDataset } from './dataset.ts';
import type { Dataset } from './dataset.ts';
import { parametersOf } from './export.ts';
import { trainNatively } from './native-run.ts';
import { checkpointIn } from './run.ts';
import type { TrainingOptions, TrainingResult } from './run.ts';

export interface ReaderTrainingOptions extends Omit<TrainingOptions, 'recipe'> {
  readonly recipe: ReaderRecipe;
}

/** Charges that readers tell apart: the order of the native feed. */
const CHARGES = [-1, 0, 1, 2];

/** Drawn as given: pictures show salts and charges too. */
const LAYOUTS: FeatureRequest = { layouts: { kinds: ['rdkit', 'coordgen'], of: 'input' } };

/** What the engine's drawings are made of. */
export function drawingVocabulary(): ReaderVocabulary {
  const classes = drawingClasses().map(({ label, element, isotope, smiles }) => ({
    label, element, ...(isotope === 0 ? {} : { isotope }), ...(smiles === '' ? {} : { smiles }),
  }));
  return { classes, charges: CHARGES };
}

export async function runReaderTraining(options: ReaderTrainingOptions): Promise<TrainingResult> {
  const { recipe, folder } = options;
  mkdirSync(folder, { recursive: true });
  const checkpoint = checkpointIn(folder, options.resume);
  const reader = readerById(recipe.reader.id);
  const settings = readerConfig(reader, recipe.reader.config, recipe.reader.overrides);
  const vocabulary = drawingVocabulary();
  const dataset = await prepareDataset({ ...options, request: LAYOUTS, folder: join(folder, 'data') });
  writeFileSync(join(folder, 'recipe.json'), `${JSON.stringify(recipe, null, 1)}\n`);
  const config = configureReader(options, reader, settings, vocabulary, dataset, checkpoint);
  const { summary } = await trainNatively(config, { ...options, log: join(folder, 'log.jsonl') });

  const model = join(folder, 'model');
  await exportReader({
    reader, settings, vocabulary, weights: checkpoint, folder: model, halfWeights: options.halfWeights, version: options.version,
    card: {
      recipe: recipe.id, summary: recipe.summary, references: recipe.references, command: options.command, date: options.date(), version: options.version,
      seed: recipe.training.seed, data: dataset.counts, training: recipe.training, steps: summary.step, samplesSeen: summary.seen, seconds: Math.round(summary.seconds),
    },
  });
  return { summary, model };
}

function configureReader(
  { recipe: { training }, threads, device, resume, initial }: ReaderTrainingOptions, reader: Reader, settings: unknown, vocabulary: ReaderVocabulary, dataset: Dataset, checkpoint: string,
): TrainConfig {
  const graph = buildReaderGraph(reader, settings, vocabulary);
  const { kind, options } = reader.feed(settings);
  return {
    graph: graph.ir,
    loss: graph.loss,
    metrics: graph.metrics,
    feeds: [{ kind, column: 'layout', inputs: graph.inputs, options }],
    data: { train: dataset.train },
    symbols: { N: training.batchSize },
    accumulate: training.accumulate,
    optimizer: { learningRate: training.learningRate, weightDecay: training.weightDecay, clipNorm: training.clipNorm },
    schedule: { steps: training.steps, warmupSteps: training.warmupSteps, finalFraction: training.finalFraction },
    precision: training.precision,
    device: device ?? 'cpu',
    threads,
    seed: training.seed,
    logEvery: training.logEvery,
    checkpoint: { path: checkpoint, every: training.checkpointEvery },
    resume,
    initial: initial ?? null,
  };
}

export interface ReaderExport {
  readonly reader: Reader;
  readonly settings: unknown;
  readonly vocabulary: ReaderVocabulary;
  /** A checkpoint or weights file. */
  readonly weights: string;
  readonly folder: string;
  readonly halfWeights: boolean;
  readonly version: string;
  readonly card: Readonly<Record<string, unknown>>;
}

export async function exportReader({ reader, settings, vocabulary, weights, folder, halfWeights, version, card }: ReaderExport): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const { ir } = buildServingGraph(reader, settings, vocabulary);
  const file = 'reader.onnx';
  const metadata = { reader: reader.id };
  writeFileSync(join(folder, file), writeOnnx(ir, parametersOf(weights), { halfWeights, foldBatchNormalization: true, metadata, producerVersion: version }));
  await writeReaderModel(folder, { reader: reader.id, config: settings as Record<string, unknown>, ...reader.scale(settings), vocabulary, file, info: { ...card } });
}
