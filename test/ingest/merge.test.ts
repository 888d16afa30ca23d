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
  return Object.fromEntries(merger.finished(shard).map(({ inchiKey, ids }) => [inchiKey, ids]));
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
    expect(new Set(merger.finished(shard).flatMap(({ ids }) => ids)).size).toBe(count);
  });
});

describe('spellings of one molecule', () => {
  const shard = (entries: readonly (readonly [id: string, smiles: string, extra?: string])[], first = 0): Shard => ({
    records: entries.length, rejects: [], notices: NO_NOTICES, vectors: new Float32Array(0), columns: {},
    entries: entries.map(([id, smiles, extra], i) => ({ ordinal: first + i, id, names: [`name of ${id}`], smiles, inchiKey: smiles.slice(0, 1), scaffold: '', properties: extra === undefined ? {} : { [extra]: `of ${id}` } })),
  });
  const merged = (shards: readonly Shard[]): Merger['finished'] extends (s: never) => infer R ? R : never => {
    const merger = new Merger();
    for (const one of shards) merger.accept(one);
    return shards.flatMap((one) => merger.finished(one));
  };

  it('that stays does not depend on the order of the library', () => {
    const records = [['1', 'A-one', 'p'], ['2', 'B', 'p'], ['3', 'A-two', 'q'], ['4', 'A-three'], ['5', 'A-one'], ['6', 'C']] as const;
    const kept = new Set<string>();
    for (let turn = 0; turn < records.length; turn++) {
      const turned = [...records.slice(turn), ...records.slice(0, turn)];
      const rows = merged([shard(turned.slice(0, 2)), shard(turned.slice(2), 2)]);
      expect(rows.map(({ row }) => row)).toEqual([0, 1, 2]);
      const a = rows.find(({ inchiKey }) => inchiKey === 'A')!;
      kept.add(a.smiles);
      expect([...a.ids].sort()).toEqual(['1', '3', '4', '5']);
      expect([...a.names].sort()).toEqual(['name of 1', 'name of 3', 'name of 4', 'name of 5']);
      expect(a.properties).toEqual({ p: 'of 1', q: 'of 3' });
    }
    expect(kept.size).toBe(1);
  });
});
