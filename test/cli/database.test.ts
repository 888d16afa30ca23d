import { mkdir, rename } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clustered, makeClustered } from '../postgres/clustered.ts';
import { PGliteServer } from '../postgres/pglite-server.ts';
import { makeWorld } from './harness.ts';
import type { World } from './harness.ts';

let world: World;
let server: PGliteServer;
beforeAll(async () => {
  world = await makeWorld();
  server = await PGliteServer.start();
  await makeClustered(world.path('indexes'), 'mine', clustered(200, 16, 1));
});
afterAll(async () => {
  delete process.env['ISOLENS_DATABASE'];
  await server?.close();
  await world?.remove();
});

describe('isolens bundle push and pull', () => {
  it('sends a bundle to a database and writes it back', async () => {
    const pushed = await world.run(['bundle', 'push', 'mine', '--to', server.url, '--json']);
    expect([pushed.code, JSON.parse(pushed.stdout)]).toEqual([0, { name: 'mine', generation: expect.any(String), count: 200, isNew: true }]);
    await mkdir(world.path('moved'));
    await rename(world.path('indexes/mine'), world.path('moved/mine'));
    const pulled = await world.run(['bundle', 'pull', `${server.url}/mine`]);
    expect([pulled.code, pulled.stdout]).toEqual([0, expect.stringMatching(/^mine \S+: 200 molecules, written in/)]);
    process.env['ISOLENS_DATABASE'] = server.url;
    expect((await world.run(['bundle', 'push', 'mine'])).stdout).toContain('live already in 127.0.0.1');
    expect((await world.run(['bundle', 'pull', 'mine'])).stdout).toContain('there already');
    delete process.env['ISOLENS_DATABASE'];
  });

  it.each([
    [['push', 'mine'], 2, 'ARGUMENT_INVALID'],
    [['push', 'mine', '--to', 'mysql://u:secret@host/db'], 2, 'ARGUMENT_INVALID'],
    [['push', 'mine', '--to', 'postgres://u:secret@127.0.0.1:1/db'], 1, 'DATABASE_UNAVAILABLE'],
    [['pull', 'postgres://u:secret@127.0.0.1:1/db'], 2, 'ARGUMENT_INVALID'],
    [['pull', 'postgres://u:secret@127.0.0.1:1/db/mine'], 1, 'DATABASE_UNAVAILABLE'],
  ])('%s is refused without the password', async (args, code, error) => {
    const { code: status, stderr, stdout } = await world.run(['bundle', ...args]);
    expect([status, stderr.split('\n').find((line) => line.startsWith('error'))]).toEqual([code, expect.stringContaining(error)]);
    expect(stderr + stdout).not.toContain('secret');
  });
});
