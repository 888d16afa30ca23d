/** Embeddings of molecules: types of `POST /v1/embeddings`, and of a search by one. */
import * as z from 'zod';

const MAX_MOLECULES = 1000;
const MAX_DIMENSION = 2048;

/** Numbers of any length but zero: what counts is the direction. */
export const embeddingSchema = z.array(z.number()).min(1).max(MAX_DIMENSION);

export const embeddingRequestSchema = z.strictObject({
  smiles: z.array(z.string()).min(1).max(MAX_MOLECULES).meta({ description: 'Molecules as SMILES.', examples: [['CC(=O)Oc1ccccc1C(=O)O', 'not one']] }),
  index: z.string().min(1).optional().meta({ description: 'Name of the bundle whose encoder is asked; the first one where absent.' }),
  from: z.string().min(1).max(64).optional().meta({ description: 'Modality of the encoder; where absent, the one that the bundle was made with.' }),
}).meta({ id: 'EmbeddingRequest' });

export const embeddingResponseSchema = z.strictObject({
  index: z.string(),
  generation: z.string().meta({ description: 'Embeddings of another model cannot be compared with these.' }),
  tower: z.string().meta({ description: 'The encoder that made them.' }),
  dimension: z.int(),
  results: z.array(z.union([
    z.strictObject({ embedding: embeddingSchema.meta({ description: 'Of unit length.' }) }),
    z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string() }) }),
  ])).meta({ description: 'One for each molecule, in the order of the request. A molecule that cannot be read fails alone.' }),
}).meta({ id: 'EmbeddingResponse' });

export type EmbeddingRequest = z.output<typeof embeddingRequestSchema>;
export type EmbeddingResponse = z.output<typeof embeddingResponseSchema>;
