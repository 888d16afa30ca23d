import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { chanceOfFirst, chanceOfRead, fitPictureTrust, fitReadTrust, fitReadingTrust, reliability } from '../../src/score/index.ts';
import type { PictureSample, PictureTrust } from '../../src/score/index.ts';

/** Pictures whose chance is known: it grows with the cosine and with the lead. */
function samples(count: number, seed: number): PictureSample[] {
  const rng = createRng(seed);
  return Array.from({ length: count }, (_, i) => {
    const [cosine, lead] = [0.48 + 0.08 * rng.next(), 0.03 * rng.next()];
    const isFirst = rng.next() < 1 / (1 + Math.exp(-(-22 + 36 * cosine + 120 * lead)));
    return { cosine, lead, inLibrary: isFirst || i % 3 === 0, isFirst };
  });
}

describe('the trust in a picture', () => {
  const trust = fitPictureTrust(samples(4000, 1), { of: 'a test' });

  it('finds the chances that were drawn from, on other pictures', () => {
    for (const { pictures, expected, came } of reliability(trust, samples(4000, 2))) if (pictures > 100) expect(came).toBeCloseTo(expected, 1);
    for (const [nearest, lead] of [[0.5, 0], [0.53, 0.01], [0.55, 0.025]] as const) {
      expect(chanceOfFirst(trust, nearest, nearest - lead)).toBeCloseTo(1 / (1 + Math.exp(-(-22 + 36 * nearest + 120 * lead))), 1);
    }
  });

  it('grows with cosine and lead, and says what it takes for granted', () => {
    expect(chanceOfFirst(trust, 0.54, 0.52)).toBeGreaterThan(chanceOfFirst(trust, 0.5, 0.48));
    expect(chanceOfFirst(trust, 0.52, 0.49)).toBeGreaterThan(chanceOfFirst(trust, 0.52, 0.52));
    expect(trust.inLibrary).toBeGreaterThan(0.3);
    expect(trust.provenance).toEqual({ of: 'a test' });
  });
});

describe('the trust in what was read', () => {
  const rng = createRng(7);
  const chance = (logit: number): number => 1 / (1 + Math.exp(-logit));

  it('finds the weights that readings were drawn from', () => {
    const readings = Array.from({ length: 4000 }, () => {
      const signs = { atoms: -2 * rng.next(), bonds: -rng.next(), weakest: rng.next(), agreement: Math.ceil(5 * rng.next()) / 5 };
      return { signs, isExact: rng.next() < chance(-2 + signs.atoms + 4 * signs.agreement) };
    });
    const trust = fitReadingTrust(readings);
    expect(trust.agreement).toBeGreaterThan(3);
    expect(trust.agreement).toBeLessThan(5);
    expect(trust.atoms).toBeGreaterThan(0.7);
    expect(trust.weakest).toBeLessThan(0.6);
    const { bonds } = fitReadingTrust(readings.map((one) => ({ ...one, isExact: one.signs.bonds < -0.5 })));
    expect(bonds).toBe(0);
  });

  it('tells first hits that are the drawn molecule from others', () => {
    const readings = Array.from({ length: 2000 }, () => {
      const signs = { similarity: 0.5 + 0.5 * rng.next(), lead: 0.2 * rng.next(), confidence: rng.next(), same: rng.next() < 0.5 ? 1 : 0, cosine: 0.6 * rng.next() };
      return { ...signs, isFirst: rng.next() < chance(-6 + 4 * signs.similarity + 3 * signs.same + 10 * signs.lead) };
    });
    const trust: PictureTrust = { intercept: 0, cosine: 0, lead: 0, inLibrary: 0.5, read: fitReadTrust(readings), provenance: {} };
    const sure = { similarity: 1, lead: 0.15, confidence: 0.9, same: 1, cosine: 0.5 };
    expect(chanceOfRead(trust, sure)).toBeGreaterThan(0.85);
    expect(chanceOfRead(trust, { ...sure, same: 0, lead: 0, similarity: 0.6 })).toBeLessThan(0.2);
    expect(chanceOfRead({ ...trust, read: undefined }, sure)).toBeUndefined();
  });
});
