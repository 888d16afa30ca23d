import * as z from 'zod';
import { SMILES_TOKENS, SPECIAL_TOKENS } from '../chem/index.ts';
import type { TokenColumn } from '../chem/index.ts';
import type { NamedTensors } from '../inference/index.ts';
import { defineMoleculeModality } from './define.ts';
import type { RowRange } from './define.ts';

const config = z.strictObject({
  /** Tokens of every row, `begin` and padding included; a longer SMILES is cut. */
  length: z.int().min(8).max(1024).default(128),
});

/** Column of the data file. */
const COLUMN = 'smiles';

const share = z.number().gt(0).max(1);
/** A share drawn from [minimum, maximum]; both 1: the whole SMILES. */
const spanShape = { minimum: share, maximum: share };

export const smiles = defineMoleculeModality({
  id: 'smiles',
  summary: 'Canonical SMILES of the parent molecule as a sequence of tokens.',
  config,
  inputs: ({ length }) => [
    { role: 'tokens', dtype: 'i32', shape: ['N', length] },
    { role: 'mask', dtype: 'f32', shape: ['N', length] },
  ],
  encoderFields: ({ length }) => ({ length, vocabulary: SMILES_TOKENS.length }),
  request: () => ({ tokens: true }),
  tensors: (batch, { length }, range) => collate(batch.tokens!, length, range),
  training: {
    augmentation: z.strictObject({
      /** Share of the tokens that `mask` stands for, at least one where it is not 0. */
      maskTokens: z.number().min(0).lt(1).default(0),
      /**
       * Part of the SMILES that is seen, its share of the tokens within the bounds. Of two towers one sees an `anchor`, the other what
       * overlaps it or is `beside` it; both need the bounds of the anchor (Giorgi et al. 2021, arXiv:2006.03659). Else `any`, drawn evenly.
       */
      span: z.strictObject({ ...spanShape, of: z.enum(['any', 'anchor', 'beside']).default('any') })
        .refine(({ minimum, maximum }) => minimum <= maximum, { error: 'a minimum that is at most the maximum' }).optional(),
      /** Validation sees such views too: of two towers that share one encoder, whole SMILES would be the same twice. */
      varyValidation: z.boolean().default(false),
    }),
    request: () => ({ tokens: true }),
    feed: ({ length }, augmentation) => ({
      kind: 'smiles', column: COLUMN, options: { length, ...augmentation, vocabulary: SMILES_TOKENS.length, special: SPECIAL_TOKENS },
    }),
  },
});

/** Each row is `begin`, as many tokens as there is room for, and padding, as in src/native/feeds/smiles.cpp. */
function collate({ tokens, offsets }: TokenColumn, length: number, { from, to }: RowRange): NamedTensors {
  const ids = new Int32Array((to - from) * length).fill(SPECIAL_TOKENS.pad);
  const mask = new Float32Array((to - from) * length);
  for (let row = from; row < to; row++) {
    const own = tokens.subarray(Number(offsets[row]!), Number(offsets[row + 1]!)).subarray(0, length - 1);
    const start = (row - from) * length;
    ids[start] = SPECIAL_TOKENS.begin;
    ids.set(own, start + 1);
    mask.fill(1, start, start + 1 + own.length);
  }
  const shape = [to - from, length];
  return { tokens: { dtype: 'i32', data: ids, shape }, mask: { dtype: 'f32', data: mask, shape } };
}
