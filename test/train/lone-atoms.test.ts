/** Molecules of one atom have no bonds: a batch of nothing else has no edges, and that is no reason to stop. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ChemPool } from '../../src/chem/index.ts';
import { train } from '../../src/native/index.ts';
import type { TrainEvent } from '../../src/native/index.ts';
import { assemble } from '../../src/train/assemble.ts';
import { columnsOf } from '../../src/train/columns.ts';
import { resolveRecipe } from '../../src/train/index.ts';
import { configure } from '../../src/train/run.ts';
import { writeSafetensors } from '../../src/train/safetensors.ts';
import { temporaryFolder } from './support.ts';

const path = temporaryFolder();
const LONE = ['C', '[11CH4]', '[13CH4]', '[14CH4]', 'C', '[11CH4]', '[13CH4]', '[14CH4]'];
const RECIPE = resolveRecipe('graph-fingerprint', {
  towers: [
    {
      name: 'graph', modality: 'graph', modalityConfig: {}, encoder: 'gin', encoderConfig: 'tiny', projection: { layers: 1, hidden: 16 },
      augmentation: { maskAtoms: 0.2, dropBonds: 0.2 },
    },
    {
      name: 'structure', modality: 'fingerprint', modalityConfig: { kind: 'morgan-count', radius: 2, bits: 256, transform: 'log1p' },
      encoder: 'mlp', encoderConfig: 'tiny', projection: { layers: 1, hidden: 16 },
    },
  ],
  embeddingDimension: 8,
  auxiliary: [],
  validationMolecules: 16,
  training: { steps: 6, batchSize: 4, warmupSteps: 1, validateEvery: 3, checkpointEvery: 100, logEvery: 1, precision: 'f32' },
});

let chem: ChemPool;
beforeAll(() => (chem = new ChemPool({ workers: 1 })));
afterAll(() => chem.close());

it.each([0, 1])('trains and validates on batches without any bond (chunks of %i rows)', async (chunk) => {
  const recipe = { ...RECIPE, training: { ...RECIPE.training, chunk } };
  const assembly = assemble(recipe);
  // Ethanol, once: memory is planned for its bonds, and most batches have none.
  const batch = await chem.featurise([...LONE, ...LONE, ...LONE, 'CCO'], assembly.request);
  const [file, lone] = [path(`train-${chunk}.safetensors`), path(`lone-${chunk}.safetensors`)];
  writeSafetensors(file, columnsOf(batch, batch.molecules.map((_, row) => row)), { rows: String(batch.molecules.length) });
  writeSafetensors(lone, columnsOf(batch, LONE.map((_, row) => row)), { rows: String(LONE.length) });
  const events: TrainEvent[] = [];
  for (const data of [file, lone]) {
    const options = { recipe, threads: 2, resume: false, initial: undefined };
    const dataset = { train: [data], validation: lone, measurements: undefined };
    const config = configure(options, assembly, dataset, path(`checkpoint-${chunk}-${data === lone}`));
    await train(config, (event) => events.push(event)).done;
  }
  const losses = events.flatMap((event) => (event.event === 'step' ? [event.loss] : []));
  expect(losses).toHaveLength(12);
  expect(losses.every((loss) => Number.isFinite(loss))).toBe(true);
  expect(events.filter(({ event }) => event === 'validation')).toHaveLength(4);
});
