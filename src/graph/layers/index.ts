export { selfAttention } from './attention.ts';
export { conv, convBlock } from './conv.ts';
export type { ConvBlockOptions, ConvOptions } from './conv.ts';
export { embedding } from './embedding.ts';
export { linear, plainInit } from './linear.ts';
export type { LinearOptions } from './linear.ts';
export { batchNorm, layerNorm } from './normalization.ts';
export type { BatchNormOptions } from './normalization.ts';
export { fixedSize } from './sizes.ts';
