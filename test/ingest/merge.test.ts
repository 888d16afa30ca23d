import { describe, expect, it } from 'vitest';
import { Merger } from '../../src/ingest/build/merge.ts';
import { NO_NOTICES } from '../../src/ingest/build/shard.ts';
import type { Shard } from '../../src/ingest/build/shard.ts';

/** One record for each pair of identifier and molecule. */
function shardOf(pairs: readonly (readonly [id: string, molecule: string])[]): Shard {
  return {
    records: pairs.length, rejects: [], notices: NO_NOTICES, vectors: new Float32Array(0),
    entries: pairs.map(([id, inchiKey], ordinal) => ({ ordinal, id, names: [], smiles: inchiKey, inchiKey, scaffold: '', properties: {} })),
    columns: {},
  };
}

function idsOf(pairs: readonly (readonly [string, string])[]): Record<string, readonly string[]> {
  const shard = shardOf(pairs);
  const merger = new Merger();
  merger.accept(shard);
  return Object.fromEntries(merger.molecules(shard).map(({ inchiKey, ids }) => [inchiKey, ids]));
}

describe('identifiers that repeat', () => {
  it('get numbers, and a molecule that comes back keeps its own', () => {
    const ids = idsOf([['x', 'A'], ['x', 'B'], ['x', 'C'], ['x', 'B'], ['x', 'A'], ['x', 'D']]);
    expect(ids).toEqual({ A: ['x'], B: ['x~2'], C: ['x~3'], D: ['x~4'] });
  });

  it('pass over those that the library uses itself', () => {
    expect(idsOf([['x', 'A'], ['x~2', 'B'], ['x', 'C'], ['x~3', 'D'], ['x', 'E'], ['x~2', 'F']])).toEqual({
      A: ['x'], B: ['x~2'], C: ['x~3'], D: ['x~3~2'], E: ['x~4'], F: ['x~2~2'],
    });
  });

  it('cost no more when all are equal', () => {
    const count = 50_000;
    const shard = shardOf(Array.from({ length: count }, (_, i) => ['same', `M${i}`] as const));
    const merger = new Merger();
    const started = performance.now();
    merger.accept(shard);
    // Trying every number for each record would take minutes.
    expect(performance.now() - started).toBeLessThan(5000);
    expect(merger.renamedIds).toBe(count - 1);
    expect(new Set(merger.molecules(shard).flatMap(({ ids }) => ids)).size).toBe(count);
  });
});
