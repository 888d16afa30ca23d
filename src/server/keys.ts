/** API keys: who may ask. Hashes alone are kept, so a key file that others can read lets nobody in. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { IsoLensError } from '../core/index.ts';
import { isThisMachine } from './hosts.ts';
import { keyNameOf, noteKey } from './requests.ts';

/** Tells people and scanners for secrets what it is. */
const PREFIX = 'isolens_';
/** Nobody guesses 256 bits: a plain hash protects them, and comparing costs nothing. */
const KEY_BYTES = 32;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const HASH = /^[0-9a-f]{64}$/i;
const CHALLENGE = 'Bearer realm="isolens"';

interface Entry {
  readonly name: string;
  readonly hash: Buffer;
}

export class ApiKeys {
  private readonly entries: readonly Entry[];

  /** `source` is named in errors. */
  constructor(text: string, source: string) {
    this.entries = parse(text, source);
  }

  /** undefined where the key is not known. Every hash is compared, so the time tells nothing. */
  nameOf(key: string): string | undefined {
    const hash = hashOf(key);
    let name: string | undefined;
    for (const entry of this.entries) if (timingSafeEqual(entry.hash, hash)) name = entry.name;
    return name;
  }
}

/** A new key, and the line of the key file that lets it in. */
export function makeApiKey(name: string): { readonly key: string; readonly line: string } {
  if (!NAME.test(name)) {
    throw new IsoLensError('ARGUMENT_INVALID', `Expected a name of at most 64 letters, digits, dots, dashes and underscores but received ${JSON.stringify(name)}.`);
  }
  const key = `${PREFIX}${randomBytes(KEY_BYTES).toString('base64url')}`;
  return { key, line: `${name} ${hashOf(key).toString('hex')}` };
}

/** Notes whose key came with a request; refuses nothing. */
export function identify(keys: ApiKeys): RequestHandler {
  return (request, response, next) => {
    const key = bearerOf(request);
    const name = key === undefined ? undefined : keys.nameOf(key);
    if (name !== undefined) noteKey(response, name);
    next();
  };
}

/** Refuses a request without a known key. */
export const requireKey: RequestHandler = (request, response, next) => {
  if (keyNameOf(response) !== undefined) return next();
  const isMissing = bearerOf(request) === undefined;
  response.setHeader('WWW-Authenticate', isMissing ? CHALLENGE : `${CHALLENGE}, error="invalid_token"`);
  if (isMissing) throw new IsoLensError('KEY_MISSING', 'Expected the header "Authorization: Bearer KEY" but received none; ask whoever runs this service for a key.');
  throw new IsoLensError('KEY_INVALID', 'Expected an API key of this service but received another; ask whoever runs this service for a key.');
};

/** The same, but for programs on this machine. What a proxy passes on comes from elsewhere. */
export const requireKeyFromElsewhere: RequestHandler = (request, response, next) => {
  const isPassedOn = ['forwarded', 'via', 'x-forwarded-for'].some((name) => request.headers[name] !== undefined);
  if (!isPassedOn && isThisMachine(request.socket.remoteAddress ?? '')) return next();
  return requireKey(request, response, next);
};

function bearerOf(request: Request): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

function parse(text: string, source: string): Entry[] {
  const entries: Entry[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/).map((line) => line.trim());
  for (const [i, line] of lines.entries()) {
    if (line === '' || line.startsWith('#')) continue;
    // A line may hold a key by mistake: it is never shown.
    const refuse = (expected: string): never => {
      throw new IsoLensError('RECORD_INVALID', `Expected ${expected} in line ${i + 1} of ${source}; "isolens key NAME" prints a line that fits.`, { details: { line: i + 1 } });
    };
    const [name = '', hash = '', ...more] = line.split(/\s+/);
    if (!NAME.test(name) || !HASH.test(hash) || more.length > 0) refuse('a name and the SHA-256 of its key in hexadecimal');
    if (entries.some((entry) => entry.name === name)) refuse('another name than in the lines before');
    entries.push({ name, hash: Buffer.from(hash, 'hex') });
  }
  if (entries.length === 0) throw new IsoLensError('RECORD_INVALID', `Expected at least one key in ${source} but it holds none; "isolens key NAME" makes one.`);
  return entries;
}
