import * as z from 'zod';
import type { FeatureRequest, FingerprintConfig, SparseColumn } from '../chem/index.ts';
import { defineMoleculeModality } from './define.ts';

const bits = z.int().min(64).max(65_536).refine((width) => width % 8 === 0, { error: 'a multiple of 8' });
const radius = z.int().min(0).max(4);

const config = z.strictObject({
  kind: z.literal('morgan-count').default('morgan-count'),
  /** 2 sees as far as ECFP4. */
  radius,
  bits,
  /** Further fingerprints, counted in columns of their own after those of Morgan's. */
  beside: z.array(z.strictObject({ kind: z.enum(['feature-morgan', 'atom-pair', 'topological-torsion', 'pharmacophore-pair']), bits, radius: radius.optional() })).default([]),
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
const columnName = (options: Config): string => partsOf(options).map((part) => `${part.kind}${part.radius === undefined ? '' : `-r${part.radius}`}-${part.bits}`).join('+');

const partsOf = (options: Config): FingerprintConfig[] => [{ kind: 'morgan', radius: options.radius, bits: options.bits }, ...options.beside.map(({ kind, bits: width, radius: reach }) => ({ kind, bits: width, ...(reach === undefined ? {} : { radius: reach }) }))];

const widthOf = (options: Config): number => partsOf(options).reduce((sum, part) => sum + part.bits, 0);

const request = (options: Config): FeatureRequest => ({ counts: { [columnName(options)]: partsOf(options) } });

export const fingerprint = defineMoleculeModality({
  id: 'fingerprint',
  summary: 'Morgan (ECFP) environments of the parent molecule, folded and counted, alone or beside other fingerprints.',
  config,
  inputs: (options) => [{ role: 'dense', dtype: 'f32', shape: ['N', widthOf(options)], isSparse: true }],
  begins: (options, other) => options.transform === other.transform && columnName(options).split('+').slice(0, other.beside.length + 1).join('+') === columnName(other),
  encoderFields: (options) => ({ inputWidth: widthOf(options) }),
  request,
  tensors: (batch, options, { from, to }) => {
    const data = densify(batch.counts[columnName(options)]!, options, from, to);
    return { dense: { dtype: 'f32', data, shape: [to - from, widthOf(options)] } };
  },
  training: {
    /** Share of the environments that a view leaves out at random: in training, and when training is validated. */
    augmentation: z.strictObject({ drop: z.number().min(0).lt(1).optional(), evalDrop: z.number().min(0).lt(1).optional() }),
    request,
    feed: (options, augmentation) => ({ kind: 'sparse', column: columnName(options), options: { width: widthOf(options), transform: options.transform, ...augmentation } }),
  },
});

/** (to - from, width) */
function densify({ indices, values, offsets }: SparseColumn, options: Config, from: number, to: number): Float32Array {
  const width = widthOf(options);
  const table = Float32Array.from({ length: 256 }, (_, count) => TRANSFORMS[options.transform](count));
  const out = new Float32Array((to - from) * width);
  for (let row = from; row < to; row++) {
    const start = (row - from) * width;
    for (let i = Number(offsets[row]!); i < Number(offsets[row + 1]!); i++) out[start + indices[i]!] = table[values[i]!]!;
  }
  return out;
}
