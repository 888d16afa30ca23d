/** The native scans are the TypeScript ones, bit for bit; and a worker gives what either gives. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bitset } from '../../src/ann/index.ts';
import { ALERT_BYTES, DESCRIPTOR_NAMES, ERG_WIDTH } from '../../src/chem/index.ts';
import { createRng, l2Normalise, matrixOf } from '../../src/core/index.ts';
import type { Rng } from '../../src/core/index.ts';
import { FINGERPRINT_BYTES, ProfilesBuilder, TERMS, queryOf } from '../../src/score/index.ts';
import type { Profile, ProfileQuery, Profiles } from '../../src/score/index.ts';
import type { RowFilter } from '../../src/search/scan/define.ts';
import { NativeScanner } from '../../src/search/scan/native.ts';
import { PlainScanner } from '../../src/search/scan/plain.ts';
import { ScanPool } from '../../src/search/scan/pool.ts';
import { anyScore } from '../score/support.ts';

/** Few bits and values of few kinds, so that many rows are equal to a query and to each other. */
function profileOf(rng: Rng): Profile {
  const bits = (most: number): Uint8Array => {
    const packed = new Uint8Array(FINGERPRINT_BYTES);
    for (let n = rng.int(most + 1); n > 0; n--) packed[rng.int(8) * 32]! |= 1 << rng.int(8);
    return packed;
  };
  const pharmacophore = new Uint8Array(ERG_WIDTH);
  for (let n = rng.int(30); n > 0; n--) pharmacophore[rng.int(ERG_WIDTH)] = rng.int(256);
  const alerts = new Uint8Array(ALERT_BYTES);
  if (rng.next() < 0.3) alerts[rng.int(ALERT_BYTES)] = 1 << rng.int(8);
  return {
    ecfp4: bits(20), atomPair: bits(60), torsion: bits(3), pharmacophore, alerts, pattern: bits(40),
    descriptors: Float32Array.from(DESCRIPTOR_NAMES, () => Math.round(40 * rng.normal()) / 4), scaffold: rng.next() < 0.2 ? '' : `s${rng.int(9)}`,
  };
}

function profilesOf(rng: Rng, rows: number, dimension: number): Profiles {
  const builder = new ProfilesBuilder(l2Normalise(matrixOf(Float32Array.from({ length: rows * dimension }, () => rng.normal()), dimension)));
  for (let row = 0; row < rows; row++) builder.set(row, profileOf(rng));
  return builder.profiles;
}

function queries(rng: Rng, profiles: Profiles, dimension: number): ProfileQuery[] {
  const empty: Profile = { ...profileOf(rng), ecfp4: new Uint8Array(FINGERPRINT_BYTES), pharmacophore: new Uint8Array(ERG_WIDTH), scaffold: '' };
  const vector = l2Normalise(matrixOf(Float32Array.from({ length: dimension }, () => rng.normal()), dimension)).data;
  return [profiles.at(rng.int(profiles.count)), profiles.at(0), queryOf(vector, profileOf(rng), -1), queryOf(vector, empty, 0), queryOf(vector, profileOf(rng), 3)];
}

function setOf(rng: Rng, count: number, share: number): Uint32Array {
  return Bitset.of(count, Array.from({ length: count }, (_, row) => row).filter(() => rng.next() < share)).words;
}

const [ECFP4, STEREO] = [FINGERPRINT_BYTES, DESCRIPTOR_NAMES.indexOf('stereoCentres')];

describe.each([[1, 4], [31, 5], [32, 16], [1000, 7], [4099, 384]])('scans of %i rows with embeddings of %i', (rows, dimension) => {
  const rng = createRng(rows);
  const profiles = profilesOf(rng, rows, dimension);
  const [native, plain] = [new NativeScanner(profiles), new PlainScanner(profiles)];
  const asked = queries(rng, profiles, dimension);

  it('finds the same rows in the same order', () => {
    for (const query of asked) {
      for (const allowed of [undefined, setOf(rng, rows, 0.5), setOf(rng, rows, 0.01)]) {
        for (const breadth of [1, 3, 400, Number.POSITIVE_INFINITY]) {
          expect(native.byFingerprint(query, breadth, allowed)).toEqual(plain.byFingerprint(query, breadth, allowed));
          expect(native.byPharmacophore(query, breadth, allowed)).toEqual(plain.byPharmacophore(query, breadth, allowed));
        }
      }
    }
  });

  it('finds the same rows by embedding, with the same cosines', () => {
    for (const query of asked) {
      for (const allowed of [undefined, setOf(rng, rows, 0.5), setOf(rng, rows, 0.01)]) {
        for (const k of [1, 3, 400]) expect(native.embedding(profiles.vectors, query.vector, k, allowed)).toEqual(plain.embedding(profiles.vectors, query.vector, k, allowed));
      }
    }
    expect(() => native.embedding(profiles.vectors, new Float32Array(dimension), 1, undefined)).toThrow(expect.objectContaining({ code: 'VECTOR_INVALID' }));
  });

  it('gives the same terms, to the last bit', () => {
    for (const query of asked) {
      for (const count of [0, 1, 2, 3, 5, 64]) {
        const chosen = Int32Array.from({ length: count }, () => rng.int(rows));
        expect(native.terms(query, chosen)).toEqual(plain.terms(query, chosen));
      }
    }
  });

  it('lets the same rows pass', () => {
    for (const query of asked) {
      const filters: RowFilter[] = [
        { kind: 'window', column: STEREO, own: 0, low: -Infinity, high: 3 }, { kind: 'window', column: 0, own: query.descriptors[0]!, low: -5, high: 5 },
        { kind: 'noAlerts' }, { kind: 'otherScaffold', scaffold: query.scaffold }, { kind: 'unlike', query, limit: 0.25 },
        { kind: 'patterns', patterns: [] }, { kind: 'patterns', patterns: [new Uint8Array(ECFP4), Uint8Array.from({ length: ECFP4 }, (_, i) => (i === 32 ? 2 : 0))] },
        { kind: 'only', rows: Int32Array.from({ length: 50 }, () => rng.int(rows)) }, { kind: 'exclude', rows: Int32Array.from({ length: 50 }, () => rng.int(rows)) },
      ];
      for (const filter of filters) {
        const [first, second] = [0.9, 0.9].map(() => setOf(createRng(7), rows, 0.9)) as [Uint32Array, Uint32Array];
        expect(native.keep(filter, first)).toBe(plain.keep(filter, second));
        expect(first).toEqual(second);
      }
    }
  });
});

describe('a scan worker', () => {
  const rng = createRng(3);
  const [rows, dimension] = [3000, 16];
  const profiles = profilesOf(rng, rows, dimension);
  const [query] = queries(rng, profiles, dimension);
  const pools: ScanPool[] = [];
  beforeAll(() => {
    for (const plain of [false, true]) pools.push(new ScanPool([profiles.vectors], profiles.table.buffer, anyScore(), { plain }));
  });
  afterAll(() => Promise.all(pools.map((pool) => pool.close())));

  it('answers the same with and without the native engine', async () => {
    const filters: RowFilter[] = [{ kind: 'noAlerts' }, { kind: 'unlike', query: query!, limit: 0.5 }];
    const answers = await Promise.all(pools.map(async (pool) => {
      const { words, remaining } = await pool.filter(filters);
      const near = await pool.embedding({ gallery: 0, vector: query!.vector, k: 7, allowed: words });
      const among = { nearest: Int32Array.of(5, 9, 2999), breadth: 40 };
      const found = await pool.candidates({ query: query!, mode: 'default', allowed: words, among });
      const all = await pool.candidates({ query: query!, mode: 'hop', allowed: words, among: undefined });
      const terms = await pool.terms(query!, found.rows);
      const chosen = await pool.diversify({ rows: found.rows, relevance: found.ranks, k: 5, lambda: 0.5 });
      return { near, words, remaining, found, all, terms, chosen };
    }));
    expect(answers[0]).toEqual(answers[1]);
    const { found, all, remaining, terms, chosen } = answers[0]!;
    expect(all.rows.length).toBe(remaining[1]);
    expect(terms).toEqual(found.raw);
    expect(terms.length).toBe(found.rows.length * TERMS.length);
    expect([...found.ranks]).toEqual([...found.ranks].sort((a, b) => b - a));
    expect(new Set(chosen).size).toBe(5);
    expect(chosen[0]).toBe(0);
  });

  it('tells what is wrong with a question, and answers the next', async () => {
    const wrong = { ...query!, vector: new Float32Array(3) };
    await expect(pools[0]!.candidates({ query: wrong, mode: 'default', allowed: undefined, among: undefined })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID', message: expect.stringContaining('query.vector') as unknown });
    await expect(pools[0]!.terms(query!, Int32Array.of(0, rows))).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    expect(await pools[0]!.terms(query!, Int32Array.of(0))).toHaveLength(TERMS.length);
  });
});
