import * as z from 'zod';
import { defineProfileModality } from './define.ts';

const config = z.strictObject({
  /** Names of the features, in their order. A recipe leaves them out: they are those that all its tables have. */
  features: z.array(z.string().min(1)).default([]),
  /** So many features stand for them until the tables are read. */
  width: z.int().positive().default(500),
  /** Whitens by the table's negative controls, after robust z-scores by those of each plate. */
  whiten: z.boolean().default(true),
  /** Numbers are cut off at this size. */
  clip: z.number().positive().default(20),
}).refine(({ features }) => new Set(features).size === features.length, { path: ['features'], error: 'expected each feature once' });

const widthOf = ({ features, width }: z.output<typeof config>): number => (features.length === 0 ? width : features.length);

export const profile = defineProfileModality({
  id: 'profile',
  summary: 'A morphological profile: features of treated cells, as CellProfiler measures them, against the controls of their plate.',
  config,
  inputs: (options) => [{ role: 'dense', dtype: 'f32', shape: ['N', widthOf(options)] }],
  encoderFields: (options) => ({ inputWidth: widthOf(options) }),
  preparation: ({ features, whiten, clip }) => ({ features, whiten, clip }),
  training: {
    augmentation: z.strictObject({}),
    request: () => ({}),
    feed: () => ({ kind: 'dense', column: 'profile', options: {} }),
  },
});
