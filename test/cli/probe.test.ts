/** `isolens probe` with the shipped model, from the outside. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { siteTiff } from '../image/fixtures.ts';
import { twoRings } from '../evaluate/probing/molecules.ts';
import { errorCode, makeWorld } from './harness.ts';
import type { World } from './harness.ts';

const MODEL = fileURLToPath(new URL('../../indexes/models/drawing-structure', import.meta.url));
let world: World;
beforeAll(async () => {
  world = await makeWorld();
  await world.write('labels.csv', `structure,carbonyl\n${twoRings(200).map((smiles) => `${smiles},${smiles.includes('=O') ? 1 : 0}`).join('\n')}\n`);
}, 120_000);
afterAll(() => world.remove());

describe('probe', { timeout: 300_000 }, () => {
  it('sets the shipped model beside fingerprints and another model', async () => {
    const table = await world.run(['probe', '--data', 'labels.csv', '--model', MODEL, '--model', world.model, '--method', 'ecfp4']);
    expect(table.code, table.stderr).toBe(0);
    expect(table.stdout).toMatch(/^ROC-AUC, 1 label .*gain on ecfp4/m);
    expect(table.stdout).toMatch(/^drawing-structure +384 {2}logistic regression +\d\.\d{3} {2}\d\.\d{3} to \d\.\d{3}/m);
    expect(table.stdout).toMatch(/^model +32 {2}k-NN/m);
    expect(table.stdout).toMatch(/^test +\d+/m);
    expect(table.stdout).toContain('cannot be known');
  });

  it('probes the trunk of an encoder of molecules, before its projection head', async () => {
    const asked = ['probe', '--data', 'labels.csv', '--model', world.model, '--json'];
    const widthOf = async (args: readonly string[]): Promise<number[]> => {
      const outcome = await world.run([...asked, ...args]);
      expect(outcome.code, outcome.stderr).toBe(0);
      return (JSON.parse(outcome.stdout) as { scores: { width: number }[] }).scores.map(({ width }) => width);
    };
    expect(await widthOf([])).toEqual([32, 32]);
    expect(await widthOf(['--features', 'trunk', '--card'])).toEqual([64, 64]);
    const { info } = JSON.parse(await readFile(join(world.model, 'model.json'), 'utf8')) as { info: { probes: Record<string, { split: string }> } };
    expect(info.probes['labels.csv']!.split).toBe('scaffold split, trunk');
    // Exported before the trunk was an output.
    const outcome = await world.run(['probe', '--data', 'labels.csv', '--model', MODEL, '--features', 'trunk']);
    expect([outcome.code, errorCode(outcome)]).toEqual([1, 'MODEL_INVALID']);
    expect(outcome.stderr).toMatch(/"features".*export the model again/);
  });

  it('measures an encoder of sites that was trained without the fold, and counts what cannot be read', async () => {
    const lines = ['file,plate,kind'];
    for (let i = 0; i < 60; i++) {
      const name = `site-${i}.tif`;
      // One kind has larger pictures of cells, and so larger cells once they are brought to one size.
      const bytes = await siteTiff(2, i % 2 === 0 ? 40 : 56, 56, i);
      await writeFile(world.path(name), i === 40 ? bytes.subarray(0, 200) : bytes);
      lines.push(`${name},${i % 2 === 0 ? 'A' : 'B'}${Math.floor(i / 2) % 3},${i % 2 === 0 ? 'one' : 'two'}`);
    }
    await world.write('sites.csv', [...lines, 'gone.tif,A0,one'].join('\n'));
    const images = { table: 'sites.csv', class: 'kind', folds: 3, leaveOut: 1 };
    const tower = { modality: 'cells', modalityConfig: { channels: 2, side: 40, size: 32 }, encoder: 'resnet', encoderConfig: 'tiny', projection: { layers: 2, hidden: 16 }, augmentation: { crop: { minimum: 0.5, maximum: 1 }, varyValidation: true } };
    const towers = [{ ...tower, name: 'cells' }, { ...tower, name: 'view', weightsOf: 'cells' }];
    const set = ['training.steps=4', 'training.batchSize=8', 'training.warmupSteps=1', 'validationMolecules=16', 'images.leaveOut=0', 'embeddingDimension=12'].flatMap((setting) => ['--set', setting]);
    await world.write('small.json', JSON.stringify({ towers, images }));
    const trained = await world.run(['train', 'simclr-cells', '--config', 'small.json', ...set, '--data', '.', '--held-out', 'none', '--output', 'fold-0']);
    expect(trained.code, trained.stderr).toBe(0);

    const asked = ['probe', '--images', 'sites.csv', '--class', 'kind', '--folds', '3', '--channels', '2', '--method', 'pixels', '--model', 'own=fold-0/model'];
    const table = await world.run([...asked, '--features', 'trunk']);
    expect(table.code, table.stderr).toBe(0);
    expect(table.stdout).toMatch(/^ROC-AUC, 3 folds .*gain on pixels/m);
    expect(table.stdout).toMatch(/^pixels +18 {2}logistic regression +\d\.\d{3}/m);
    expect(table.stdout).toMatch(/^own +16 {2}k-NN/m);
    expect(table.stdout).toMatch(/59 images of 6 plates: 29 one, 30 two/);
    expect(table.stdout).toMatch(/cannot be read: 1 IMAGE_CORRUPT/);
    expect(table.stdout).toMatch(/cannot be read: 1 FILE_/);
    const embedding = JSON.parse((await world.run([...asked, '--json'])).stdout) as { scores: { features: string; width: number }[] };
    expect(embedding.scores.filter(({ features }) => features === 'own').map(({ width }) => width)).toEqual([12, 12]);

    expect((await world.run([...asked, '--card'])).code).toBe(0);
    const { info } = JSON.parse(await readFile(world.path('fold-0/model/model.json'), 'utf8')) as { info: { recipe: string; probes: Record<string, { split: string; scores: { features: string }[] }> } };
    expect(info).toMatchObject({ recipe: 'simclr-cells', probes: { 'sites.csv': { split: '3 folds by plate, embedding', scores: [{ features: 'pixels' }, { features: 'pixels' }, { features: 'own' }, { features: 'own' }] } } });

    const inFold = await world.run([...asked.slice(0, -1), 'own={fold}/model']);
    expect([inFold.code, errorCode(inFold)]).toEqual([1, 'MODEL_INVALID']);
  });

  it('prints one JSON object', async () => {
    const outcome = await world.run(['probe', '--data', 'labels.csv', '--model', MODEL, '--split', 'random', '--repeats', '2', '--json']);
    expect(outcome.code, outcome.stderr).toBe(0);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ split: 'random', repeats: 2, columns: ['carbonyl'], scores: [{ features: 'drawing-structure', classifier: 'logistic' }, { classifier: 'neighbours' }] });
  });

  it.each([
    [['--data', 'labels.csv'], 2, 'ARGUMENT_INVALID'],
    [['--data', 'labels.csv', '--images', 'labels.csv', '--method', 'ecfp4'], 2, 'ARGUMENT_INVALID'],
    [['--data', 'labels.csv', '--method', 'ecfp4', '--features', 'head'], 2, 'ARGUMENT_INVALID'],
    [['--images', 'labels.csv', '--method', 'ecfp4'], 2, 'ARGUMENT_INVALID'],
    [['--images', 'labels.csv', '--method', 'pixels'], 1, 'COLUMN_MISSING'],
    [['--method', 'ecfp4'], 2, 'ARGUMENT_INVALID'],
    [['--data', 'labels.csv', '--method', 'score'], 2, 'ARGUMENT_INVALID'],
    [['--data', 'labels.csv', '--method', 'ecfp4', '--split', 'time'], 2, 'ARGUMENT_INVALID'],
    [['--data', 'labels.csv', '--method', 'ecfp4', '--labels', 'tox'], 1, 'COLUMN_MISSING'],
    [['--data', 'none.csv', '--method', 'ecfp4'], 1, 'FILE_NOT_FOUND'],
    [['--data', 'labels.csv', '--model', './none'], 1, 'MODEL_INVALID'],
    [['--data', 'labels.csv', '--model', 'none'], 1, 'BUNDLE_NOT_FOUND'],
  ])('refuses %j', async (args, code, error) => {
    const outcome = await world.run(['probe', ...args]);
    expect({ code: outcome.code, error: errorCode(outcome), stdout: outcome.stdout }).toEqual({ code, error, stdout: '' });
  });
});
