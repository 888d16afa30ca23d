import * as z from 'zod';
import { batchNorm, linear } from '../graph/index.ts';
import type { GraphBuilder, Value } from '../graph/index.ts';
import { defineEncoder } from './define.ts';

const config = z.strictObject({
  /** Number of categories of each atom feature and each bond feature, in the order of the columns. */
  atomVocabularies: z.array(z.int().positive()).min(1),
  bondVocabularies: z.array(z.int().positive()).min(1),
  layers: z.int().positive(),
  width: z.int().positive(),
  features: z.int().positive(),
  dropout: z.number().min(0).lt(1),
});
type Config = z.output<typeof config>;

/** The sum of one learned vector for each categorical column: (R, columns) to (R, width). */
function categorical(g: GraphBuilder, name: string, ids: Value, vocabularies: readonly number[], width: number): Value {
  const scope = g.scope(name);
  const init = { kind: 'uniform', bound: Math.sqrt(6 / (vocabularies.reduce((a, b) => a + b, 0) + width)) } as const;
  const rows = vocabularies.map((vocabulary, column) => {
    const table = scope.parameter(`${column}.weight`, [vocabulary, width], init, { decay: false });
    const one = scope.apply('Slice', [ids], { starts: [column], ends: [column + 1], axes: [1] });
    return scope.apply('Reshape', [scope.apply('Gather', [table, one])], { shape: [-1, width] });
  });
  return rows.reduce((sum, row) => scope.apply('Add', [sum, row]));
}

/** One round of messages along edges and from each atom to itself. */
function layer(g: GraphBuilder, name: string, x: Value, inputs: Readonly<Record<string, Value>>, options: Config, last: boolean): Value {
  const { begin, end, bonds } = inputs as { begin: Value; end: Value; bonds: Value };
  const scope = g.scope(name);
  const bond = categorical(scope, 'bond', bonds, options.bondVocabularies, options.width);
  const self = scope.parameter('self', [options.width], { kind: 'zeros' });
  const messages = scope.apply('Add', [scope.apply('Gather', [x, begin]), bond]);
  const gathered = scope.apply('SegmentSum', [messages, end, x]);
  const sum = scope.apply('Add', [gathered, scope.apply('Add', [x, self])]);
  const hidden = scope.apply('Relu', [linear(scope, 'up', sum, 2 * options.width)]);
  let y = batchNorm(scope, 'norm', linear(scope, 'down', hidden, options.width));
  if (!last) y = scope.apply('Relu', [y]);
  return options.dropout > 0 ? scope.apply('Dropout', [y], { rate: options.dropout }) : y;
}

// As in MolCLR: element and chirality of atoms, kind and direction of bonds. A modality with other columns overrides them.
const vocabularies = { atomVocabularies: [119, 3], bondVocabularies: [5, 3] };

export const gin = defineEncoder({
  id: 'gin',
  summary: 'Graph isomorphism network over atoms and bonds.',
  references: ['Xu et al. 2019, arXiv:1810.00826', 'Wang et al. 2022, doi:10.1038/s42256-022-00447-x (MolCLR)'],
  config,
  inputs: ({ atomVocabularies, bondVocabularies }) => [
    { role: 'atoms', dtype: 'i32', shape: ['V', atomVocabularies.length], categories: atomVocabularies },
    // Every bond is two edges, there and back.
    { role: 'begin', dtype: 'i32', shape: ['E'] },
    { role: 'end', dtype: 'i32', shape: ['E'] },
    { role: 'bonds', dtype: 'i32', shape: ['E', bondVocabularies.length], categories: bondVocabularies },
    // The molecule of each atom; negative for padding.
    { role: 'segment', dtype: 'i32', shape: ['V'] },
    // Number of atoms of each molecule.
    { role: 'counts', dtype: 'f32', shape: ['N', 1] },
  ],
  build: (g, inputs, options) => {
    let x = categorical(g, 'atom', inputs['atoms']!, options.atomVocabularies, options.width);
    for (let i = 0; i < options.layers; i++) x = layer(g, `layers.${i}`, x, inputs, options, i === options.layers - 1);
    const counts = inputs['counts']!;
    const sum = g.apply('SegmentSum', [x, inputs['segment']!, counts]);
    const mean = g.apply('Div', [sum, g.apply('Clip', [counts], { min: 1, max: 1e9 })]);
    return { tokens: x, features: linear(g, 'features', mean, options.features) };
  },
  // Views mask atoms and delete bonds; none is without an atom that another has.
  viewsShare: ['V'],
  outputWidth: ({ features }) => features,
  presets: {
    tiny: { ...vocabularies, layers: 2, width: 16, features: 32, dropout: 0 },
    base: { ...vocabularies, layers: 5, width: 300, features: 512, dropout: 0 },
  },
});
