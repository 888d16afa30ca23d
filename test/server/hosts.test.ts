/** A page elsewhere that points its own name at this service (DNS rebinding) gets nothing. */
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { parseHost } from '../../src/server/index.ts';
import { startApp } from './fake-service.ts';
import type { RunningApp } from './fake-service.ts';

/** Status and problem code for a Host header; fetch does not let one be chosen. */
function ask({ url }: RunningApp, host: string, path = '/v1/indexes'): Promise<{ status: number; code: string | undefined }> {
  return new Promise((resolve, reject) => {
    request(`${url}${path}`, { headers: { host } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (data: string) => (text += data));
      response.on('end', () => resolve({ status: response.statusCode!, code: /"code":"(\w+)"/.exec(text)?.[1] }));
    })
      .on('error', reject)
      .end();
  });
}

async function statuses(hosts: readonly string[], listening: string, allowed: readonly string[] = []): Promise<Record<string, number>> {
  const app = await startApp(undefined, { listening, allowed });
  const { port } = new URL(app.url);
  try {
    const answers = [];
    for (const host of hosts) {
      const { status, code } = await ask(app, host.replace('PORT', port));
      expect(code).toBe(status === 421 ? 'HOST_NOT_ALLOWED' : undefined);
      answers.push([host, status]);
    }
    return Object.fromEntries(answers) as Record<string, number>;
  } finally {
    await app.close();
  }
}

describe('the Host header', () => {
  it('must name this machine and the port, where the service listens on this machine alone', async () => {
    for (const listening of ['127.0.0.1', 'localhost', '::1']) {
      expect(
        await statuses(
          [
            'localhost:PORT',
            'LocalHost:PORT',
            'localhost.:PORT',
            '127.0.0.1:PORT',
            '[::1]:PORT',
            'localhost',
            '127.0.0.1:1',
            'evil.example',
            'evil.example:PORT',
            'localhost.evil.example:PORT',
            '192.168.1.7:PORT',
            'a b',
            '127.0.0.1:PORT:1',
            '[evil]:PORT',
          ],
          listening,
        ),
      ).toEqual({
        'localhost:PORT': 200,
        'LocalHost:PORT': 200,
        'localhost.:PORT': 200,
        '127.0.0.1:PORT': 200,
        '[::1]:PORT': 200,
        localhost: 421,
        '127.0.0.1:1': 421,
        'evil.example': 421,
        'evil.example:PORT': 421,
        'localhost.evil.example:PORT': 421,
        '192.168.1.7:PORT': 421,
        'a b': 421,
        '127.0.0.1:PORT:1': 421,
        '[evil]:PORT': 421,
      });
    }
  });

  it('may be any address, but no strange name, where others can reach it', async () => {
    for (const listening of ['0.0.0.0', '::', '192.168.1.7']) {
      expect(
        await statuses(
          ['192.168.1.7:PORT', '10.0.0.1:9000', '[fe80::1]:PORT', 'localhost:PORT', 'evil.example:PORT', '1.2.3.4.evil.example'],
          listening,
        ),
      ).toEqual({
        '192.168.1.7:PORT': 200,
        '10.0.0.1:9000': 200,
        '[fe80::1]:PORT': 200,
        'localhost:PORT': 200,
        'evil.example:PORT': 421,
        '1.2.3.4.evil.example': 421,
      });
    }
    expect(await statuses(['lab-server:PORT', 'other:PORT'], 'lab-server')).toEqual({ 'lab-server:PORT': 200, 'other:PORT': 421 });
  });

  it('may be a name that was allowed, at any port or at the one that was given', async () => {
    expect(
      await statuses(['isolens.lab', 'ISOLENS.lab:4000', 'tunnel:9000', 'tunnel:9001', 'tunnel', 'lab'], '127.0.0.1', [
        'IsoLens.lab',
        'tunnel:9000',
      ]),
    ).toEqual({ 'isolens.lab': 200, 'ISOLENS.lab:4000': 200, 'tunnel:9000': 200, 'tunnel:9001': 421, tunnel: 421, lab: 421 });
  });

  it('is looked at on every path, the page and unknown ones included', async () => {
    const app = await startApp();
    for (const path of ['/', '/healthz', '/openapi.json', '/v1/molecules/M-1', '/v1/search', '/nothing'])
      expect(await ask(app, 'evil.example', path)).toEqual({ status: 421, code: 'HOST_NOT_ALLOWED' });
    expect(app.log.filter(({ message }) => message === 'request').every(({ fields }) => fields['status'] === 421)).toBe(true);
    await app.close();
  });

  it('is taken apart', () => {
    expect(parseHost('a.b:80')).toEqual({ name: 'a.b', port: 80 });
    expect(parseHost('[::1]')).toEqual({ name: '::1', port: undefined });
    expect(parseHost('::1')).toEqual({ name: '::1', port: undefined });
    for (const wrong of ['', ':80', 'http://localhost', 'a/b', 'a:b', '*', 'a@b', '[1]', 'a:123456'])
      expect(parseHost(wrong), wrong).toBeUndefined();
  });
});
