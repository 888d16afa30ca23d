/**
 * One architecture: from a modality's inputs to trunk features. Projection head and unit length are added by shared code
 * (`tower.ts`), so that an encoder is nothing but its trunk.
 */
import type * as z from 'zod';
import { IsoLensError } from '../core/index.ts';
import type { DType, GraphBuilder, Shape, Value } from '../graph/index.ts';

/** One input; `role` is the name by which a modality's feed fills it. The batch is the symbol "N". */
export interface EncoderInput {
  readonly role: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

export interface Encoder<Config = unknown, Id extends string = string> {
  readonly id: Id;
  readonly summary: string;
  readonly references: readonly string[];
  readonly config: z.ZodType<Config>;
  inputs(config: Config): readonly EncoderInput[];
  /** Trunk features (N, outputWidth(config)). */
  build(g: GraphBuilder, inputs: Readonly<Record<string, Value>>, config: Config): Value;
  outputWidth(config: Config): number;
  readonly presets: Readonly<Record<string, Config>>;
}

export function defineEncoder<Config, const Id extends string>(
  encoder: Omit<Encoder<Config, Id>, 'presets'> & { readonly presets: Readonly<Record<string, NoInfer<Config>>> },
): Encoder<Config, Id> {
  return Object.freeze(encoder);
}

/** The configuration of an encoder from a preset's name or a whole configuration, with single fields overridden. */
export function encoderConfig(encoder: Encoder, from: unknown, overrides: Readonly<Record<string, unknown>> = {}): unknown {
  const preset = typeof from === 'string' ? encoder.presets[from] : from;
  if (preset === undefined) {
    throw new IsoLensError('ARGUMENT_INVALID', `Expected a preset of the encoder "${encoder.id}" (${Object.keys(encoder.presets).join(', ')}) but received "${String(from)}".`);
  }
  const parsed = encoder.config.safeParse({ ...(preset as object), ...overrides });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new IsoLensError('ARGUMENT_INVALID', `Expected a valid configuration of the encoder "${encoder.id}" but received one that is not: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`);
}
