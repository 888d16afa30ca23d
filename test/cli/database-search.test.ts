/** A library that lies in a database, searched and served without a copy on this disk. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { indexInfoSchema, searchResponseSchema } from '../../src/api/index.ts';
import { someSmiles } from '../ingest/model.ts';
import { PGliteServer } from '../postgres/pglite-server.ts';
import { problemIn } from '../server/fake-service.ts';
import { errorCode, makeWorld } from './harness.ts';
import type { Running, World } from './harness.ts';

let world: World;
let server: PGliteServer | undefined;
let address = '';

/** Builds `mine` of so many molecules, and sends it. */
async function publish(molecules: number): Promise<void> {
  await world.write('library.csv', `id,smiles,name\n${someSmiles(molecules).map((smiles, i) => `M${i},${smiles},Name ${i}`).join('\n')}\n`);
  for (const args of [['index', '--input', 'library.csv', '--bundle', 'mine', '--model', world.model], ['bundle', 'push', 'mine', '--to', server!.url]]) {
    const { code, stderr } = await world.run(args);
    expect(code, stderr).toBe(0);
  }
}

beforeAll(async () => {
  world = await makeWorld();
  server = await PGliteServer.start();
  address = `${server.url.replace('postgres@', 'postgres:secret@')}/mine`;
  await publish(60);
}, 600_000);
afterAll(async () => {
  await server?.close();
  await world?.remove();
});

const untimed = (text: string): unknown => JSON.parse(text, (key, value: unknown) => (key === 'tookMs' ? undefined : value));

describe('isolens search in a database', { timeout: 300_000 }, () => {
  it.each([
    [['--smiles', 'CCc1ccccc1']], [['--text', 'Name 7', '--filter', 'mw<=220', '--exclude-self']], [['--id', 'M3', '--require', 'c1ccccc1', '--no-alerts']],
  ])('prints what the bundle gives: %s', async (args) => {
    const [local, remote] = await Promise.all(['mine', address].map((bundle) => world.run(['search', '--bundle', bundle, ...args, '--json'])));
    expect([remote!.code, remote!.stderr]).toEqual([0, local!.stderr]);
    expect(untimed(remote!.stdout)).toEqual(untimed(local!.stdout));
  });

  it.each(['csv', 'sdf'])('writes the same %s', async (format) => {
    for (const [name, bundle] of [['local', 'mine'], ['remote', address]] as const) {
      expect((await world.run(['search', '--bundle', bundle, '--smiles', 'CCc1ccccc1', '--output', `${name}.${format}`])).code).toBe(0);
    }
    expect(await readFile(world.path(`remote.${format}`), 'utf8')).toBe(await readFile(world.path(`local.${format}`), 'utf8'));
  });

  it.each([
    [['search', '--bundle', 'postgres://u:secret@127.0.0.1:1/db', '--smiles', 'C'], 2, 'ARGUMENT_INVALID'],
    [['search', '--bundle', 'postgres://u:secret@127.0.0.1:1/db/mine', '--smiles', 'C'], 1, 'DATABASE_UNAVAILABLE'],
    [['serve', '--bundle', 'postgres://u:secret@127.0.0.1:1/db/mine', '--port', '0'], 1, 'DATABASE_UNAVAILABLE'],
    [['index', '--bundle', 'postgres://u:secret@127.0.0.1:1/db/mine', '--input', 'library.csv'], 2, 'ARGUMENT_INVALID'],
  ])('refuses %s without the password', async (args, code, error) => {
    const outcome = await world.run(args);
    expect([outcome.code, errorCode(outcome)]).toEqual([code, error]);
    expect(outcome.stderr + outcome.stdout).not.toContain('secret');
  });
});

it('ends where the database has no such library', { timeout: 100_000 }, async () => {
  const outcome = await world.run(['serve', '--bundle', `${server!.url}/other`, '--port', '0']);
  expect([outcome.code, errorCode(outcome)]).toEqual([1, 'BUNDLE_NOT_FOUND']);
});

describe('isolens serve of a database', { timeout: 300_000 }, () => {
  let service: Running;
  let url = '';
  beforeAll(async () => {
    await world.write('other.smi', 'CCO ethanol\nCCN\n');
    expect((await world.run(['index', '--input', 'other.smi', '--bundle', 'other', '--model', world.model])).code).toBe(0);
    service = world.start(['serve', '--bundle', address, '--bundle', 'other', '--port', '0', '--jobs', 'jobs']);
    url = /http:\S+/.exec(await service.said(/listens on \S+/))![0];
  }, 300_000);
  afterAll(async () => {
    service?.child.kill('SIGTERM');
    await service?.ended;
  });

  const search = (body: object): Promise<Response> => fetch(`${url}/v1/search`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  const counts = async (): Promise<Record<string, number>> => (
    Object.fromEntries(indexInfoSchema.array().parse(await (await fetch(`${url}/v1/indexes`)).json()).map(({ name, count }) => [name, count]))
  );

  it('answers beside a bundle on this disk', async () => {
    expect(await counts()).toEqual({ mine: 60, other: 2 });
    const found = searchResponseSchema.parse(await (await search({ query: { text: 'Name 5' }, k: 3 })).json());
    expect(found).toMatchObject({ index: { name: 'mine' }, hits: [{ id: 'M5', isQuery: true }, {}, {}] });
    expect(searchResponseSchema.parse(await (await search({ query: { text: 'ethanol' }, k: 1, index: 'other' })).json()).hits[0]).toMatchObject({ id: 'ethanol' });
    expect(await (await fetch(`${url}/v1/molecules/M5`)).json()).toMatchObject({ id: 'M5', names: ['Name 5'], index: 'mine' });
    expect(await (await fetch(`${url}/v1/molecules/M5/depiction.svg`)).text()).toContain('<svg');
    expect(await (await fetch(`${url}/v1/indexes/mine`)).json()).toMatchObject({ count: 60 });
    expect((await fetch(`${url}/v1/indexes/mine/map`)).status).toBe(200);
    expect(await problemIn(await fetch(`${url}/v1/molecules/nobody`))).toMatchObject({ status: 404 });
  });

  it('takes over a generation that goes live, and outlives the database', async () => {
    await publish(70);
    await service.said(/generation served/);
    expect(await counts()).toEqual({ mine: 70, other: 2 });
    expect(searchResponseSchema.parse(await (await search({ query: { id: 'M65' }, k: 1 })).json()).hits[0]).toMatchObject({ id: 'M65' });
    await server!.close();
    server = undefined;
    const failed = await search({ query: { id: 'M5' }, k: 1 });
    expect(failed.headers.get('Retry-After')).toBe('5');
    expect(await problemIn(failed)).toMatchObject({ status: 503, code: 'DATABASE_UNAVAILABLE' });
    expect((await search({ query: { smiles: 'CCO' }, k: 1, index: 'other' })).status).toBe(200);
    service.child.kill('SIGTERM');
    const { code, stdout, stderr } = await service.ended;
    expect([code, (stdout + stderr).includes('secret')]).toEqual([0, false]);
  });
});
