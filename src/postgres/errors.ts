/** What failures of a database mean to the user. */
import { IsoLensError, systemErrorCode } from '../core/index.ts';
import type { ErrorCode } from '../core/index.ts';
import { withoutSecrets } from './place.ts';
import type { DatabasePlace } from './place.ts';

/** Of the network, as Node.js calls them. */
const LOST = new Set(['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'ENOENT']);
/** Of the driver, which has no codes for them. */
const LOST_TEXT = /connection terminated|timeout expired|connection error|not queryable|query read timeout/i;
/** SQLSTATE classes and codes (PostgreSQL manual, appendix A) that another try may not meet. */
const PASSING = /^(08|53[23]|57P0|55006|40001|40P01)/;
const CODES: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [/^(28|3D000)/, 'DATABASE_UNAVAILABLE', 'check user, password and database'],
  [/^(57014|55P03)$/, 'DATABASE_UNAVAILABLE', 'it took too long; try again'],
  [/^(08|53[23]|57P0|55006|40001|40P01)/, 'DATABASE_UNAVAILABLE', 'try again'],
  [/^(25006|42501)$/, 'DATABASE_READ_ONLY', 'use a user and a server that may write'],
  [/^53100$/, 'DISK_FULL', 'free some of its disk and start again: finished parts are kept'],
  [/^(3F000|42P01)$/, 'BUNDLE_NOT_FOUND', 'the library was removed or replaced; start again'],
  [/^(0A000|42704|42883)$/, 'DATABASE_UNSUITABLE', 'it needs PostgreSQL 15 and pgvector 0.8 or later'],
];

/** Anything thrown while talking to a database, as a coded error without a password in it. `details.isPassing`: another try may succeed. */
export function databaseError(thrown: unknown, place: DatabasePlace, isWriting = true): IsoLensError {
  if (thrown instanceof IsoLensError) return thrown;
  const code = systemErrorCode(thrown) ?? '';
  const said = withoutSecrets(saidBy(thrown), place);
  const made = (kind: ErrorCode, passes: boolean, hint: string): IsoLensError => (
    new IsoLensError(kind, `Expected an answer of the database ${place.shown} but received ${said}; ${hint}.`, { details: { sqlState: code, isPassing: passes } })
  );
  if (code === 'ENOTFOUND') return made('DATABASE_UNAVAILABLE', false, 'check its address');
  if (LOST.has(code) || LOST_TEXT.test(said)) return made('DATABASE_UNAVAILABLE', true, 'check that it is running');
  if (code === '42501' && !isWriting) return made('DATABASE_UNAVAILABLE', false, 'grant this user USAGE of the schemas isolens* and SELECT on their tables');
  const known = CODES.find(([pattern]) => pattern.test(code));
  return known === undefined ? made('INTERNAL', false, 'nothing was changed') : made(known[1], PASSING.test(code), known[2]);
}

/** Whether another try may succeed. */
export function isPassing(error: unknown): boolean {
  return error instanceof IsoLensError && error.details['isPassing'] === true;
}

/** A refusal of a server that cannot do what is needed. */
export function unsuitable(place: DatabasePlace, expected: string, received: string): IsoLensError {
  return new IsoLensError('DATABASE_UNSUITABLE', `Expected ${expected} in the database ${place.shown} but received ${received}.`);
}

function saidBy(thrown: unknown): string {
  // A host with several addresses fails with one error for each.
  if (thrown instanceof AggregateError) return thrown.errors.map(saidBy).join(', ');
  return JSON.stringify(thrown instanceof Error ? thrown.message : String(thrown));
}
