/** The client that programs and the page share, against the real routes. */
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwayError, IsoLensClient, ProblemError } from '../../src/client/index.ts';
import { HIT, startApp } from '../server/fake-service.ts';
import type { RunningApp } from '../server/fake-service.ts';

let app: RunningApp;
let client: IsoLensClient;
beforeAll(async () => {
  app = await startApp();
  client = new IsoLensClient({ baseUrl: app.url });
});
afterAll(() => app.close());

const blob = (text: string): Blob => new Blob([text]);

async function serving(handler: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe('IsoLensClient', () => {
  it('has a method for each operation of the document, under its name', async () => {
    const { paths } = (await client.getOpenApi()) as { paths: Record<string, Record<string, { operationId: string }>> };
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
    expect(operations.length).toBeGreaterThan(20);
    expect(operations.filter((name) => typeof client[name as keyof IsoLensClient] !== 'function')).toEqual([]);
  });

  it('asks with molecules, pictures, cells and tables', async () => {
    expect((await client.search({ query: { smiles: 'CCO' }, k: 3 })).hits[0]!.id).toBe(HIT.id);
    expect(app.service.asked.at(-1)).toMatchObject({ query: { kind: 'smiles', smiles: 'CCO' }, options: { k: 3 } });
    await client.searchByImage(blob('no picture'), { k: 4, forbid: ['nitro', 'azide'], via: 'both' });
    expect(app.service.asked.at(-1)).toMatchObject({ query: { kind: 'image', via: 'both' }, options: { k: 4, forbid: ['nitro', 'azide'] } });
    await client.searchByCells([blob('one'), blob('two')], { k: 2, requireHits: undefined } as object);
    expect(app.service.asked.at(-1)!.query).toMatchObject({ kind: 'sites', sites: [Buffer.from('one'), Buffer.from('two')] });
    await client.searchByProfile(blob('a,b'), { perturbation: 'DMSO' });
    expect(app.service.asked.at(-1)!.query).toMatchObject({ kind: 'wells', perturbation: 'DMSO' });
    expect((await client.embed({ smiles: ['CCO'] })).results).toEqual([{ embedding: [0.6, 0.8] }]);
    expect((await client.understand({ text: 'ethanol' })).smiles).toBe('CCO');
    expect((await client.read(blob('picture'), { structure: 1 })).smiles).toBe('C');
  });

  it('brings files, drawings, molecules and libraries', async () => {
    expect(await (await client.searchFile({ query: { smiles: 'CCO' } }, 'csv')).text()).toContain(HIT.id);
    expect(await (await client.export({ format: 'smiles', records: [{ smiles: 'CCO', id: 'x' }], name: 'one', provenance: {} })).text()).toContain('CCO');
    expect(await client.depict({ smiles: 'CCO', width: 123 })).toContain('width="123"');
    expect(await client.depictMolecule('A/B c%', { theme: 'dark' })).toContain('dark');
    expect((await client.getMolecule('A/B c%')).id).toBe('A/B c%');
    expect((await client.listIndexes()).map(({ name }) => name)).toEqual(['demo']);
    expect((await client.getIndex('demo')).name).toBe('demo');
    expect((await client.findPlaces('demo', { ids: [HIT.id] })).places).toEqual([[0.5, 0.25]]);
    expect((await client.getHealth()).status).toBe('ok');
    expect((await client.getReadiness()).status).toBe('ready');
    expect(await client.getMetrics()).toContain('# TYPE');
    expect((await client.getCapabilities()).version).toBe('1.2.3');
  });

  it('follows a job from its start to its removal', async () => {
    const { id } = await client.createJob({ queries: [{ text: 'CCO' }, { text: 'bad' }], options: { k: 2 } });
    const states: string[] = [];
    for await (const job of client.followJob(id)) states.push(job.state);
    expect(states.at(-1)).toBe('done');
    expect((await client.getJob(id)).state).toBe('done');
    await expect(client.followJob('nobody').next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const { results } = await client.getJobResults(id, { limit: 1 });
    expect(results).toHaveLength(1);
    expect(await (await client.jobFile(id, 'csv')).text()).toContain('CCO');
    expect((await client.listJobs()).map((job) => job.id)).toContain(id);
    expect(await client.removeJob(id)).toMatchObject({ deleted: true });
  });

  it('tells what the service refuses, and that none answers', async () => {
    const refused = await client.getMolecule('nobody').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ProblemError);
    expect(refused).toMatchObject({ code: 'NOT_FOUND', problem: { status: 404 } });
    await expect(new IsoLensClient({ baseUrl: 'http://127.0.0.1:9' }).getHealth()).rejects.toBeInstanceOf(AwayError);
    const { url, server } = await serving((_, response) => response.end('<html>a proxy speaks</html>'));
    await expect(new IsoLensClient({ baseUrl: url }).getHealth()).rejects.toBeInstanceOf(AwayError);
    server.close();
  });

  it('waits for a full queue as long as it is told to, unless it is called off, and sends its key', async () => {
    const keys: (string | undefined)[] = [];
    const { url, server } = await serving(({ headers }, response) => {
      keys.push(headers.authorization);
      if (keys.length === 2) response.end('{"status":"ok"}');
      else response.writeHead(503, { 'retry-after': '1', 'content-type': 'application/problem+json' }).end('{"code":"OVERLOADED","detail":"Busy.","status":503}');
    });
    const waiting = new IsoLensClient({ baseUrl: url, apiKey: 'secret' });
    const begun = performance.now();
    expect(await waiting.getHealth()).toEqual({ status: 'ok' });
    expect(performance.now() - begun).toBeGreaterThan(900);
    expect(keys).toEqual(['Bearer secret', 'Bearer secret']);
    await expect(new IsoLensClient({ baseUrl: url, tries: 1 }).getHealth()).rejects.toMatchObject({ code: 'OVERLOADED' });
    await expect(waiting.getHealth({ signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout|abort/i);
    server.close();
  });
});
