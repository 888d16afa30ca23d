import { afterAll, beforeAll, expect, it } from 'vitest';
import { someSmiles } from '../ingest/model.ts';
import { errorCode, makeWorld } from './harness.ts';
import type { World } from './harness.ts';

let world: World;
beforeAll(async () => {
  world = await makeWorld();
  const lines = someSmiles(40).map((smiles, i) => `${smiles} M${i}`);
  await world.write('first.smi', lines.slice(0, 30).join('\n'));
  await world.write('more.smi', lines.slice(30).join('\n'));
  await world.run(['index', '--input', 'first.smi', '--bundle', 'lib', '--model', world.model, '--no-map']);
}, 120_000);
afterAll(() => world.remove());

it('adds and removes, says what it did not find, and refuses what it cannot read twice', { timeout: 120_000 }, async () => {
  await world.write('gone.txt', 'M3\r\n\r\nM4\nnobody\n');
  const updated = await world.run(['update', 'lib', '--add', 'more.smi', '--remove', 'gone.txt', '--json']);
  expect(JSON.parse(updated.stdout)).toMatchObject({ bundle: 'lib', count: 38, added: 10, removed: 2, unknown: 1 });
  expect([updated.code, updated.stderr.includes('nobody')]).toEqual([3, true]);
  const found = await world.run(['search', '--bundle', 'lib', '--id', 'M35', '--mode', 'similarity', '--json']);
  expect(found.stdout).toContain('"M35"');
  expect(errorCode(await world.run(['search', '--bundle', 'lib', '--id', 'M3']))).toBe('NOT_FOUND');
  expect(errorCode(await world.run(['update', 'lib']))).toBe('ARGUMENT_INVALID');
  expect(errorCode(await world.run(['update', 'lib', '--add', '-', '--format', 'smi'], 'C\n'))).toBe('ARGUMENT_INVALID');
  expect(errorCode(await world.run(['update', 'lib', '--remove', 'nowhere.txt']))).toBe('FILE_NOT_FOUND');
});
