import { describe, expect, it } from 'vitest';
import { workerEntry } from '../../src/core/index.ts';

describe('workerEntry', () => {
  const source = new URL('../../src/chem/pool.ts', import.meta.url).href;
  const compiled = new URL('../../dist/chem/pool.js', import.meta.url).href;
  const worker = new URL('../../dist/chem/worker.js', import.meta.url).href;

  it('finds the compiled worker from source and from dist', () => {
    expect(workerEntry(source, './worker.ts').href).toBe(worker);
    expect(workerEntry(compiled, './worker.ts').href).toBe(worker);
  });

  it('says what to do when it is not built', () => {
    expect(() => workerEntry(source, './nowhere.ts')).toThrow(/npm run build/);
  });
});
