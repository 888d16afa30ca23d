/** Which database is meant: an address such as postgres://user:password@host:5432/database. Its password is never shown. */
import { IsoLensError } from '../core/index.ts';

/** A database, and how it may be called in messages. */
export interface DatabasePlace {
  /** As the driver takes it; holds the password. */
  readonly url: string;
  /** Host, port and database alone. */
  readonly shown: string;
  /** Words that no message may hold, each at least one character long. */
  readonly secrets: readonly string[];
}

const EXPECTED = 'an address such as postgres://user@host:5432/database';

/** Whether a text is meant as an address of a database, right or wrong. */
export function isDatabaseAddress(text: string): boolean {
  return /^postgres(ql)?:/i.test(text);
}

/** Reads an address of a database; ARGUMENT_INVALID, which does not repeat the text, for anything else. */
export function databasePlace(text: string): DatabasePlace {
  const url = parsed(text, EXPECTED);
  if (segmentsOf(url).length > 1) throw new IsoLensError('ARGUMENT_INVALID', `Expected ${EXPECTED}, but its path has more than the name of one database.`);
  return placeOf(url);
}

/** Reads postgres://host/database/library; without a library's name it is `undefined`. */
export function libraryPlace(text: string): { readonly place: DatabasePlace; readonly name: string | undefined } {
  const url = parsed(text, `${EXPECTED}/library`);
  const [database, name, ...more] = segmentsOf(url);
  if (more.length > 0) throw new IsoLensError('ARGUMENT_INVALID', `Expected ${EXPECTED}/library, but its path has more than two names.`);
  url.pathname = `/${database ?? ''}`;
  return { place: placeOf(url), name: name === undefined ? undefined : decodeURIComponent(name) };
}

/** A text without the passwords of a place, however they are written. */
export function withoutSecrets(text: string, { secrets }: DatabasePlace): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text);
}

function parsed(text: string, expected: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'postgres:' && url?.protocol !== 'postgresql:') throw new IsoLensError('ARGUMENT_INVALID', `Expected ${expected} but received something else.`);
  return url;
}

function segmentsOf(url: URL): string[] {
  return url.pathname.split('/').filter((segment) => segment !== '');
}

function placeOf(url: URL): DatabasePlace {
  const passwords = [url.password, ...url.searchParams.getAll('password')];
  const secrets = [...new Set(passwords.flatMap((password) => [password, decoded(password)]))].filter((secret) => secret !== '');
  return { url: url.href, shown: `${url.hostname === '' ? 'localhost' : url.hostname}:${url.port === '' ? '5432' : url.port}${url.pathname}`, secrets };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
