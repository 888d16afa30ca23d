import * as z from 'zod';
import type { SparseColumn } from '../chem/index.ts';
import { defineMoleculeModality } from './define.ts';

const config = z.strictObject({
  kind: z.literal('morgan-count').default('morgan-count'),
  /** 2 sees as far as ECFP4. */
  radius: z.int().min(0).max(4),
  bits: z.int().min(64).max(65_536).refine((bits) => bits % 8 === 0, { error: 'a multiple of 8' }),
  /** What a count becomes: whether it occurs, how often, or ln(1 + how often). */
  transform: z.enum(['binary', 'count', 'log1p']),
});
type Config = z.output<typeof config>;

const TRANSFORMS: Readonly<Record<Config['transform'], (count: number) => number>> = {
  binary: (count) => (count > 0 ? 1 : 0),
  count: (count) => count,
  log1p: Math.log1p,
};

/** Two configurations that differ in transform only read the same column. */
const columnName = ({ radius, bits }: Config): string => `morgan-r${radius}-${bits}`;

const request = (options: Config) => ({ counts: { [columnName(options)]: { kind: 'morgan', radius: options.radius, bits: options.bits } } }) as const;

export const fingerprint = defineMoleculeModality({
  id: 'fingerprint',
  summary: 'Morgan (ECFP) environments of the parent molecule, folded and counted.',
  config,
  inputs: ({ bits }) => [{ role: 'dense', dtype: 'f32', shape: ['N', bits] }],
  encoderFields: ({ bits }) => ({ inputWidth: bits }),
  request,
  tensors: (batch, options, { from, to }) => {
    const data = densify(batch.counts[columnName(options)]!, options, from, to);
    return { dense: { dtype: 'f32', data, shape: [to - from, options.bits] } };
  },
  training: {
    /** Share of the environments that a view leaves out at random: in training, and when training is validated. */
    augmentation: z.strictObject({ drop: z.number().min(0).lt(1).optional(), evalDrop: z.number().min(0).lt(1).optional() }),
    request,
    feed: (options, augmentation) => ({ kind: 'sparse', column: columnName(options), options: { width: options.bits, transform: options.transform, ...augmentation } }),
  },
});

/** (to - from, bits) */
function densify({ indices, values, offsets }: SparseColumn, { bits, transform }: Config, from: number, to: number): Float32Array {
  const table = Float32Array.from({ length: 256 }, (_, count) => TRANSFORMS[transform](count));
  const out = new Float32Array((to - from) * bits);
  for (let row = from; row < to; row++) {
    const start = (row - from) * bits;
    for (let i = Number(offsets[row]!); i < Number(offsets[row + 1]!); i++) out[start + indices[i]!] = table[values[i]!]!;
  }
  return out;
}
