/**
 * Networks that read a picture place by place: one trunk over the whole picture, and heads that say what lies in every cell. The
 * kind beside `encoders`: an encoder makes one vector of a picture, a reader makes maps.
 */
import type * as z from 'zod';
import { IsoLensError } from '../core/index.ts';
import type { DType, GraphBuilder, Shape, Value } from '../graph/index.ts';
import type { ReaderHeads, ReaderVocabulary } from '../reading/index.ts';

export interface ReaderInput {
  readonly dtype: DType;
  readonly shape: Shape;
}

export interface ReaderLoss {
  readonly loss: Value;
  readonly metrics: Readonly<Record<string, Value>>;
}

/** How the native trainer draws for this reader; the run adds the names of the graph's inputs. */
export interface ReaderFeed {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface Reader<Config = unknown, Id extends string = string> {
  readonly id: Id;
  readonly summary: string;
  readonly references: readonly string[];
  readonly config: z.ZodType<Config>;
  readonly presets: Readonly<Record<string, Config>>;
  /** Pixels of a cell of the maps, and the bond length in pixels at which it reads. */
  scale(config: Config): { readonly stride: number; readonly bond: number };
  /** Inputs of the training graph by the roles of its feed. */
  inputs(config: Config): Readonly<Record<string, ReaderInput>>;
  feed(config: Config): ReaderFeed;
  loss(g: GraphBuilder, inputs: Readonly<Record<string, Value>>, config: Config, vocabulary: ReaderVocabulary): ReaderLoss;
  /** Heads over `pixels` (N, 1, H, W), H and W multiples of 16: each (N, channels, H / stride, W / stride). */
  heads(g: GraphBuilder, pixels: Value, config: Config, vocabulary: ReaderVocabulary): { readonly [Head in keyof ReaderHeads]: Value };
}

export function defineReader<Config, const Id extends string>(
  reader: Omit<Reader<Config, Id>, 'presets'> & { readonly presets: Readonly<Record<string, NoInfer<Config>>> },
): Reader<Config, Id> {
  return Object.freeze(reader);
}

/** A configuration from a preset's name or whole, with single fields overridden. */
export function readerConfig(reader: Reader, from: unknown, overrides: Readonly<Record<string, unknown>> = {}): unknown {
  const preset = typeof from === 'string' ? reader.presets[from] : from;
  const parsed = reader.config.safeParse({ ...(preset as object | undefined), ...overrides });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new IsoLensError(
    'ARGUMENT_INVALID',
    `Expected a preset of the reader "${reader.id}" (${Object.keys(reader.presets).join(', ')}) or a whole configuration but received one that is not valid: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`,
  );
}
