/** From a laboratory's plate to structures: listed, trained on, indexed and asked by an image of cells. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import sharp from 'sharp';
import { siteTiff } from '../image/fixtures.ts';
import { someSmiles } from '../ingest/model.ts';
import { errorCode, makeWorld } from './harness.ts';
import type { World } from './harness.ts';

const ROWS = ['A', 'B', 'C', 'D'];
let world: World;
beforeAll(async () => {
  world = await makeWorld();
  const molecules = someSmiles(48);
  await mkdir(world.path('screen/P1__2026-01-01/Images'), { recursive: true });
  const lines = ['well,compound,SMILES,control'];
  for (const [i, smiles] of molecules.entries()) {
    const [row, column] = [Math.floor(i / 12), (i % 12) + 1];
    const place = `r0${row + 1}c${String(column).padStart(2, '0')}f01p01`;
    const stack = await siteTiff(2, 40, 48, i);
    for (const channel of [1, 2]) {
      await writeFile(world.path(`screen/P1__2026-01-01/Images/${place}-ch${channel}sk1fk1fl1.tiff`), await sharp(stack, { page: channel - 1 }).extractChannel(0).toColourspace('b-w').tiff().toBuffer());
    }
    const isControl = i % 12 === 11;
    lines.push(`${ROWS[row]!}${String(column).padStart(2, '0')},${isControl ? 'DMSO,,negcon' : `c${i},${smiles},`}`);
  }
  await world.write('wells.csv', lines.join('\n'));
  await world.write('library.smi', molecules.join('\n'));
  await writeFile(world.path('site.tif'), await siteTiff(2, 40, 48, 5));
}, 120_000);
afterAll(() => world.remove());

it('takes a folder of plates to an answered query', { timeout: 120_000 }, async () => {
  const listed = await world.run(['plate', 'screen', '--map', 'wells.csv', '--channels', '2=DNA,1=Mito', '--output', 'sites.tsv']);
  expect(listed.code, listed.stderr).toBe(0);

  const cells = { name: 'cells', modality: 'cells', modalityConfig: { channels: 2, side: 40, size: 32 }, encoder: 'resnet', encoderConfig: 'tiny', projection: { layers: 2, hidden: 16 } };
  const structure = { name: 'structure', modality: 'fingerprint', modalityConfig: { radius: 2, bits: 256, transform: 'log1p' }, encoder: 'mlp', encoderConfig: 'tiny', projection: { layers: 1, hidden: 16 } };
  const settings = { towers: [cells, structure], embeddingDimension: 16, images: { table: 'sites.tsv', folds: 4 }, validationMolecules: 16, training: { steps: 3, batchSize: 8, warmupSteps: 1, validateEvery: 3, checkpointEvery: 3 } };
  await world.write('small.json', JSON.stringify(settings));
  const trained = await world.run(['train', 'cloome', '--config', 'small.json', '--data', '.', '--held-out', 'none', '--output', 'run']);
  expect(trained.code, trained.stderr).toBe(0);
  const card = JSON.parse(await readFile(world.path('run/model/model.json'), 'utf8')) as { info: { data: object } };
  // Four wells hold the solvent alone: no molecule to learn of.
  expect(card.info.data).toMatchObject({ read: 48, incomplete: 4, validation: 16, leftOut: 11, train: 17 });

  const indexed = await world.run(['index', '--model', 'run/model', '--input', 'library.smi', '--bundle', './by-cells']);
  expect(indexed.code, indexed.stderr).toBe(0);
  const asked = await world.run(['search', '--bundle', './by-cells', '--image', 'site.tif', '-k', '5', '--json']);
  expect(asked.code, asked.stderr).toBe(0);
  const { query, hits } = JSON.parse(asked.stdout) as { query: { kind: string; reading: unknown }; hits: { smiles: string }[] };
  expect(query).toMatchObject({ kind: 'image', reading: null });
  expect(hits).toHaveLength(5);
  // Several sites of one perturbation: stacks, or a folder with a file a channel; of a broken one the others are searched.
  await writeFile(world.path('torn.tif'), (await siteTiff(2, 40, 48, 6)).subarray(0, 900));
  const several = await world.run(['search', '--bundle', './by-cells', '--cells', 'site.tif', '--cells', 'torn.tif', '-k', '3', '--json']);
  expect(several.code, several.stderr).toBe(0);
  const answer = JSON.parse(several.stdout) as { query: { kind: string; warnings: string[] }; hits: { cosine: number }[] };
  expect(answer.query.kind).toBe('sites');
  expect(answer.query.warnings.join()).toMatch(/Site 2 of 2 was left out/);
  expect(answer.hits[0]!.cosine).toBeCloseTo((hits as unknown as { cosine: number }[])[0]!.cosine, 4);
  const folder = await world.run(['search', '--bundle', './by-cells', '--cells', 'screen', '--channels', '2=DNA,1=Mito']);
  expect(folder.stderr).toMatch(/48 sites of 48 wells, named as by .*; channels in this order: DNA, Mito/);
  expect(folder.stdout).toContain('searched by sites of cells');
  expect(errorCode(await world.run(['search', '--bundle', './by-cells', '--cells', 'torn.tif']))).toBe('IMAGE_CORRUPT');
  expect(errorCode(await world.run(['search', '--bundle', './by-cells', '--profile', 'wells.csv']))).toBe('COLUMN_MISSING');
  // Retrieval is measured on the molecules of the fold that was left out.
  const measured = await world.run(['evaluate', 'cells', '--model', 'run/model', '--images', 'sites.tsv', '--smiles-column', 'smiles', '--json']);
  expect(measured.code, measured.stderr).toBe(0);
  expect((JSON.parse(measured.stdout) as { rows: { compounds: number }[] }).rows[0]!.compounds).toBe(11);
  // No structure can be read of cells, and no picture of a structure is a site.
  expect(errorCode(await world.run(['search', '--bundle', './by-cells', '--image', 'site.tif', '--via', 'both']))).toBe('MODALITY_UNSUPPORTED');
  await writeFile(world.path('one.png'), await sharp({ create: { width: 60, height: 60, channels: 3, background: 'white' } }).png().toBuffer());
  expect(errorCode(await world.run(['search', '--bundle', './by-cells', '--image', 'one.png']))).toBe('IMAGE_FORMAT_UNSUPPORTED');
});
