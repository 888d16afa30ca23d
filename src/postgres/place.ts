/**
 * Which database is meant: an address such as postgres://user:password@host:5432/database, or with several hosts that hold the same database, a
 * primary and its standbys, as postgres://user@host:5432,other:5432/database. Its password is never shown.
 */
import { IsoLensError } from '../core/index.ts';

/** A database, and how it may be called in messages. */
export interface DatabasePlace {
  /** An address a host, as the driver takes it, at least one; they hold the password. */
  readonly urls: readonly [string, ...string[]];
  /** Hosts, ports and database alone. */
  readonly shown: string;
  /** Words that no message may hold, each at least one character long. */
  readonly secrets: readonly string[];
}

const EXPECTED = 'an address such as postgres://user@host:5432/database';

/** Reads an address of a database; ARGUMENT_INVALID, which does not repeat the text, for anything else. */
export function databasePlace(text: string): DatabasePlace {
  const urls = parsed(text, EXPECTED);
  if (segmentsOf(urls[0]).length > 1) throw new IsoLensError('ARGUMENT_INVALID', `Expected ${EXPECTED}, but its path has more than the name of one database.`);
  return placeOf(urls);
}

/** Reads postgres://host/database/library; without a library's name it is `undefined`. */
export function libraryPlace(text: string): { readonly place: DatabasePlace; readonly name: string | undefined } {
  const urls = parsed(text, `${EXPECTED}/library`);
  const [database, name, ...more] = segmentsOf(urls[0]);
  if (more.length > 0) throw new IsoLensError('ARGUMENT_INVALID', `Expected ${EXPECTED}/library, but its path has more than two names.`);
  for (const url of urls) url.pathname = `/${database ?? ''}`;
  return { place: placeOf(urls), name: name === undefined ? undefined : decodeURIComponent(name) };
}

/** The hosts of a place, each as a place of its own. */
export function hostsOf({ urls }: DatabasePlace): DatabasePlace[] {
  return urls.map((url) => placeOf([new URL(url)]));
}

/** A text without the passwords of a place, however they are written. */
export function withoutSecrets(text: string, { secrets }: DatabasePlace): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text);
}

/** One address a host: a list of hosts is no URL. What comes before the last @ is the user's, and may hold any comma. */
function parsed(text: string, expected: string): [URL, ...URL[]] {
  const [, before = '', hosts = '', after = ''] = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/is.exec(text) ?? [];
  const texts = hosts.split(',').map((host) => `${before}${host}${after}`);
  const isList = before !== '' && (texts.length === 1 || hosts.split(',').every((host) => host !== ''));
  if (!isList || !texts.every((one) => URL.canParse(one))) throw new IsoLensError('ARGUMENT_INVALID', `Expected ${expected} but received something else.`);
  return texts.map((one) => new URL(one)) as [URL, ...URL[]];
}

function segmentsOf(url: URL): string[] {
  return url.pathname.split('/').filter((segment) => segment !== '');
}

function placeOf(urls: readonly [URL, ...URL[]]): DatabasePlace {
  const passwords = urls.flatMap(({ password, searchParams }) => [password, ...searchParams.getAll('password')]);
  const secrets = [...new Set(passwords.flatMap((password) => [password, decoded(password)]))].filter((secret) => secret !== '');
  const hosts = urls.map(({ hostname, port }) => `${hostname === '' ? 'localhost' : hostname}:${port === '' ? '5432' : port}`);
  return { urls: urls.map(({ href }) => href) as [string, ...string[]], shown: `${hosts.join(',')}${urls[0].pathname}`, secrets };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
