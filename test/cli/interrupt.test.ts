/** Indexing that is stopped in any way goes on where it was, and ends in the same bundle. */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { someSmiles } from '../ingest/model.ts';
import { errorCode, makeWorld } from './harness.ts';
import type { World } from './harness.ts';

const TIMEOUT = 600_000;
let world: World;
beforeAll(async () => {
  world = await makeWorld();
  await world.write('library.smi', someSmiles(1200).map((smiles, i) => `${smiles} M${i}\n`).join(''));
});
afterAll(() => world.remove());

const index = (name: string): string[] => ['index', '--input', 'library.smi', '--bundle', name, '--model', world.model, '--shard-records', '64', '--json'];

async function shards(name: string): Promise<number> {
  const work = await readdir(world.path(join('indexes', name, '.work'))).catch(() => []);
  return work.filter((file) => !file.endsWith('.json') && !file.endsWith('.tmp')).length;
}

async function hasShards(name: string, count: number): Promise<void> {
  const until = Date.now() + TIMEOUT / 4;
  while ((await shards(name)) < count) {
    if (Date.now() > until) throw new Error(`No ${count} parts of ${name} appeared`);
    await sleep(5);
  }
}

/** What two bundles of the same library must share: every file but the manifest, which holds time and name. */
async function contents(name: string): Promise<Record<string, string>> {
  const home = world.path(join('indexes', name));
  const generation = (await readFile(join(home, 'CURRENT'), 'utf8')).split(' ')[0]!;
  const files = await readdir(join(home, generation), { recursive: true, withFileTypes: true });
  const found: Record<string, string> = {};
  for (const file of files) if (file.isFile() && file.name !== 'manifest.json') found[file.name] = createHash('sha256').update(await readFile(join(file.parentPath, file.name))).digest('hex');
  return found;
}

it('after SIGINT and after SIGKILL', { timeout: TIMEOUT }, async () => {
  expect((await world.run(index('whole'))).code).toBe(0);

  const first = world.start(index('broken'));
  await hasShards('broken', 2);
  first.child.kill('SIGINT');
  const interrupted = await first.ended;
  expect([interrupted.code, errorCode(interrupted), interrupted.stdout]).toEqual([130, 'CANCELLED', '']);
  expect(errorCode(await world.run(['search', '--bundle', 'broken', '--smiles', 'C']))).toBe('BUNDLE_NOT_FOUND');
  const kept = await shards('broken');
  expect(kept).toBeGreaterThanOrEqual(2);

  const second = world.start(index('broken'));
  await hasShards('broken', kept + 3);
  const busy = await world.run(['search', '--bundle', 'broken', '--smiles', 'C']);
  second.child.kill('SIGKILL');
  const killed = await second.ended;
  expect(killed.code).not.toBe(0);
  expect(errorCode(busy)).toBe('BUNDLE_BUSY');

  const last = await world.run(index('broken'));
  expect(last.code, last.stderr).toBe(0);
  expect((JSON.parse(last.stdout) as { resumed: number }).resumed).toBeGreaterThanOrEqual(3 * 64);
  expect(await contents('broken')).toEqual(await contents('whole'));
  expect((await readdir(world.path(join('indexes', 'broken')))).sort()).toEqual(expect.arrayContaining(['CURRENT']));
  expect((await readdir(world.path(join('indexes', 'broken')))).filter((name) => name.startsWith('.'))).toEqual([]);
});
