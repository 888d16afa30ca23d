import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobStore, MoleculeWriter } from '../../src/store/index.ts';
import type { NewJob, StoredResult } from '../../src/store/index.ts';

let folder = '';
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'jobs-')); });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const job = (id: string, texts: readonly string[] = ['a', 'b', 'c']): NewJob => ({ id, kind: 'search', createdAt: `made ${id}`, index: 'demo', generation: 'g1', options: { k: 3 }, queries: texts.map((text, i) => ({ id: `q${i}`, text })) });
const outcome = { isRejected: false, workedMs: 10, columns: null };
const all = async (store: JobStore, id: string, offset = 0, limit = 100): Promise<StoredResult[]> => {
  const found: StoredResult[] = [];
  for await (const result of store.results(id, offset, limit)) found.push(result);
  return found;
};

describe('the store of jobs', () => {
  it('keeps jobs, their order, and what was found, over a restart', async () => {
    const path = join(folder, 'kept.sqlite');
    const first = new JobStore(path);
    for (const id of ['one', 'two']) first.add(job(id));
    expect(() => first.add(job('one'))).toThrow();
    expect(first.next('search')?.id).toBe('one');
    first.change('two', { state: 'running', startedAt: 'then' });
    expect(first.next('search')?.id).toBe('two');
    await first.addOutcome('two', 0, { response: { hits: [1, 2] } }, { isRejected: false, workedMs: 12, columns: ['x'] });
    await first.addOutcome('two', 1, { problem: 'ü\u2028' }, { isRejected: true, workedMs: 8, columns: ['x', 'y'] });
    first.close();
    const second = new JobStore(path);
    expect(second.list().map(({ id }) => id)).toEqual(['two', 'one']);
    expect(second.find('two')).toEqual({
      id: 'two', kind: 'search', stage: null, state: 'running', createdAt: 'made two', startedAt: 'then', finishedAt: null, total: 3, done: 2, rejected: 1, workedMs: 20, index: 'demo', generation: 'g1',
      options: { k: 3 }, columns: ['x', 'y'], problem: null,
    });
    expect(second.nextQuery('two')).toEqual({ position: 2, id: 'q2', text: 'c' });
    expect(await all(second, 'two')).toEqual([
      { position: 0, id: 'q0', text: 'a', outcome: { response: { hits: [1, 2] } } }, { position: 1, id: 'q1', text: 'b', outcome: { problem: 'ü\u2028' } },
    ]);
    expect((await all(second, 'two', 1, 1)).map(({ id }) => id)).toEqual(['q1']);
    second.change('two', { state: 'done', startedAt: 'later', finishedAt: 'end' });
    expect(second.find('two')).toMatchObject({ state: 'done', startedAt: 'then', finishedAt: 'end' });
    second.remove('two');
    expect([second.find('two'), await all(second, 'two')]).toEqual([undefined, []]);
    second.close();
  });

  it('keeps how far an index is, beside the lists of queries, and what was made', () => {
    const store = new JobStore(':memory:');
    store.add(job('list'));
    store.add({ ...job('library', []), kind: 'index', generation: '' });
    expect([store.next('search')?.id, store.next('index')?.id]).toEqual(['list', 'library']);
    const progress = { stage: 'molecules', done: 10, total: 40, workedMs: 5 };
    store.progress('library', progress);
    expect(store.find('library')).toMatchObject({ done: 0, stage: null });
    store.change('library', { state: 'running' });
    store.progress('library', progress);
    expect(store.find('library')).toMatchObject({ kind: 'index', ...progress });
    store.published('library', { generation: 'g2', records: 40, rejected: 2 });
    expect(store.find('library')).toMatchObject({ generation: 'g2', stage: null, done: 40, total: 40, rejected: 2 });
    store.close();
  });

  it('counts an outcome once, and none of a job that was cancelled or removed', async () => {
    const store = new JobStore(':memory:');
    store.add(job('x'));
    await store.addOutcome('x', 0, {}, outcome);
    expect(store.find('x')).toMatchObject({ state: 'waiting', done: 0 });
    store.change('x', { state: 'running' });
    await Promise.all([store.addOutcome('x', 0, 1, outcome), store.addOutcome('x', 0, 2, outcome)]);
    expect(store.find('x')!.done).toBe(1);
    const late = store.addOutcome('x', 1, 3, outcome);
    store.change('x', { state: 'cancelled', problem: { code: 'WHY' } });
    await late;
    expect(store.find('x')).toMatchObject({ done: 1, problem: { code: 'WHY' } });
    store.remove('x');
    await store.addOutcome('x', 2, 3, outcome);
    expect(store.list()).toEqual([]);
  });

  it('belongs to one service at a time', () => {
    const path = join(folder, 'locked.sqlite');
    const first = new JobStore(path);
    expect(() => new JobStore(path)).toThrow(expect.objectContaining({ code: 'BUNDLE_BUSY' }) as Error);
    first.close();
    new JobStore(path).close();
  });

  it('refuses what is no store of jobs, and one of a later program', () => {
    const path = (name: string): string => join(folder, name);
    writeFileSync(path('text.sqlite'), 'this is a text and no database, and it is long enough to be looked at as one'.repeat(20));
    expect(() => new JobStore(path('text.sqlite'))).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }) as Error);
    new MoleculeWriter(path('molecules.sqlite')).close();
    expect(() => new JobStore(path('molecules.sqlite'))).toThrow(/store of jobs/);
    new JobStore(path('later.sqlite')).close();
    const later = new Database(path('later.sqlite'));
    later.pragma('user_version = 99');
    later.close();
    expect(() => new JobStore(path('later.sqlite'))).toThrow(expect.objectContaining({ code: 'BUNDLE_INCOMPATIBLE' }) as Error);
    expect(() => new JobStore(join(folder, 'nowhere', 'jobs.sqlite'))).toThrow();
  });
});
