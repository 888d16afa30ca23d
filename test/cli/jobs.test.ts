/** Jobs outlive the service: a stop, and a kill in the middle of the work. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobResultsSchema, jobSchema } from '../../src/api/index.ts';
import type { Job } from '../../src/api/index.ts';
import { someSmiles } from '../ingest/model.ts';
import { errorCode, makeWorld } from './harness.ts';
import type { Running, World } from './harness.ts';

const QUERIES = 300;

let world: World;
let service: Running | undefined;
let url = '';
beforeAll(async () => {
  world = await makeWorld();
  await world.write('library.smi', someSmiles(80).map((smiles, i) => `${smiles}\tM${i}\n`).join(''));
  await world.run(['index', '--input', 'library.smi', '--bundle', 'one', '--model', world.model]);
}, 600_000);
afterAll(async () => {
  service?.child.kill('SIGKILL');
  await world.remove();
});

async function start(): Promise<Running> {
  service = world.start(['serve', '--bundle', 'one', '--port', '0', '--jobs', 'kept']);
  url = /http:\S+/.exec(await service.said(/listens on \S+/))![0];
  return service;
}

const jobOf = async (id: string): Promise<Job> => jobSchema.parse(await (await fetch(`${url}/v1/jobs/${id}`)).json());
async function until(id: string, test: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = await jobOf(id);
    if (test(job)) return job;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('isolens serve --jobs', { timeout: 300_000 }, () => {
  it('goes on where it was stopped, and where it was killed', async () => {
    const first = await start();
    const queries = someSmiles(QUERIES).map((text, i) => ({ id: `Q${i}`, text: i % 100 === 7 ? 'C(' : text }));
    const body = JSON.stringify({ queries, options: { k: 3, mode: 'similarity' } });
    const sent = await fetch(`${url}/v1/jobs`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    const { id } = jobSchema.parse(await sent.json());
    await until(id, ({ done }) => done >= 20);
    first.child.kill('SIGTERM');
    expect((await first.ended).code).toBe(0);

    const second = await start();
    const stopped = await jobOf(id);
    expect(stopped.done).toBeGreaterThanOrEqual(20);
    await until(id, ({ done }) => done >= stopped.done + 20);
    second.child.kill('SIGKILL');
    await second.ended;

    await start();
    const done = await until(id, ({ state }) => state !== 'running');
    expect(done).toMatchObject({ state: 'done', total: QUERIES, done: QUERIES, rejected: 3, problem: null });
    const { results } = jobResultsSchema.parse(await (await fetch(`${url}/v1/jobs/${id}/results`)).json());
    expect(results.map(({ query }) => query)).toEqual(queries);
    const smiles = await (await fetch(`${url}/v1/jobs/${id}/results?format=smiles`)).text();
    expect(smiles.trim().split('\n')).toHaveLength(3 * (QUERIES - 3));
  });

  it('has its folder for itself: another service is refused it, or goes without where it asked for none', async () => {
    const refused = await world.run(['serve', '--bundle', 'one', '--port', '0', '--jobs', 'kept']);
    expect([refused.code === 0, errorCode(refused)]).toEqual([false, 'BUNDLE_BUSY']);
    const [one, two] = [0, 1].map(() => world.start(['serve', '--bundle', 'one', '--port', '0']));
    await Promise.all([one!.said(/listens on/), two!.said(/listens on/)]);
    for (const running of [one!, two!]) running.child.kill('SIGTERM');
    const said = (await Promise.all([one!.ended, two!.ended])).map(({ code, stderr }) => `${code} ${stderr.includes('kept in memory')}`);
    expect(said.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['0 false', '0 true']);
  });
});
