import * as z from 'zod';
import { ATOM_FEATURES, BOND_FEATURES } from '../chem/index.ts';
import type { CategoricalFeature, GraphColumn } from '../chem/index.ts';
import type { NamedTensors } from '../inference/index.ts';
import { defineMoleculeModality } from './define.ts';
import type { RowRange } from './define.ts';

const config = z.strictObject({});

/** One category more than the chemistry uses: the last one stands for a masked atom. */
const atomVocabularies = ATOM_FEATURES.map(({ size }: CategoricalFeature) => size + 1);
const bondVocabularies = BOND_FEATURES.map(({ size }: CategoricalFeature) => size);

const COLUMN = 'graph';

export const graph = defineMoleculeModality({
  id: 'graph',
  summary: 'Atoms and bonds of the parent molecule with categorical features.',
  config,
  inputs: () => [
    { role: 'atoms', dtype: 'i32', shape: ['V', atomVocabularies.length] },
    { role: 'begin', dtype: 'i32', shape: ['E'] },
    { role: 'end', dtype: 'i32', shape: ['E'] },
    { role: 'bonds', dtype: 'i32', shape: ['E', bondVocabularies.length] },
    { role: 'segment', dtype: 'i32', shape: ['V'] },
    { role: 'counts', dtype: 'f32', shape: ['N', 1] },
  ],
  encoderFields: () => ({ atomVocabularies, bondVocabularies }),
  request: () => ({ graph: true }),
  tensors: (batch, _options, range) => collate(batch.graph!, range),
  training: {
    augmentation: z.strictObject({
      maskAtoms: z.number().min(0).lt(1).default(0),
      dropBonds: z.number().min(0).lt(1).default(0),
      /** Validation sees such views too: of two towers that share one encoder, whole views would be the same twice. */
      varyValidation: z.boolean().default(false),
    }),
    request: () => ({ graph: true }),
    feed: (_options, augmentation) => ({ kind: 'graph', column: COLUMN, options: { ...augmentation, maskIds: atomVocabularies.map((size) => size - 1) } }),
  },
});

/** Molecules side by side as one graph; each bond becomes two neighbouring edges, there and back, as in src/native/feeds/graph.cpp. */
function collate(column: GraphColumn, { from, to }: RowRange): NamedTensors {
  const firstAtom = Number(column.atomOffsets[from]!);
  const firstBond = Number(column.bondOffsets[from]!);
  const atoms = Number(column.atomOffsets[to]!) - firstAtom;
  const bonds = Number(column.bondOffsets[to]!) - firstBond;
  const atomWidth = atomVocabularies.length;
  const bondWidth = bondVocabularies.length;
  const begin = new Int32Array(2 * bonds);
  const end = new Int32Array(2 * bonds);
  const features = new Int32Array(2 * bonds * bondWidth);
  const segment = new Int32Array(atoms);
  const counts = new Float32Array(to - from);
  for (let row = from; row < to; row++) {
    const start = Number(column.atomOffsets[row]!) - firstAtom;
    const stop = Number(column.atomOffsets[row + 1]!) - firstAtom;
    segment.fill(row - from, start, stop);
    counts[row - from] = stop - start;
    for (let bond = Number(column.bondOffsets[row]!); bond < Number(column.bondOffsets[row + 1]!); bond++) {
      const edge = 2 * (bond - firstBond);
      begin[edge] = end[edge + 1] = start + column.begin[bond]!;
      end[edge] = begin[edge + 1] = start + column.end[bond]!;
      const own = column.bondFeatures.subarray(bond * bondWidth, (bond + 1) * bondWidth);
      features.set(own, edge * bondWidth);
      features.set(own, (edge + 1) * bondWidth);
    }
  }
  const atomFeatures = Int32Array.from(column.atomFeatures.subarray(firstAtom * atomWidth, (firstAtom + atoms) * atomWidth));
  return {
    atoms: { dtype: 'i32', data: atomFeatures, shape: [atoms, atomWidth] },
    begin: { dtype: 'i32', data: begin, shape: [2 * bonds] },
    end: { dtype: 'i32', data: end, shape: [2 * bonds] },
    bonds: { dtype: 'i32', data: features, shape: [2 * bonds, bondWidth] },
    segment: { dtype: 'i32', data: segment, shape: [atoms] },
    counts: { dtype: 'f32', data: counts, shape: [to - from, 1] },
  };
}
