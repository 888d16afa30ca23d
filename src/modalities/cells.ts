import * as z from 'zod';
import { readSite, siteTensor } from '../image/index.ts';
import { defineImageModality } from './define.ts';

const config = z.strictObject({
  /** Pages of the TIFF, one a channel: five of Cell Painting. */
  channels: z.int().min(1).max(16).default(5),
  /** Side of the squares that data files hold, in pixels. */
  side: z.int().min(16).max(2048).default(256),
  /** Side of what the encoder sees; a crop may be smaller. */
  size: z.int().min(8).max(2048).default(128),
}).refine(({ side, size }) => size <= side, { path: ['size'], error: 'expected a size that is at most the side of what is stored' });

/** Column of the data file. */
const COLUMN = 'cells';

const share = z.number().gt(0).max(1);

export const cells = defineImageModality({
  id: 'cells',
  summary: 'A site of stained cells under the microscope, as in Cell Painting: a TIFF with one page a channel, or a file for each channel.',
  config,
  inputs: ({ channels, size }) => [{ role: 'pixels', dtype: 'f32', shape: ['N', channels, size, size] }],
  encoderFields: ({ channels, size }) => ({ channels, height: size, width: size }),
  read: async (bytes, { channels, side, size }, more = []) => ({ parts: { pixels: siteTensor(await readSite([bytes, ...more], channels, side), size) }, warnings: [] }),
  training: {
    augmentation: z.strictObject({
      /** Share of the area that a crop shows, drawn within the bounds. */
      crop: z.strictObject({ minimum: share, maximum: share }).refine(({ minimum, maximum }) => minimum <= maximum, { error: 'a minimum that is at most the maximum' }).optional(),
      /** Of the changes to light, blur and noise: 0 none, 1 as strong as SimCLR's. */
      strength: z.number().min(0).max(1).default(0),
      /** Of an encoder of patches: their side, in pixels, and the share that it does not see. */
      patch: z.int().positive().optional(),
      hide: z.number().min(0).lt(1).optional(),
      /** Validation sees such views too: of two towers that share one encoder, whole sites would be the same twice. */
      varyValidation: z.boolean().default(false),
    }),
    // Nothing of it is chemistry.
    request: () => ({}),
    feed: ({ channels, size }, augmentation) => ({ kind: 'cells', column: COLUMN, options: { channels, size, ...augmentation } }),
    files: {
      column: COLUMN,
      shape: ({ channels, side }) => [channels, side, side],
      read: async (files, { channels, side }) => (await readSite(files, channels, side)).data,
    },
  },
});
