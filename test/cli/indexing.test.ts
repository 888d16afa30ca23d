/** Libraries that are sent to a service, and what happens when it is killed meanwhile. */
import { execFileSync } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../src/api/index.ts';
import { IsoLensClient } from '../../src/client/index.ts';
import { someSmiles } from '../ingest/model.ts';
import { judgeOf } from '../server/judge.ts';
import { makeWorld } from './harness.ts';
import type { Running, World } from './harness.ts';

let world: World;
let service: Running;
let client: IsoLensClient;
let url = '';

async function begin(): Promise<void> {
  service = world.start(['serve', '--bundle', 'lib', '--port', '0', '--jobs', 'jobs', '--allow-indexing']);
  url = /http:\S+/.exec(await service.said(/listens on \S+/))![0];
  client = new IsoLensClient({ baseUrl: url });
}

beforeAll(async () => {
  world = await makeWorld();
  await world.write('lib.smi', someSmiles(20).join('\n'));
  expect((await world.run(['index', '--input', 'lib.smi', '--bundle', 'lib', '--model', world.model, '--no-map'])).code).toBe(0);
  await begin();
}, 300_000);
afterAll(async () => {
  service.child.kill('SIGKILL');
  await service.ended;
  await world.remove();
});

const library = (rows: number): Blob => new Blob([`compound,structure\n${someSmiles(rows).map((smiles, i) => `X${i},${smiles}`).join('\n')}\nbad,C(\n`]);
const OPTIONS = { format: 'csv', smilesColumn: 'structure', idColumn: 'compound', licence: 'CC0' } as const;

async function last(id: string): Promise<Job> {
  let job: Job | undefined;
  for await (job of client.followJob(id));
  return job!;
}

async function until(found: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await found()); tries++) {
    if (tries > 600) throw new Error(`It never came to that: ${(await service.said(/./)).slice(-2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const builders = (): string[] => {
  try {
    return execFileSync('pgrep', ['-f', `${world.folder}/jobs/libraries`], { encoding: 'utf8' }).trim().split('\n');
  } catch {
    return [];
  }
};

describe('a library that is sent to the service', { timeout: 300_000 }, () => {
  it('is indexed in the background and then searched', async () => {
    const job = await client.indexLibrary('mine', library(60), OPTIONS);
    expect(job).toMatchObject({ kind: 'index', index: 'mine', generation: '', options: OPTIONS, problem: null });
    const done = await last(job.id);
    expect(done).toMatchObject({ state: 'done', stage: null, done: 61, total: 61, rejected: 1 });
    const { hits, index } = await client.search({ query: { id: 'X3' }, index: 'mine', k: 5 });
    expect(index).toMatchObject({ name: 'mine', generation: done.generation, count: 60 });
    expect(hits[0]!.id).toBe('X3');
    expect((await client.getIndex('mine')).licence).toBe('CC0');
    expect(await readdir(world.path('jobs/libraries'))).toEqual([]);
    // Gzipped, in another format, under the same name: the next generation.
    const again = await client.indexLibrary('mine', new Blob([gzipSync(someSmiles(30).join('\n'))]), { format: 'smi' });
    await last(again.id);
    expect((await client.listIndexes()).find(({ name }) => name === 'mine')).toMatchObject({ count: 30 });
  });

  it('is refused with a reason, and answered as the document says', async () => {
    const judge = await judgeOf(url);
    const send = (name: string, query: string, body: string, status: number): Promise<unknown> => judge.check('post /v1/indexes/{name}/library', { name, query, body, type: 'application/octet-stream', status });
    expect(await send('bad name', 'format=smi', 'C', 400)).toMatchObject({ status: 400, problems: [] });
    expect(await send('other', 'format=docx', 'C', 400)).toMatchObject({ status: 400, problems: [] });
    expect(await send('other', 'format=smi&link=nowhere', 'C', 400)).toMatchObject({ status: 400, problems: [] });
    expect(await send('other', 'format=smi', '', 400)).toMatchObject({ status: 400, problems: [] });
    expect(await send('other', 'format=smi', 'C methane', 202)).toMatchObject({ status: 202, problems: [] });
    const job = await client.indexLibrary('other', new Blob(['id,name\n1,a\n']), { format: 'csv' });
    expect(await last(job.id)).toMatchObject({ state: 'failed', problem: { code: 'COLUMN_MISSING' } });
    expect((await client.search({ query: { smiles: 'CCO' }, k: 1 })).hits).toHaveLength(1);
  });

  it('goes on after the service was killed, and nothing is lost', async () => {
    const { id } = await client.indexLibrary('large', library(1200), OPTIONS);
    await until(async () => (await client.getJob(id)).done > 0);
    service.child.kill('SIGKILL');
    await service.ended;
    // Its builder ends with it.
    await until(async () => builders().length === 0);
    await begin();
    expect(await last(id)).toMatchObject({ state: 'done', total: 1201, rejected: 1 });
    expect((await client.listIndexes()).find(({ name }) => name === 'large')!.count).toBe(1200);
  });

  it('fails with a reason where the file has vanished meanwhile', async () => {
    const { id } = await client.indexLibrary('vanished', library(1200), OPTIONS);
    await until(async () => (await client.getJob(id)).done > 0);
    service.child.kill('SIGKILL');
    await service.ended;
    await until(async () => builders().length === 0);
    await rm(world.path(`jobs/libraries/${id}`));
    // One that broke off with the service.
    await world.write('jobs/libraries/stray.part', 'C');
    await begin();
    expect(await last(id)).toMatchObject({ state: 'failed', problem: { code: 'FILE_NOT_FOUND' } });
    expect(await readdir(world.path('jobs/libraries'))).toEqual([]);
  });

  it('begins again where the builder was killed, and ends where it is cancelled', async () => {
    const { id } = await client.indexLibrary('killed', library(1200), OPTIONS);
    await until(async () => (await client.getJob(id)).done > 0);
    for (const pid of builders()) process.kill(Number(pid), 'SIGKILL');
    expect(await last(id)).toMatchObject({ state: 'done', total: 1201 });
    const { id: other } = await client.indexLibrary('cancelled', library(1200), OPTIONS);
    await until(async () => (await client.getJob(other)).done > 0);
    expect(await client.removeJob(other)).toMatchObject({ deleted: false, job: { state: 'cancelled' } });
    await until(async () => builders().length === 0);
    expect((await client.listIndexes()).map(({ name }) => name)).not.toContain('cancelled');
    expect(await client.removeJob(other)).toMatchObject({ deleted: true });
  });
});
