/** What is read of a picture: types of `POST /v1/read`. */
import * as z from 'zod';

const confidence = z.number().meta({ description: '0 to 1.' });
const pixel = z.number().meta({ description: 'Pixels of the picture, from its left or upper edge.' });

export const readOptionsSchema = z.strictObject({
  structure: z.coerce.number().int().min(1).max(100).default(1).meta({ description: 'Which of the structures that lie apart in the picture: 1 is the largest. The answer tells their boxes.' }),
}).meta({ id: 'ReadOptions' });

export const readAtomSchema = z.strictObject({
  x: pixel,
  y: pixel,
  label: z.string().meta({ description: 'As drawn: an element, a group such as CO2Me, or R.' }),
  charge: z.int(),
  confidence,
}).meta({ id: 'ReadAtom' });

export const readBondSchema = z.strictObject({
  begin: z.int().meta({ description: 'Index in atoms; of a wedge or hash its narrow end.' }),
  end: z.int(),
  order: z.int(),
  stereo: z.enum(['none', 'wedge', 'hash', 'wavy']),
  confidence,
}).meta({ id: 'ReadBond' });

export const readResponseSchema = z.strictObject({
  smiles: z.string().nullable().meta({ description: 'Canonical SMILES of the standardised parent; null where what was read is no molecule.' }),
  inchiKey: z.string().nullable(),
  molfile: z.string().meta({ description: 'V2000, in the layout of the picture; groups are written out.' }),
  confidence: z.number().meta({ description: 'Chance that this is the drawn molecule, stereo aside: 0 to 1.' }),
  atoms: z.array(readAtomSchema),
  bonds: z.array(readBondSchema),
  drawnAtoms: z.array(z.int()).meta({ description: 'For each atom of the molfile, its index in atoms; all atoms of a group have one.' }),
  box: z.strictObject({ left: pixel, top: pixel, right: pixel, bottom: pixel }).meta({ description: 'Where the structure lies.' }),
  structures: z.array(z.strictObject({ left: pixel, top: pixel, right: pixel, bottom: pixel })).meta({ description: 'All that looks like a structure of its own, the largest first; empty where nothing lies apart.' }),
  picture: z.strictObject({ width: z.int(), height: z.int() }).meta({ description: 'Size of the picture as it was read: very large ones are made smaller.' }),
  removed: z.array(z.string()).meta({ description: 'Salts and solvents that were set aside.' }),
  warnings: z.array(z.string()),
  tookMs: z.number(),
}).meta({ id: 'ReadResponse' });

export type ReadResponse = z.output<typeof readResponseSchema>;
