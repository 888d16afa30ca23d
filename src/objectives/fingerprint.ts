import * as z from 'zod';
import { fixedSize, linear, plainInit } from '../graph/index.ts';
import { defineAuxiliary } from './define.ts';
import { mean, scaled } from './parts.ts';

export const fingerprint = defineAuxiliary({
  id: 'fingerprint',
  summary: 'Trunk features predict the bits of a fingerprint: mean binary cross-entropy times the number of bits over `scale`.',
  config: z.strictObject({
    /** Width of a hidden layer; 0: none. */
    hidden: z.int().min(0).default(0),
    /** Initial bias of every bit's logit: few bits are set, so that the head need not first learn that. */
    bias: z.number().default(-4),
    /** The loss is the sum over bits divided by this; a mean over thousands of bits would be too faint to train a trunk. */
    scale: z.number().positive().default(64),
  }),
  build: (g, { features, target: wanted }, { hidden, bias, scale }) => {
    const target = wanted!;
    const bits = fixedSize(target, 1);
    const x = hidden === 0 ? features : g.apply('Relu', [linear(g, 'hidden', features, hidden)]);
    const shift = g.parameter('bias', [bits], { kind: 'constant', value: bias });
    const product = linear(g, 'bits', x, bits, { bias: false, init: plainInit(fixedSize(x, 1)) });
    const logits = g.apply('Add', [product, shift], {}, 'logits');
    // -[t log p + (1 - t) log(1 - p)] = softplus(z) - t z
    const perBit = g.apply('Sub', [g.apply('Softplus', [logits]), g.apply('Mul', [target, logits])]);
    const entropy = mean(g, perBit);
    return { loss: scaled(g, entropy, bits / scale), metrics: { bitEntropy: entropy } };
  },
});
