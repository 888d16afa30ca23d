/** Who may ask a service, and how often. */
import { readFile } from 'node:fs/promises';
import { IsoLensError, toIsoLensError } from '../core/index.ts';
import { ApiKeys, listensHereAlone, parseHost } from '../server/index.ts';
import type { HostRule } from '../server/index.ts';
import type { Context } from './context.ts';

/** From one client, where a service listens beyond its machine and nothing else was asked for: the page asks for every drawing by itself. */
const REQUESTS_PER_MINUTE = 3000;

export interface AccessOptions {
  readonly host: string;
  /** Names beside the address under which it is asked. */
  readonly allowHost?: readonly string[] | undefined;
  /** Requests a minute; 0 for no limit. */
  readonly rateLimit?: number | undefined;
  /** Path of the key file. */
  readonly apiKeys?: string | undefined;
}

export interface Access {
  readonly hosts: HostRule;
  readonly keys: ApiKeys | undefined;
  readonly requestsPerMinute: number | undefined;
}

export async function readAccess(context: Context, { host, allowHost = [], rateLimit, apiKeys }: AccessOptions): Promise<Access> {
  const unknown = allowHost.find((name) => parseHost(name) === undefined);
  if (unknown !== undefined) throw new IsoLensError('ARGUMENT_INVALID', `Expected a host name such as isolens.example.org, with or without :port, for --allow-host but received ${JSON.stringify(unknown)}.`);
  const isAlone = listensHereAlone(host);
  const keys = apiKeys === undefined ? undefined : new ApiKeys(await textOf(apiKeys), apiKeys);
  if (keys === undefined && !isAlone) {
    context.progress.warn(`whoever reaches ${host} can search without a key; "isolens key NAME" makes keys, and --api-keys asks for them.`);
  }
  const wanted = rateLimit ?? (isAlone ? 0 : REQUESTS_PER_MINUTE);
  return { hosts: { listening: host, allowed: allowHost }, keys, requestsPerMinute: wanted === 0 ? undefined : wanted };
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    throw toIsoLensError(thrown, 'FILE_UNREADABLE');
  }
}
