/** `isolens probe` with the shipped model, from the outside. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

  it('prints one JSON object', async () => {
    const outcome = await world.run(['probe', '--data', 'labels.csv', '--model', MODEL, '--split', 'random', '--repeats', '2', '--json']);
    expect(outcome.code, outcome.stderr).toBe(0);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ split: 'random', repeats: 2, columns: ['carbonyl'], scores: [{ features: 'drawing-structure', classifier: 'logistic' }, { classifier: 'neighbours' }] });
  });

  it.each([
    [['--data', 'labels.csv'], 2, 'ARGUMENT_INVALID'],
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
