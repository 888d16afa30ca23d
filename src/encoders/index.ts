import { IsoLensError } from '../core/index.ts';
import type { Encoder } from './define.ts';
import { gin } from './gin.ts';
import { mlp } from './mlp.ts';
import { resnet } from './resnet.ts';
import { transformer } from './transformer.ts';
import { vit } from './vit.ts';

/** Adding an encoder: one file and one line here. */
export const ENCODERS = [resnet, vit, mlp, gin, transformer] as const;

export function encoderById(id: string): Encoder {
  const found: Encoder | undefined = ENCODERS.find((encoder) => encoder.id === id);
  if (found !== undefined) return found;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected an encoder (${ENCODERS.map((encoder) => encoder.id).join(', ')}) but received "${id}".`);
}

export { defineEncoder, encoderConfig, wholeConfig } from './define.ts';
export type { Encoder, EncoderInput } from './define.ts';
