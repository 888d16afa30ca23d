/** How answers are sent: compressed, and not at all where the client has them. */
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliDecompressSync, createBrotliDecompress, createGunzip, gunzipSync } from 'node:zlib';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compressing } from '../../src/server/compressing.ts';
import { startApp } from './fake-service.ts';
import type { RunningApp } from './fake-service.ts';

let app: RunningApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

interface Sent {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As it came over the wire. */
  readonly bytes: Buffer;
}

/** fetch would unpack the answer. */
function ask(path: string, headers: Record<string, string> = {}, body?: string): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const sent = request(`${app.url}${path}`, { method: body === undefined ? 'GET' : 'POST', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, bytes: Buffer.concat(chunks) }));
    });
    sent.on('error', reject).end(body);
  });
}

describe('compression', () => {
  it('packs what is large, in the way that the client reads, and says so', async () => {
    const plain = await ask('/openapi.json');
    const packed = await ask('/openapi.json', { 'accept-encoding': 'gzip' });
    const better = await ask('/openapi.json', { 'accept-encoding': 'gzip, br' });
    expect([plain, packed, better].map(({ headers }) => headers['content-encoding'])).toEqual([undefined, 'gzip', 'br']);
    for (const { headers } of [plain, packed, better]) expect(headers.vary).toMatch(/accept-encoding/i);
    expect(gunzipSync(packed.bytes).equals(plain.bytes)).toBe(true);
    expect(brotliDecompressSync(better.bytes).equals(plain.bytes)).toBe(true);
    expect(packed.bytes.length * 5).toBeLessThan(plain.bytes.length);
  });

  it('leaves alone what is small', async () => {
    for (const path of ['/healthz', '/v1/molecules/M-1', '/v1/nothing']) {
      expect((await ask(path, { 'accept-encoding': 'gzip' })).headers['content-encoding'], path).toBeUndefined();
    }
  });

  it('packs files of structures as well, piece by piece', async () => {
    const records = Array.from({ length: 200 }, (_, i) => ({ smiles: 'CCO', id: `M-${i}` }));
    const body = JSON.stringify({ format: 'sdf', records });
    const json = { 'content-type': 'application/json' };
    const [plain, packed] = [await ask('/v1/export', json, body), await ask('/v1/export', { ...json, 'accept-encoding': 'gzip' }, body)];
    expect([packed.status, packed.headers['content-encoding'], packed.headers['content-type']]).toEqual([200, 'gzip', plain.headers['content-type']]);
    expect(gunzipSync(packed.bytes).equals(plain.bytes)).toBe(true);
  });

  it('sends each piece when it is made', async () => {
    let second = (): void => {};
    const pieces = express().use(compressing()).get('/', async (_request, response) => {
      response.type('application/x-ndjson').write('first\n');
      await new Promise<void>((resolve) => (second = resolve));
      response.end('second\n');
    });
    const server = pieces.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      for (const [encoding, unpack] of [['gzip', createGunzip()], ['br', createBrotliDecompress()]] as const) {
        const sent = request({ port: (server.address() as AddressInfo).port, headers: { 'accept-encoding': encoding } }).end();
        const [response] = (await once(sent, 'response')) as [IncomingMessage];
        expect(response.headers['content-encoding']).toBe(encoding);
        const [first] = (await once(response.pipe(unpack), 'data')) as [Buffer];
        expect(first.toString()).toMatch(/^first\n/);
        second();
        await once(unpack.resume(), 'end');
      }
    } finally {
      server.close();
    }
  });
});

describe('what a client has', () => {
  const KEPT = ['/v1/indexes', '/v1/indexes/demo', '/v1/indexes/demo/map', '/v1/molecules/M-1', '/v1/molecules/M-1/depiction.svg?width=100'];

  it('is not sent again', async () => {
    const tags = new Set<string>();
    for (const path of KEPT) {
      const first = await ask(path);
      const tag = first.headers.etag!;
      expect(tag, path).toMatch(/^W\/"/);
      tags.add(tag);
      const again = await ask(path, { 'if-none-match': `"other", ${tag}` });
      expect([again.status, again.bytes.length, again.headers.etag, again.headers['cache-control']], path).toEqual([304, 0, tag, 'private, no-cache']);
      expect((await ask(path, { 'if-none-match': '"other"' })).status, path).toBe(200);
    }
    expect(tags.size).toBe(KEPT.length);
  });

  it('is sent again once the library is built anew', async () => {
    const { etag = '' } = (await ask('/v1/molecules/M-1')).headers;
    const known = app.service.indexes();
    const { indexes } = app.service;
    app.service.indexes = () => known.map((one) => ({ ...one, generation: 'g2' }));
    expect((await ask('/v1/molecules/M-1', { 'if-none-match': etag })).status).toBe(200);
    app.service.indexes = indexes;
    expect((await ask('/v1/molecules/M-1', { 'if-none-match': etag })).status).toBe(304);
  });

  it('is never what was not there', async () => {
    const { status, headers } = await ask('/v1/molecules/nobody', { 'if-none-match': '*' });
    expect([status, headers['cache-control']]).toEqual([404, 'no-store']);
    expect((await ask('/v1/molecules/M-1', { 'if-none-match': '*' })).status).toBe(304);
  });
});
