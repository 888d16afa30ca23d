import { describe, expect, it } from 'vitest';
import { ERROR_KINDS, IsoLensError, systemErrorCode, toIsoLensError } from '../../src/core/index.ts';

describe('error codes', () => {
  it('are UPPER_SNAKE with an HTTP status and a title', () => {
    for (const [code, { status, title }] of Object.entries(ERROR_KINDS)) {
      expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
      expect(status, code).toBeGreaterThanOrEqual(400);
      expect(status, code).toBeLessThan(600);
      expect(title, code).toMatch(/^[A-Z].*[^.]$/);
    }
  });

  it('carry status, title, details and cause', () => {
    const cause = new Error('why');
    const error = new IsoLensError('SMILES_VALENCE', 'Expected four bonds.', { details: { atoms: [2] }, cause });
    expect([error.status, error.title, error.details, error.cause, error.name]).toEqual([422, ERROR_KINDS.SMILES_VALENCE.title, { atoms: [2] }, cause, 'IsoLensError']);
    expect(new IsoLensError('INTERNAL', 'x').details).toEqual({});
  });
});

describe('toIsoLensError', () => {
  it('leaves our own errors as they are', () => {
    const error = new IsoLensError('CANCELLED', 'stopped');
    expect(toIsoLensError(error)).toBe(error);
  });

  it('knows a full disk and a missing file by their system codes', () => {
    const failure = (code: string): Error => Object.assign(new Error(code), { code });
    expect(toIsoLensError(failure('ENOSPC')).code).toBe('DISK_FULL');
    expect(toIsoLensError(failure('ENOENT')).code).toBe('FILE_NOT_FOUND');
    expect(toIsoLensError(failure('EACCES'), 'FILE_UNREADABLE').code).toBe('FILE_UNREADABLE');
  });

  it('takes whatever is thrown', () => {
    for (const [thrown, message] of [['text', 'text'], [undefined, 'undefined'], [null, 'null'], [7, '7'], [{ code: 3 }, '[object Object]']] as const) {
      expect(toIsoLensError(thrown)).toMatchObject({ code: 'INTERNAL', message });
      expect(systemErrorCode(thrown)).toBeUndefined();
    }
  });
});
