/** What a text was understood as: types of `POST /v1/understand`. */
import * as z from 'zod';
import { alertSchema, descriptorsSchema, ionisationSchema, textSchema } from './schemas.ts';

export const understandRequestSchema = z.strictObject({
  text: textSchema.meta({ description: 'An identifier, a name, an InChIKey, a SMILES, an InChI or a molfile, whichever it is.', examples: ['sildenafil citrate'] }),
  index: z.string().min(1).optional().meta({ description: 'Name of the bundle whose names and identifiers are known; the first one where absent.' }),
}).meta({ id: 'UnderstandRequest' });

export const understandingSchema = z.strictObject({
  kind: z.enum(['identifier', 'InChIKey', 'name', 'name of a salt', 'SMILES', 'InChI', 'molfile']).meta({ description: 'How the text was read.' }),
  smiles: z.string().meta({ description: 'What is searched: the standardised parent.' }),
  inchiKey: z.string(),
  formula: z.string().meta({ description: 'Hill formula of the parent.' }),
  id: z.string().nullable().meta({ description: 'Its identifier where the library holds it.' }),
  names: z.array(z.string()),
  removed: z.array(z.string()).meta({ description: 'Salts and solvents that were set aside.' }),
  warnings: z.array(z.string()),
  descriptors: descriptorsSchema,
  alerts: z.array(alertSchema),
  ionisation: ionisationSchema.meta({ description: 'What it is in water at pH 7.4.' }),
  index: z.string(),
}).meta({ id: 'Understanding' });

export type UnderstandRequest = z.output<typeof understandRequestSchema>;
export type Understanding = z.output<typeof understandingSchema>;
