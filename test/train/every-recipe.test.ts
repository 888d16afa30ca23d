/** Every recipe, made small: from a list of molecules to a model that ONNX Runtime reads and that embeds alike what is alike. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModel } from '../../src/bundle/index.ts';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import { InferencePool } from '../../src/inference/index.ts';
import { featuriseItems, modalityById } from '../../src/modalities/index.ts';
import type { TrainEvent } from '../../src/native/index.ts';
import { RECIPES } from '../../src/recipes/index.ts';
import type { Recipe, RecipeTower } from '../../src/recipes/index.ts';
import { isExported } from '../../src/train/assemble.ts';
import { NOTHING_HELD_OUT, resolveRecipe, runTraining } from '../../src/train/index.ts';
import { hexagon, png, siteTiff } from '../image/fixtures.ts';
import { someSmiles } from '../ingest/model.ts';
import { profileTable } from '../ingest/profiles/tables.ts';
import { temporaryFolder } from './support.ts';

const path = temporaryFolder();
const drawingStructure = RECIPES.find(({ id }) => id === 'drawing-structure')!;
/** A picture says little at this size: two of one molecule take longer to find each other. A queue begins with strangers, which are easily told. */
const STEPS: Readonly<Record<string, number>> = { simclr: 200, 'moco-cells': 150 };
const stepsOf = (id: string): number => STEPS[id] ?? 30;
/** Sizes that train in a second, by modality. */
const SMALL: Readonly<Record<string, Record<string, unknown>>> = { drawing: { height: 32, width: 48, views: [{ height: 40, width: 60 }] }, fingerprint: { radius: 2, bits: 256, transform: 'log1p' }, smiles: { length: 24 }, cells: { channels: 2, side: 40, size: 32 }, profile: { whiten: false } };
/** Of a tower: a small crop is small beside the others. */
const sizesOf = ({ name, modality, modalityConfig }: RecipeTower): Record<string, unknown> => (
  { ...(SMALL[modality] ?? modalityConfig), ...(name.startsWith('crop-') ? { size: 16 } : {}) }
);

let chem: ChemPool;
beforeAll(async () => {
  chem = new ChemPool({ workers: 1 });
  mkdirSync(path('data'));
  const molecules = someSmiles(90);
  writeFileSync(path('data/mine.smi'), `${molecules.join('\n')}\n`);
  const sites = Array.from({ length: 60 }, (_, i) => ({ file: `site-${i}.tif`, plate: `P${i % 7}`, class: i % 7 < 3 ? 'a' : 'b', seed: i }));
  for (const { file, seed } of sites) writeFileSync(path(`data/${file}`), await siteTiff(2, 40, 40, seed));
  writeFileSync(path('data/sites.tsv'), ['file\tplate\tclass\tsmiles', ...sites.map((site, i) => `${site.file}\t${site.plate}\t${site.class}\t${molecules[i]!}`)].join('\n'));
  writeFileSync(path('data/wells.csv'), profileTable(molecules));
  // Three assays, half of each active.
  writeFileSync(path('data/assays.csv'), `smiles,assay,active\n${molecules.map((smiles, i) => `${smiles},A${i % 3},${i % 2}.0`).join('\n')}\n`);
});
afterAll(() => chem.close());

function dataOf({ images, profiles }: Recipe): object {
  if (profiles !== undefined) return { profiles: { tables: ['wells.csv'] } };
  return images === undefined ? { sources: [{ file: 'mine.smi' }] } : { images: { table: 'sites.tsv', ...(images.smiles === undefined ? { class: 'class' } : {}) } };
}

function small(recipe: Recipe): Recipe {
  const towers = recipe.towers.map((tower) => ({
    ...tower, modalityConfig: sizesOf(tower), encoderConfig: 'tiny', encoderOverrides: tower.encoder === 'vit' && 'hidden' in tower.encoderOverrides ? { hidden: 0.75 } : {}, projection: { layers: tower.projection.layers, hidden: 32 },
  }));
  return resolveRecipe(recipe.id, {
    towers, embeddingDimension: 16, validationMolecules: 16, pictures: { molecules: 3, repeat: 1 },
    ...dataOf(recipe),
    ...(recipe.components === undefined ? {} : { components: { background: { file: 'mine.smi' } } }),
    auxiliary: recipe.auxiliary.map((head) => ({ ...head, targetConfig: SMALL[head.target ?? ''] ?? head.targetConfig })),
    ...(recipe.measurements === undefined ? {} : { measurements: { ...recipe.measurements, tables: [{ file: 'assays.csv', molecule: 'smiles', assay: 'assay', outcome: { column: 'active' } }], perAssay: 12, actives: 8 } }),
    losses: recipe.losses.map((loss) => (loss.objective === 'crd' ? { ...loss, config: { queue: 32, dimension: 16 } } : loss)),
    ...(recipe.neighbours === undefined ? {} : { neighbours: { ...recipe.neighbours, group: 4 } }),
    training: { steps: stepsOf(recipe.id), batchSize: 16, warmupSteps: 3, learningRate: 3e-3, validateEvery: 15, checkpointEvery: 30, logEvery: 1, precision: 'f32' },
  });
}

/** What frozen towers are taken from: the shipped recipe made small, after a step. */
async function smallTeacher(): Promise<string> {
  if (!existsSync(path('taught/model'))) {
    const recipe = small(drawingStructure);
    await runTraining({
      recipe: { ...recipe, training: { ...recipe.training, steps: 2, validateEvery: 2, checkpointEvery: 2 } }, dataFolder: path('data'), folder: path('taught'), heldOut: NOTHING_HELD_OUT, chem, threads: 2,
      resume: false, initial: undefined, halfWeights: false, command: 'isolens train', date: () => '2026-01-01T00:00:00.000Z', version: '0.0.0', progress: SILENT_PROGRESS, signal: new AbortController().signal,
    });
  }
  return path('taught/model');
}

describe.each(RECIPES.map((recipe) => [recipe.id, recipe] as const))('recipe %s', (id, recipe) => {
  it('trains, exports and embeds', async () => {
    const { model: folder } = await runTraining({
      recipe: small(recipe), ...(recipe.towers.some(({ frozenAs }) => frozenAs !== undefined) ? { teachers: { '': await smallTeacher() } } : {}), dataFolder: path('data'), folder: path(id), heldOut: NOTHING_HELD_OUT, chem, threads: 2, resume: false, initial: undefined, halfWeights: false,
      command: `isolens train ${id}`, date: () => '2026-01-01T00:00:00.000Z', version: '0.0.0', progress: SILENT_PROGRESS, signal: new AbortController().signal,
    });
    const events = readFileSync(path(`${id}/log.jsonl`), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as TrainEvent);
    const losses = events.flatMap((event) => (event.event === 'step' ? [event.loss] : []));
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(losses).toHaveLength(stepsOf(id));
    const some = stepsOf(id) / 6;
    expect(mean(losses.slice(-some))).toBeLessThan(mean(losses.slice(0, some)));
    // Two views that were one and the same would find each other from the first step on.
    const first = events.find((event) => event.event === 'validation')!;
    expect(first.alignment).toBeGreaterThan(1e-4);

    const model = await readModel(folder);
    expect(model.towers.map(({ name }) => name)).toEqual(recipe.towers.filter((tower) => isExported({ recipe: tower }, recipe.gallery)).map(({ name }) => name));
    const gallery = model.towers.find(({ name }) => name === model.gallery)!;
    // Every tower's file reads what its modality makes, all looks of it.
    const pool = await InferencePool.open(model.towers.map(({ name, file }) => ({ name, path: join(model.directory, file) })), { workers: 1 });
    try {
      const modality = modalityById(gallery.modality);
      // A recipe of drawings alone is a start for others: no library is embedded by it.
      if (modality.source === 'molecule') {
        const { tensors } = await featuriseItems(modality, ['OCC', 'c1ccccc1Cl', 'CCO'], gallery.modalityConfig, { chem });
        const { embedding } = await pool.run(gallery.name, tensors);
        expect(embedding!.shape).toEqual([3, 16]);
        const [ethanol, other, again] = [0, 1, 2].map((row) => embedding!.data.slice(row * 16, (row + 1) * 16));
        expect(Math.hypot(...ethanol!)).toBeCloseTo(1, 4);
        ethanol!.forEach((value, i) => expect(value).toBeCloseTo(again![i]!, 5));
        expect([...other!]).not.toEqual([...ethanol!]);
      } else {
        expect(new Set(recipe.towers.map((tower) => tower.modality)).size).toBe(1);
      }
      for (const tower of model.towers) {
        const reader = modalityById(tower.modality);
        if (reader.source !== 'image') continue;
        const isCells = tower.modality === 'cells';
        const read = await featuriseItems(reader, [isCells ? await siteTiff(2, 50, 60, 99) : await png(hexagon())], tower.modalityConfig, { chem });
        expect(Object.keys(read.tensors)).toEqual(isCells ? ['pixels'] : ['pixels', 'pixels-2']);
        const outputs = await pool.run(tower.name, read.tensors);
        expect(outputs['embedding']!.shape).toEqual([1, 16]);
        expect(outputs['features']!.shape[0]).toBe(1);
      }
    } finally {
      await pool.close();
    }
  });
});
