import * as z from 'zod';
import { readDrawing } from '../image/index.ts';
import { defineImageModality } from './define.ts';

const side = z.int().min(16).max(1024);
const config = z.strictObject({ height: side, width: side });

export const drawing = defineImageModality({
  id: 'drawing',
  summary: 'A drawn structure: a cut-out of a paper, a patent scan or a picture from a drawing program.',
  config,
  inputs: ({ height, width }) => [{ role: 'pixels', dtype: 'f32', shape: ['N', 1, height, width] }],
  encoderFields: ({ height, width }) => ({ height, width, channels: 1 }),
  read: async (bytes, { height, width }) => ({ pixels: (await readDrawing(bytes, { height, width })).data }),
  training: {
    /** How much drawings vary and how badly they are scanned: in training, and when training is validated. */
    augmentation: z.strictObject({ strength: z.number().min(0).max(1).default(1), evalStrength: z.number().min(0).max(1).default(0.7) }),
    // Drawn as given: pictures show salts and charges too.
    request: () => ({ layouts: { kinds: ['rdkit', 'coordgen'], of: 'input' } }),
    feed: ({ height, width }, augmentation) => ({ kind: 'drawing', column: 'layout', options: { height, width, ...augmentation } }),
  },
});
