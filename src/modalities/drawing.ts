import * as z from 'zod';
import { readDrawingAt, svgToPng } from '../image/index.ts';
import { defineImageModality } from './define.ts';

const side = z.int().min(16).max(1024);
const size = z.strictObject({ height: side, width: side });
const config = size.extend({
  /** Further sizes at which a query is looked at: what is a few pixels high at one size is read at another. */
  views: z.array(size).max(4).default([]),
});

/** Column of the data file. */
const PICTURES = 'picture';
/** Originals are larger than what the encoder reads, so that scans of them have something to lose. */
const PICTURE_SCALE = 1.7;

/** Pixels; bonds as long as scans have them. */
const PORTRAIT = { width: 600, height: 450, fixedBondLength: 34 };

/** Of the look number `i`. */
const roleOf = (i: number): string => (i === 0 ? 'pixels' : `pixels-${i + 1}`);

export const drawing = defineImageModality({
  id: 'drawing',
  summary: 'A drawn structure: a cut-out of a paper, a patent scan or a picture from a drawing program.',
  config,
  inputs: ({ height, width, views }) => [{ height, width }, ...views].map((one, i) => ({ role: roleOf(i), dtype: 'f32', shape: ['N', 1, one.height, one.width] })),
  encoderFields: ({ height, width }) => ({ height, width, channels: 1 }),
  views: ({ views }) => views.map((one, i) => ({ encoderFields: { ...one, channels: 1 }, inputNames: { [roleOf(0)]: roleOf(i + 1) } })),
  read: async (bytes, { height, width, views }) => {
    const { canvases, warnings } = await readDrawingAt(bytes, [{ height, width }, ...views]);
    return { parts: Object.fromEntries(canvases.map(({ data }, i) => [roleOf(i), data])), warnings };
  },
  portray: async (smiles, chem) => {
    const drawn = await chem.depict(smiles.map((one) => ({ smiles: one, ...PORTRAIT })));
    return Promise.all(drawn.map(async (outcome) => (outcome.ok ? svgToPng(outcome.value, PORTRAIT.width) : undefined)));
  },
  training: {
    /** How much drawings vary and how badly they are scanned: in training, and when training is validated. */
    augmentation: z.strictObject({
      strength: z.number().min(0).max(1).default(1),
      evalStrength: z.number().min(0).max(1).default(0.7),
      /** How often a molecule that has a picture by another program is shown so. */
      pictureShare: z.number().min(0).max(1).default(0.8),
    }),
    // Drawn as given: pictures show salts and charges too.
    request: () => ({ layouts: { kinds: ['rdkit', 'coordgen'], of: 'input' } }),
    feed: ({ height, width }, augmentation) => ({ kind: 'drawing', column: 'layout', options: { height, width, pictures: PICTURES, ...augmentation } }),
    pictures: ({ height, width }) => ({ height: Math.round(PICTURE_SCALE * height), width: Math.round(PICTURE_SCALE * width) }),
  },
});
