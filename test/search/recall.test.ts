/** Filters hold the recall: a filtered top-k is what comparing with every allowed molecule gives. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIndex, indexBackend } from '../../src/ann/index.ts';
import { Gallery } from '../../src/bundle/index.ts';
import type { Bundle } from '../../src/bundle/index.ts';
import { DESCRIPTOR_NAMES, ERG_WIDTH } from '../../src/chem/index.ts';
import type { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS, createRng, l2Normalise, matrixOf, rowOf } from '../../src/core/index.ts';
import type { Rng } from '../../src/core/index.ts';
import { ProfilesBuilder } from '../../src/score/index.ts';
import type { Profile } from '../../src/score/index.ts';
import { LocalLibrary } from '../../src/search/local-library.ts';
import { Ranking } from '../../src/search/ranking.ts';
import { anyScore } from '../score/support.ts';

const ROWS = 12_000;
const FAMILIES = 300;
const DIMENSION = 16;
const K = 20;

/** Families of molecules that are alike in everything, each member a little different in each. */
function libraryOf(rng: Rng): { vectors: Float32Array; rows: Profile[] } {
  const vectors = new Float32Array(ROWS * DIMENSION);
  const centres = Array.from({ length: FAMILIES }, () => ({
    vector: Array.from({ length: DIMENSION }, () => rng.normal()), bits: [0, 1, 2].map(() => Array.from({ length: 45 }, () => rng.int(2048))), pairs: Array.from({ length: 40 }, () => rng.int(ERG_WIDTH)), weight: 250 + 150 * rng.next(),
  }));
  const rows = Array.from({ length: ROWS }, (_, row): Profile => {
    const centre = centres[rng.int(FAMILIES)]!;
    centre.vector.forEach((value, d) => (vectors[row * DIMENSION + d] = value + 0.5 * rng.normal()));
    const bits = centre.bits.map((list) => {
      const packed = new Uint8Array(256);
      for (const bit of list) {
        const kept = rng.next() < 0.75 ? bit : rng.int(2048);
        packed[kept >> 3]! |= 1 << (kept & 7);
      }
      return packed;
    }) as [Uint8Array, Uint8Array, Uint8Array];
    const pharmacophore = new Uint8Array(ERG_WIDTH);
    for (const pair of centre.pairs) pharmacophore[rng.next() < 0.8 ? pair : rng.int(ERG_WIDTH)] = 10 + rng.int(20);
    // The first property is what the filters below ask for; it has nothing to do with being alike.
    const descriptors = Float32Array.from(DESCRIPTOR_NAMES, (name) => (name === 'molecularWeight' ? centre.weight + 20 * rng.normal() : name === 'stereoCentres' ? rng.int(10_000) : 3));
    return { ecfp4: bits[0], atomPair: bits[1], torsion: bits[2], pharmacophore, descriptors, scaffold: `s${row % 977}` };
  });
  return { vectors, rows };
}

describe('filtered search', () => {
  let ranking: Ranking;
  let library: LocalLibrary;
  let rows: Profile[];
  let vectors: ReturnType<typeof matrixOf>;
  beforeAll(() => {
    const made = libraryOf(createRng(11));
    rows = made.rows;
    vectors = l2Normalise(matrixOf(made.vectors, DIMENSION));
    const gallery = new Gallery('structure', vectors, buildIndex(indexBackend('hnsw'), vectors, {}, SILENT_PROGRESS));
    const builder = new ProfilesBuilder(vectors);
    rows.forEach((profile, row) => builder.set(row, profile));
    const bundle = { manifest: { count: ROWS }, close: () => {}, vectors, index: gallery.index, galleries: [gallery], profiles: builder.profiles.table, molecules: { rowOfScaffold: (scaffold: string) => Number(scaffold.slice(1)) } };
    library = new LocalLibrary(bundle as unknown as Bundle, anyScore(), undefined);
    ranking = new Ranking(library, { chem: {} as ChemPool });
  }, 300_000);
  afterAll(() => library.close());

  const ask = async (row: number, properties: string[], exact: boolean, extra: object = {}): Promise<number[]> => {
    const profile = rows[row]!;
    const { candidates } = await ranking.rank({ vector: rowOf(vectors, row), pairing: { tower: 'structure', gallery: { tower: 'structure', place: 0 }, isUsual: true }, smiles: null, profile, stored: undefined }, { k: K, mode: 'default', filters: { properties, ...extra }, excluded: [], exact, efSearch: undefined, reasons: false });
    return candidates.map((candidate) => candidate.row);
  };

  it.each([['nothing', 10_000], ['50 %', 5000], ['10 %', 1000], ['1 %', 100], ['0.1 %', 10]])('finds what exact search finds: %s', { timeout: 300_000 }, async (_name, below) => {
    const properties = below === 10_000 ? [] : [`stereo<${below}`];
    let [found, wanted] = [0, 0];
    for (let q = 0; q < 25; q++) {
      const row = (q * 479) % ROWS;
      const expected = new Set(await ask(row, properties, true));
      wanted += expected.size;
      for (const one of await ask(row, properties, false)) if (expected.has(one)) found++;
      expect(expected.size).toBe(Math.min(K, below === 10_000 ? K : rows.filter(({ descriptors }) => descriptors[DESCRIPTOR_NAMES.indexOf('stereoCentres')]! < below).length));
    }
    expect(found / wanted).toBeGreaterThanOrEqual(0.98);
  });

  it('reaches further where one of each scaffold is asked for', async () => {
    const found = await ask(5, ['stereo<5000'], false, { onePerScaffold: true });
    expect(found).toHaveLength(K);
    expect(new Set(found.map((row) => row % 977)).size).toBe(K);
  });
});
