import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { PostgresLibrary, databasePlace, libraryPlace } from '../../src/postgres/index.ts';
import { half, halfvec, textArray } from '../../src/postgres/binary.ts';
import { schemaName } from '../../src/postgres/schema.ts';
import { PGliteServer } from './pglite-server.ts';
import { describeDatabase } from './suite.ts';

describeDatabase('PGlite', () => PGliteServer.start(), { rows: 2000, dimension: 32 });

describe('a database that cannot be used', () => {
  const servers: Server[] = [];
  afterEach(() => { for (const server of servers.splice(0)) server.close(); });

  /** Answers the first message of a client with these bytes. */
  const answering = async (answer: Buffer): Promise<string> => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(answer));
    });
    servers.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    return `postgres://user:se%2Fcret@127.0.0.1:${(server.address() as AddressInfo).port}/db`;
  };
  const refusal = (sqlState: string, message: string): Buffer => {
    const fields = Buffer.from(`SFATAL\0C${sqlState}\0M${message}\0\0`);
    const head = Buffer.from('E\0\0\0\0');
    head.writeInt32BE(4 + fields.length, 1);
    return Buffer.concat([head, fields]);
  };
  const failure = async (url: string): Promise<{ code: string; message: string }> => (
    PostgresLibrary.open(databasePlace(url), 'any', { retries: 1, retryAfterMs: 1 }).then(() => { throw new Error('opened'); }, (error: { code: string; message: string }) => error)
  );

  it('is refused for a wrong password, which no message holds', async () => {
    const error = await failure(await answering(refusal('28P01', 'password authentication failed for user "user", se/cret, se%2Fcret')));
    expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE', message: expect.stringContaining('password authentication failed') });
    expect(JSON.stringify([error, error.message])).not.toMatch(/se(%2F|\/)cret/i);
  });

  it('is unavailable where there is none, where it hangs up, and while it starts', async () => {
    const url = await answering(Buffer.alloc(0));
    expect(await failure(url)).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    for (const server of servers.splice(0)) await new Promise((resolve) => { server.close(resolve); });
    expect(await failure(url)).toMatchObject({ code: 'DATABASE_UNAVAILABLE', message: expect.stringContaining('ECONNREFUSED') });
    expect(await failure(await answering(refusal('57P03', 'the database system is starting up')))).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  });

  it('is asked for at every host, and no message holds a password', async () => {
    const [closed, wrong] = [await answering(Buffer.alloc(0)), await answering(refusal('57P03', 'the database system is starting up, se/cret'))];
    const hosts = [closed, wrong].map((url) => new URL(url).host);
    const error = await failure(closed.replace(hosts[0]!, hosts.join(',')));
    expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE', message: expect.stringContaining('starting up') });
    for (const host of hosts) expect(error.message).toContain(host);
    expect(JSON.stringify([error, error.message])).not.toMatch(/se(%2F|\/)cret/i);
  });

  it('is found at another host where the first does not answer', async () => {
    const server = await PGliteServer.start();
    const { host } = new URL(await answering(Buffer.alloc(0)));
    const url = server.url.replace('127.0.0.1', `${host},127.0.0.1`);
    // The answer of the second: it has pgvector, but nobody has created it there.
    expect(await failure(url)).toMatchObject({ code: 'DATABASE_UNSUITABLE' });
    await server.close();
  });

  it('is unsuitable without pgvector', async () => {
    const server = await PGliteServer.start({ hasVector: false });
    expect(await failure(server.url)).toMatchObject({ code: 'DATABASE_UNSUITABLE', message: expect.stringContaining('vector') });
    await server.close();
  });

  it.each(['mysql://host/db', 'se/cret', 'postgres://u:secret@host/db/name/more'])('is not named by %s', (text) => {
    expect(() => databasePlace(text)).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID', message: expect.not.stringContaining('cret') }));
  });
});

describe('addresses and rows', () => {
  it('takes a library from the end of an address', () => {
    const { place, name } = libraryPlace('postgres://u:p@host:5433/db/my.lib');
    expect([place.shown, name, new URL(place.urls[0]).pathname]).toEqual(['host:5433/db', 'my.lib', '/db']);
    expect(libraryPlace('postgres://host/db').name).toBeUndefined();
  });

  it('takes several hosts, each with its port, and a password with any sign', () => {
    const { place, name } = libraryPlace('postgres://u:a,b%40c@one:5433,two,[::1]:5434/db/my.lib?sslmode=disable');
    expect([place.shown, name]).toEqual(['one:5433,two:5432,[::1]:5434/db', 'my.lib']);
    expect(place.urls).toEqual(['one:5433', 'two', '[::1]:5434'].map((host) => `postgres://u:a,b%40c@${host}/db?sslmode=disable`));
    expect(place.secrets).toEqual(['a,b%40c', 'a,b@c']);
    for (const text of ['postgres://one,,two/db', 'postgres://one,/db', 'postgres://one:x,two/db']) {
      expect(() => databasePlace(text), text).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
    }
  });

  it('gives every generation a schema of its own that PostgreSQL does not cut', () => {
    const names = ['demo', 'de-mo', 'de.mo', 'x'.repeat(64), `${'x'.repeat(63)}y`].map((name) => schemaName(name, '20261120T100000Z-0123abcd'));
    expect(names[0]).toBe('isolens_demo_20261120t100000z_0123abcd');
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^isolens_[a-z0-9_]{1,55}$/);
  });

  it('rounds to half precision as IEEE 754 does', () => {
    const known: [number, number][] = [[0, 0], [-0, 0x8000], [1, 0x3c00], [-2, 0xc000], [1 / 3, 0x3555], [65_504, 0x7bff], [65_520, 0x7c00], [2 ** -24, 1], [2 ** -25, 0], [1.5 * 2 ** -24, 2], [6.103_515_625e-5, 0x400], [1 + 2 ** -11, 0x3c00], [1 + 3 * 2 ** -11, 0x3c02]];
    for (const [value, bits] of known) expect(half(value), String(value)).toBe(bits);
    expect(halfvec(Float32Array.of(1, -2)).toString('hex')).toBe('000200003c00c000');
    expect(textArray([]).length).toBe(12);
  });
});
