import * as z from 'zod';
import { batchNorm, layerNorm, linear } from '../graph/index.ts';
import type { GraphBuilder, Value } from '../graph/index.ts';
import { defineEncoder } from './define.ts';

const config = z.strictObject({
  inputWidth: z.int().positive(),
  hidden: z.array(z.int().positive()).min(1),
  norm: z.enum(['none', 'batch', 'layer']),
  activation: z.enum(['relu', 'gelu']),
  inputDropout: z.number().min(0).lt(1),
  dropout: z.number().min(0).lt(1),
  /** Adds a layer's input to its output where their widths are equal. */
  residual: z.boolean(),
});
type Config = z.output<typeof config>;

function layer(g: GraphBuilder, name: string, x: Value, width: number, options: Config): Value {
  const scope = g.scope(name);
  let y = linear(scope, 'linear', x, width, { bias: options.norm !== 'batch' });
  if (options.norm === 'batch') y = batchNorm(scope, 'norm', y);
  if (options.norm === 'layer') y = layerNorm(scope, 'norm', y);
  y = options.activation === 'relu' ? scope.apply('Relu', [y]) : scope.apply('Gelu', [y]);
  if (options.dropout > 0) y = scope.apply('Dropout', [y], { rate: options.dropout });
  return options.residual && x.shape[1] === width ? scope.apply('Add', [x, y]) : y;
}

const shared = { inputWidth: 4096, norm: 'batch', activation: 'relu', inputDropout: 0.1, dropout: 0.1, residual: false } as const;

export const mlp = defineEncoder({
  id: 'mlp',
  summary: 'Fully connected layers over a fingerprint or a profile.',
  references: ['Sanchez-Fernandez et al. 2023, doi:10.1038/s41467-023-42328-w (CLOOME: structure tower)'],
  config,
  inputs: ({ inputWidth }) => [{ role: 'dense', dtype: 'f32', shape: ['N', inputWidth] }],
  build: (g, { dense }, options) => {
    const dropped = options.inputDropout > 0 ? g.apply('Dropout', [dense!], { rate: options.inputDropout }) : dense!;
    return options.hidden.reduce((x, width, i) => layer(g, `layers.${i}`, x, width, options), dropped);
  },
  outputWidth: ({ hidden }) => hidden.at(-1)!,
  presets: {
    tiny: { ...shared, inputWidth: 256, hidden: [64] },
    base: { ...shared, hidden: [1024, 512] },
    // CLOOME: four layers of 1024 over 1024 bits.
    cloome: { ...shared, inputWidth: 1024, hidden: [1024, 1024, 1024, 1024] },
  },
});
