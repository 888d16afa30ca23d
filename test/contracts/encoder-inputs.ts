/** Batches that an encoder can read. Most read dense tensors; an encoder of another kind adds a maker here. */
import { createRng } from '../../src/core/index.ts';
import type { Encoder } from '../../src/encoders/index.ts';
import { evaluateShape } from '../../src/graph/index.ts';
import { uniform } from './execute.ts';
import type { Data, Feeds, Sizes } from './execute.ts';

export interface Batch {
  readonly feeds: Feeds;
  readonly sizes: Sizes;
}

type Maker = (encoder: Encoder, config: unknown, items: readonly number[]) => Batch;

/** Item i of every batch holds the same numbers, whatever else is in the batch. */
const dense: Maker = (encoder, config, items) => {
  const feeds = encoder.inputs(config).map(({ role, shape }): [string, Data] => {
    const parts = items.map((item) => uniform(createRng(100 + item), evaluateShape(shape, { N: 1 }), 0, 1).data);
    const data = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.forEach((part, i) => data.set(part, i * part.length));
    return [role, { data, shape: evaluateShape(shape, { N: items.length }) }];
  });
  return { feeds: Object.fromEntries(feeds), sizes: { N: items.length } };
};

/** Chains with a ring closure, of 3 to 9 atoms; item 0 is a single atom: a batch of it alone has no edges. */
const molecules: Maker = (encoder, config, items) => {
  const { atomVocabularies, bondVocabularies } = config as { atomVocabularies: number[]; bondVocabularies: number[] };
  const atoms: number[] = [];
  const segment: number[] = [];
  const begin: number[] = [];
  const end: number[] = [];
  const bonds: number[] = [];
  const counts: number[] = [];
  items.forEach((item, i) => {
    const rng = createRng(200 + item);
    const first = segment.length;
    const count = item === 0 ? 1 : 3 + rng.int(7);
    for (let atom = 0; atom < count; atom++) {
      atoms.push(...atomVocabularies.map((size) => rng.int(size)));
      segment.push(i);
    }
    for (let atom = 0; count > 2 && atom < count; atom++) {
      const ids = bondVocabularies.map((size) => rng.int(size));
      const [from, to] = [first + atom, first + ((atom + 1) % count)];
      begin.push(from, to);
      end.push(to, from);
      bonds.push(...ids, ...ids);
    }
    counts.push(count);
  });
  const sizes = { N: items.length, V: segment.length, E: begin.length };
  const values: Record<string, number[]> = { atoms, segment, begin, end, bonds, counts };
  const feeds = encoder.inputs(config).map(({ role, dtype, shape }): [string, Data] => {
    const data = dtype === 'i32' ? Int32Array.from(values[role]!) : Float32Array.from(values[role]!);
    return [role, { data, shape: evaluateShape(shape, sizes) }];
  });
  return { feeds: Object.fromEntries(feeds), sizes };
};

/** Sequences of different lengths, padding last; item 0 is a single token. */
const sequences: Maker = (encoder, config, items) => {
  const { vocabulary, length } = config as { vocabulary: number; length: number };
  const tokens = new Int32Array(items.length * length);
  const mask = new Float32Array(items.length * length);
  items.forEach((item, i) => {
    const rng = createRng(300 + item);
    const count = item === 0 ? 1 : 2 + rng.int(length - 1);
    for (let t = 0; t < count; t++) tokens[i * length + t] = rng.int(vocabulary);
    mask.fill(1, i * length, i * length + count);
  });
  const shape = [items.length, length];
  return { feeds: { tokens: { data: tokens, shape }, mask: { data: mask, shape } }, sizes: { N: items.length } };
};

const MAKERS: Readonly<Record<string, Maker>> = { gin: molecules, transformer: sequences };

export function encoderBatch(encoder: Encoder, config: unknown, items: readonly number[]): Batch {
  return (MAKERS[encoder.id] ?? dense)(encoder, config, items);
}
