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
  /** Of i32 columns of categories: how many each has. */
  readonly categories?: readonly number[];
  /** Declared by modalities: rows are mostly zeros, as those of fingerprints. */
  readonly isSparse?: true;
}

/** What an encoder gives besides its features, for heads that look at parts of an item. */
export interface Encoded {
  /** (N, outputWidth(config)). */
  readonly features: Value;
  /** (N, K, D): one vector for each part of the item that it has seen; of graphs (V, D), one for each atom of the batch. */
  readonly tokens: Value;
}

export interface Encoder<Config = unknown, Id extends string = string> {
  readonly id: Id;
  readonly summary: string;
  readonly references: readonly string[];
  readonly config: z.ZodType<Config>;
  inputs(config: Config): readonly EncoderInput[];
  /** Trunk features (N, outputWidth(config)), alone or beside tokens. */
  build(g: GraphBuilder, inputs: Readonly<Record<string, Value>>, config: Config): Value | Encoded;
  outputWidth(config: Config): number;
  /** Symbols of its inputs, beside the batch, that are of one size in all views of an item. */
  readonly viewsShare?: readonly string[];
  /** Options of the modality's feed that follow from what the encoder leaves out while it is trained. */
  feedOptions?(config: Config): Readonly<Record<string, unknown>>;
  /** The configuration that is served, and that a momentum encoder has: nothing is left out. */
  whole?(config: Config): Config;
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

/** The encoder's configuration as it is served. */
export function wholeConfig(encoder: Encoder, config: unknown): unknown {
  return encoder.whole?.(config) ?? config;
}
