/** The graphs of a reader: one for training, with its losses, and one for serving, with the same parameter names. */
import { GraphBuilder } from '../graph/index.ts';
import type { GraphIr } from '../graph/index.ts';
import type { ReaderVocabulary } from '../reading/index.ts';
import type { Reader } from './define.ts';

export interface ReaderGraph {
  readonly ir: GraphIr;
  readonly loss: string;
  readonly metrics: readonly string[];
  /** Role of the feed -> graph input. */
  readonly inputs: Readonly<Record<string, string>>;
}

export function buildReaderGraph(reader: Reader, config: unknown, vocabulary: ReaderVocabulary): ReaderGraph {
  const g = new GraphBuilder(`${reader.id}-reader`);
  const inputs = Object.fromEntries(Object.entries(reader.inputs(config)).map(([role, { dtype, shape }]) => [role, g.input(role, dtype, shape)]));
  const { loss, metrics } = reader.loss(g, inputs, config, vocabulary);
  const named = [g.named('loss', loss), ...Object.entries(metrics).map(([name, value]) => g.named(`metrics.${name}`, value))];
  for (const value of named) g.output(value);
  return { ir: g.toIr(), loss: 'loss', metrics: named.slice(1).map(({ name }) => name), inputs: Object.fromEntries(Object.keys(inputs).map((role) => [role, role])) };
}

export interface ServingGraph {
  readonly ir: GraphIr;
  readonly input: string;
}

/** Input "pixels" (N, 1, H, W) of any height and width that 16 divides; an output for each head, by its name. */
export function buildServingGraph(reader: Reader, config: unknown, vocabulary: ReaderVocabulary): ServingGraph {
  const g = new GraphBuilder(`${reader.id}-reader`);
  const pixels = g.input('pixels', 'f32', ['N', 1, 'H', 'W']);
  for (const [name, value] of Object.entries(reader.heads(g, pixels, config, vocabulary))) g.output(g.named(name, value));
  return { ir: g.toIr(), input: pixels.name };
}
