/** From tables of profiles to structures: trained on, measured, indexed, and asked by a perturbation, at the command line and over HTTP. */
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { someSmiles } from '../ingest/model.ts';
import { profileTable } from '../ingest/profiles/tables.ts';
import { errorCode, makeWorld } from './harness.ts';
import type { World } from './harness.ts';

let world: World;
const molecules = someSmiles(48);
beforeAll(async () => {
  world = await makeWorld();
  const table = profileTable(molecules);
  await world.write('plate.csv', table);
  await world.write('library.smi', molecules.join('\n'));
  await world.write('bare.csv', table.replaceAll('negcon', ''));
  await world.write('narrow.csv', profileTable(molecules, { names: ['Cells_F0', 'Cells_F1', 'Cells_Other'] }));
  const towers = [
    { name: 'profile', modality: 'profile', encoder: 'mlp', encoderConfig: 'tiny', projection: { layers: 1, hidden: 16 } },
    { name: 'structure', modality: 'fingerprint', modalityConfig: { radius: 2, bits: 256, transform: 'log1p' }, encoder: 'mlp', encoderConfig: 'tiny', projection: { layers: 1, hidden: 16 } },
  ];
  await world.write('small.json', JSON.stringify({
    towers, embeddingDimension: 16, profiles: { tables: ['plate.csv'], folds: 4 }, validationMolecules: 8,
    training: { steps: 200, batchSize: 32, warmupSteps: 5, learningRate: 3e-3, validateEvery: 200, checkpointEvery: 200 },
  }));
  const trained = await world.run(['train', 'profile', '--config', 'small.json', '--data', '.', '--held-out', 'none', '--output', 'run']);
  expect(trained.code, trained.stderr).toBe(0);
  const indexed = await world.run(['index', '--model', 'run/model', '--input', 'library.smi', '--bundle', './by-profile']);
  expect(indexed.code, indexed.stderr).toBe(0);
}, 120_000);
afterAll(() => world.remove());

describe('profiles of cells', { timeout: 60_000 }, () => {
  it('find the structure that they were trained with', async () => {
    // What a tiny net has learned by heart in 200 steps: of 48 molecules the right one is among the first five more often than not.
    let found = 0;
    for (const smiles of molecules.slice(0, 8)) {
      const { code, stdout, stderr } = await world.run(['search', '--bundle', './by-profile', '--profile', 'plate.csv', '--perturbation', smiles, '-k', '16', '--json']);
      expect(code, stderr).toBe(0);
      const { query, hits } = JSON.parse(stdout) as { query: { kind: string; input: string }; hits: { id: string; smiles: string }[] };
      expect(query).toMatchObject({ kind: 'wells', input: `${smiles} (3 wells)` });
      if (hits.some((hit) => hit.id === String(molecules.indexOf(smiles) + 1) || hit.smiles === smiles)) found++;
    }
    expect(found).toBeGreaterThanOrEqual(5);
  });

  it('name a perturbation by well, and say what is missing', async () => {
    const byWell = await world.run(['search', '--bundle', './by-profile', '--profile', 'plate.csv', '--perturbation', 'P1:W20', '-k', '3']);
    expect(byWell.code, byWell.stderr).toBe(0);
    expect(byWell.stdout).toMatch(/^searched by the profile of .* \(1 well\)/m);
    const refused = async (...flags: string[]): Promise<[string | undefined, string]> => {
      const result = await world.run(['search', '--bundle', './by-profile', ...flags]);
      return [errorCode(result), result.stderr];
    };
    expect((await refused('--profile', 'plate.csv'))[0]).toBe('ARGUMENT_INVALID');
    expect((await refused('--profile', 'plate.csv', '--perturbation', 'aspirin'))[0]).toBe('NOT_FOUND');
    const [bare, told] = await refused('--profile', 'bare.csv', '--perturbation', 'W20');
    expect([bare, told]).toEqual(['DATASET_INVALID', expect.stringContaining('negative controls on plate P1')]);
    const [narrow, missing] = await refused('--profile', 'narrow.csv', '--perturbation', 'W20');
    expect([narrow, missing]).toEqual(['DATASET_INVALID', expect.stringContaining('lacks Cells_F2, Cells_F3')]);
    expect((await refused('--profile', 'plate.csv', '--perturbation', 'W20', '--mode', 'hop'))[0]).toBe('ARGUMENT_INVALID');
    expect((await refused('--cells', 'plate.csv'))[0]).toBe('MODALITY_UNSUPPORTED');
  });

  it('are measured on the compounds that were left out', async () => {
    await writeFile(world.path('decoys.smi'), someSmiles(260).slice(100).join('\n'));
    const { code, stdout, stderr } = await world.run(['evaluate', 'cells', '--model', 'run/model', '--profiles', 'plate.csv', '--decoys', 'decoys.smi', '--json']);
    expect(code, stderr).toBe(0);
    const { rows } = JSON.parse(stdout) as { rows: { among: string; compounds: number; chance: number[] }[] };
    expect(rows.map(({ among, compounds }) => [among, compounds])).toEqual([['pool', 12], ['pool', 12], ['decoys', 12]]);
    expect(rows[0]!.chance[0]).toBeCloseTo(1 / 12, 6);
    // A bundle of a model whose card knows it tells it with every answer.
    expect((await world.run(['evaluate', 'cells', '--model', 'run/model', '--profiles', 'plate.csv', '--decoys', 'decoys.smi', '--card'])).code).toBe(0);
    expect((await world.run(['index', '--model', 'run/model', '--input', 'library.smi', '--bundle', './told'])).code).toBe(0);
    const told = await world.run(['search', '--bundle', './told', '--profile', 'plate.csv', '--perturbation', 'W20']);
    expect(told.stdout).toMatch(/^Of 12 compounds that the model had not seen, the right structure of 100 came first in \d/m);
    expect(errorCode(await world.run(['evaluate', 'cells', '--model', 'run/model']))).toBe('ARGUMENT_INVALID');
    expect(errorCode(await world.run(['evaluate', 'cells', '--model', 'run/model', '--images', 'plate.csv']))).toBe('COLUMN_MISSING');
  });

  it('are asked over HTTP as well', async () => {
    const service = world.start(['serve', '--bundle', './by-profile', '--port', '0']);
    try {
      const url = /http:\S+/.exec(await service.said(/listens on \S+/))![0];
      const ask = (table: string, fields: Record<string, string>): Promise<Response> => {
        const form = new FormData();
        form.append('table', new Blob([table]), 'plate.csv');
        for (const [name, value] of Object.entries(fields)) form.append(name, value);
        return fetch(`${url}/v1/search/profile`, { method: 'POST', body: form });
      };
      const found = await ask(profileTable(molecules), { perturbation: 'W20', k: '3' });
      expect(found.status).toBe(200);
      expect(((await found.json()) as { hits: unknown[] }).hits).toHaveLength(3);
      const refused = await ask('Metadata_Plate\nP1\n', {});
      expect(((await refused.json()) as { code: string }).code).toBe('COLUMN_MISSING');
      expect(refused.status).toBe(422);
    } finally {
      service.child.kill('SIGKILL');
      await service.ended;
    }
  });
});
