/** What the HTTP layer itself decides about replacements; chemistry is in test/replacements and test/cli. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { replacementResponseSchema } from '../../src/api/index.ts';
import { problemIn, startApp } from './fake-service.ts';
import type { RunningApp } from './fake-service.ts';

let app: RunningApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const ask = (body: unknown, type = 'application/json', query = ''): Promise<Response> => fetch(`${app.url}/v1/replacements${query}`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers: { 'content-type': type } });

it('answers in the documented shape', async () => {
  const response = await ask({ smiles: 'CCO', atoms: [2], k: 3, index: 'demo' });
  expect(response.status).toBe(200);
  expect(replacementResponseSchema.parse(await response.json())).toMatchObject({ query: { smiles: 'CCO' }, index: 'demo' });
});

it('tells what is wrong with a request, and logs no structure', async () => {
  for (const body of [{}, { smiles: 7 }, { smiles: 'CCO', atoms: [] }, { smiles: 'CCO', atoms: [-1] }, { smiles: 'CCO', atoms: [0.5] }, { smiles: 'CCO', atoms: '2' }, { smiles: 'CCO', k: 0 }, { smiles: 'CCO', k: 201 }, { smiles: 'CCO', more: 1 }, [], '{']) {
    expect(await problemIn(await ask(body)), JSON.stringify(body)).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  }
  expect(await problemIn(await ask({ smiles: 'CCO' }, 'text/plain'))).toMatchObject({ status: 415, code: 'MEDIA_TYPE_UNSUPPORTED' });
  expect(await problemIn(await ask({ smiles: 'CCO' }, 'application/json', '?k=3'))).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  expect(await problemIn(await ask({ smiles: 'CCO', atoms: [9] }))).toMatchObject({ status: 422, code: 'ATOM_NOT_FOUND', instance: '/v1/replacements' });
  expect(JSON.stringify(app.log)).not.toContain('CCO');
});
