/** Probes of images: whole plates on one side, folds in turn, and features that tell more beside those that tell less. */
import { describe, expect, it } from 'vitest';
import { SILENT_PROGRESS, createRng, matrixOf } from '../../../src/core/index.ts';
import { evaluateImageProbe, imageProbeRemarks, imageProbeTable } from '../../../src/evaluate/index.ts';
import { bootstrapInterval } from '../../../src/evaluate/metrics.ts';
import type { ImageFeatureSource } from '../../../src/evaluate/index.ts';
import type { ImageTable, TableImage } from '../../../src/ingest/index.ts';

/** Two classes on five plates each, and one on a single plate. */
const images = ['x', 'y'].flatMap((name) => [1, 2, 3, 4, 5].flatMap((plate) => Array.from({ length: 6 + plate }, (_, i): TableImage => ({ paths: [`${name}${plate}-${i}`], group: `${name}${plate}`, class: name }))));
const table: ImageTable = { images: [...images, { paths: ['z'], group: 'z1', class: 'z' }], incomplete: 2 };

/** Features that tell the class by `signal` beside noise, and every plate by an offset of its own. */
function source(name: string, signal: number, seen: number[] = []): ImageFeatureSource {
  return {
    name,
    features: (all, fold) => {
      seen.push(fold);
      const rng = createRng(7);
      const offsets = new Map<string, number>();
      const rows = all.flatMap((image) => {
        if (!offsets.has(image.group)) offsets.set(image.group, rng.normal());
        return [signal * (image.class === 'x' ? 1 : -1) + rng.normal(), offsets.get(image.group)!, rng.normal(), 10];
      });
      return Promise.resolve(matrixOf(Float32Array.from(rows), 4));
    },
  };
}

describe('image probes', () => {
  it('tests on whole plates, and ranks features by what they tell', async () => {
    const seen: number[] = [];
    const result = await evaluateImageProbe({ table, sources: [source('noise', 0), source('signal', 3, seen)], folds: 5, progress: SILENT_PROGRESS });
    expect(result).toMatchObject({ images: 90, groups: 10, classes: { x: 45, y: 45 }, leftOut: { incomplete: 2, rareClasses: { z: 1 } } });
    expect(result.folds.map(({ groups }) => groups)).toEqual([5, 4, 3, 2, 1].map((plate) => [`x${plate}`, `y${plate}`]));
    expect(result.folds.reduce((sum, { test }) => sum + test, 0)).toBe(90);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    const [noise, , signal] = result.scores;
    expect(signal).toMatchObject({ features: 'signal', classifier: 'logistic', width: 4 });
    expect(signal!.auc).toBeGreaterThan(0.95);
    expect(noise!.auc).toBeLessThan(0.8);
    expect(signal!.gain!.auc).toBeCloseTo(signal!.auc - noise!.auc, 10);
    const resampled = (values: readonly number[]) => bootstrapInterval(values.map((value) => [value]), createRng(1));
    expect(signal!.gain!.interval).toEqual(resampled(signal!.folds.map((value, fold) => value - noise!.folds[fold]!)));
    for (const { auc, interval: [low, high], folds } of result.scores) {
      expect([low, high]).toEqual(resampled(folds));
      expect(low).toBeLessThanOrEqual(auc);
      expect(high).toBeGreaterThanOrEqual(auc);
      expect(folds.reduce((sum, value) => sum + value, 0) / 5).toBeCloseTo(auc, 10);
    }
    expect(imageProbeTable(result)[3]!.slice(0, 3)).toEqual(['signal', '4', 'logistic regression']);
    expect(imageProbeRemarks(result).join(' ')).toMatch(/90 images of 10 plates.*2 lines.*1 z/);
  });

  it.each([
    ['nothing to probe', { sources: [] }, 'ARGUMENT_INVALID', /--model/],
    ['too few folds', { folds: 2 }, 'ARGUMENT_INVALID', /at least 3 folds/],
    ['more folds than plates', { folds: 6 }, 'DATASET_INVALID', /at least 6 groups each but found 0 of 3/],
  ])('refuses %s', async (_, change, code, message) => {
    const options = { table, sources: [source('noise', 0)], folds: 5, progress: SILENT_PROGRESS, ...change };
    await expect(evaluateImageProbe(options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  });
});
