import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { chanceOfFirst, fitPictureTrust, reliability } from '../../src/score/index.ts';
import type { PictureSample } from '../../src/score/index.ts';

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
