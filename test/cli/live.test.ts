/** A service whose bundles are built anew while it is asked. */
import { cp, readFile, readdir, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { indexInfoSchema, libraryDetailSchema, searchResponseSchema } from '../../src/api/index.ts';
import { someSmiles } from '../ingest/model.ts';
import { makeWorld } from './harness.ts';
import type { Running, World } from './harness.ts';

let world: World;
let service: Running;
let url = '';

async function publish(molecules: number): Promise<void> {
  await world.write('library.smi', someSmiles(molecules).map((smiles, i) => `${smiles} M${i}\n`).join(''));
  const { code, stderr } = await world.run(['index', '--input', 'library.smi', '--bundle', 'lib', '--model', world.model, '--no-map']);
  expect(code, stderr).toBe(0);
}

beforeAll(async () => {
  world = await makeWorld();
  await publish(40);
  service = world.start(['serve', '--bundle', 'lib', '--port', '0', '--jobs', 'jobs']);
  url = /http:\S+/.exec(await service.said(/listens on \S+/))![0];
}, 300_000);
afterAll(async () => {
  service.child.kill('SIGKILL');
  await service.ended;
  await world.remove();
});

const post = (path: string, body: unknown): Promise<Response> => fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

async function count(): Promise<number> {
  const [info] = indexInfoSchema.array().parse(await (await fetch(`${url}/v1/indexes`)).json());
  return info!.count;
}

async function until(wanted: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await wanted()); tries++) {
    if (tries > 300) throw new Error(`It never came to that: ${(await service.said(/./)).slice(-2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Asks without a pause until it is told to stop; what each answer was given by. */
function asking(): { stop(): Promise<{ status: number; generation: string | undefined }[]> } {
  const given: { status: number; generation: string | undefined }[] = [];
  let isOver = false;
  const client = async (smiles: string): Promise<void> => {
    while (!isOver) {
      const response = await post('/v1/search', { query: { smiles }, k: 5 });
      const body: unknown = await response.json();
      given.push({ status: response.status, generation: response.status === 200 ? searchResponseSchema.parse(body).index.generation : undefined });
    }
  };
  const clients = someSmiles(4).map(client);
  return { stop: async () => { isOver = true; await Promise.all(clients); return given; } };
}

describe('a bundle that is built anew while it is served', { timeout: 300_000 }, () => {
  it('goes live without a restart and without a failed request', async () => {
    expect(await count()).toBe(40);
    const clients = asking();
    await publish(60);
    await until(async () => (await count()) === 60);
    const given = await clients.stop();
    expect(given.filter(({ status }) => status !== 200)).toEqual([]);
    // The one before, then the new one, and never back.
    const generations = given.map(({ generation }) => generation);
    expect(new Set(generations).size).toBe(2);
    expect(await service.said(/generation served/)).toContain('"index":"lib"');
  });

  it('is refused where it is broken, and the one before answers on', async () => {
    const home = join(world.folder, 'indexes', 'lib');
    const [generation = ''] = (await readFile(join(home, 'CURRENT'), 'utf8')).split(' ');
    const broken = generation.replace(/.{8}$/, 'deadbeef');
    await cp(join(home, generation), join(home, broken), { recursive: true });
    const files = await readdir(join(home, broken));
    const vectors = files.find((file) => file.startsWith('vectors'))!;
    const bytes = await readFile(join(home, broken, vectors));
    bytes[100] = bytes[100]! ^ 255;
    await writeFile(join(home, broken, vectors), bytes);
    const digest = createHash('sha256').update(await readFile(join(home, broken, 'manifest.json'))).digest('hex');
    await writeFile(join(home, 'CURRENT'), `${broken} ${digest}\n`);
    expect(await service.said(/generation refused/)).toContain('BUNDLE_CORRUPT');
    expect((await post('/v1/search', { query: { id: 'M1' }, k: 5 })).status).toBe(200);
    const refused = async (): Promise<unknown> => libraryDetailSchema.parse(await (await fetch(`${url}/v1/indexes/lib`)).json()).refused;
    expect(await refused()).toMatchObject({ code: 'BUNDLE_CORRUPT' });
    await publish(50);
    await until(async () => (await count()) === 50);
    expect(await refused()).toBeNull();
  });

  it('leaves a job the generation with which it began', async () => {
    const queries = someSmiles(60).flatMap((smiles, i) => Array.from({ length: 4 }, (_, n) => ({ id: `${i}-${n}`, text: smiles })));
    const job = (await (await post('/v1/jobs', { queries, options: { k: 20 } })).json()) as { id: string; generation: string };
    await publish(30);
    await until(async () => (await count()) === 30);
    const state = async (): Promise<string> => ((await (await fetch(`${url}/v1/jobs/${job.id}`)).json()) as { state: string }).state;
    await until(async () => (await state()) !== 'running');
    expect(await state()).toBe('done');
    const { results } = (await (await fetch(`${url}/v1/jobs/${job.id}/results?limit=1000`)).json()) as { results: { response: { index: { generation: string } } }[] };
    expect(results).toHaveLength(queries.length);
    expect(new Set(results.map(({ response }) => response.index.generation))).toEqual(new Set([job.generation]));
  });
});
