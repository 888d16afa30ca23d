import { beforeAll, describe, expect, it } from 'vitest';
import { GRAPH_WIDTHS, createKernel, featurise } from '../../src/chem/index.ts';
import type { FeatureBatch, FeatureRequest, Kernel } from '../../src/chem/index.ts';
import { columnsOf, mergeRequests } from '../../src/train/columns.ts';

const REQUEST: FeatureRequest = {
  counts: { morgan: { kind: 'morgan', radius: 2, bits: 1024 } },
  graph: true,
  tokens: true,
  layouts: { kinds: ['rdkit', 'coordgen'], of: 'input' },
};
const SMILES = ['CCO', 'c1ccccc1Cl', '[Na+].CC(=O)[O-]', 'C[C@H](N)C(=O)O', 'C'];

let kernel: Kernel;
const batchOf = (smiles: readonly string[]): FeatureBatch => featurise(kernel, smiles, REQUEST);

beforeAll(async () => {
  kernel = await createKernel();
});

describe('columnsOf', () => {
  it('keeps whole batches as they are', () => {
    const batch = batchOf(SMILES);
    const columns = columnsOf(batch, SMILES.map((_, row) => row));
    expect(columns['morgan.indices']!.data).toEqual(batch.counts['morgan']!.indices);
    expect(columns['morgan.offsets']!.data).toEqual(batch.counts['morgan']!.offsets);
    expect(columns['layout.xy']!.data).toEqual(batch.layouts!.xy);
    expect(columns['graph.atomFeatures']!.data).toEqual(batch.graph!.atomFeatures);
    expect(columns['smiles.tokens']!.data).toEqual(batch.tokens!.tokens);
  });

  it.each([[[1]], [[4, 0]], [[3, 1, 2]], [[]]])('of selected rows %j are those of the rows alone', (keep) => {
    const picked = columnsOf(batchOf(SMILES), keep);
    const alone = columnsOf(batchOf(keep.map((row) => SMILES[row]!)), keep.map((_, i) => i));
    if (keep.length > 0) expect(picked).toEqual(alone);
    for (const [name, { data, shape }] of Object.entries(picked)) expect(shape.reduce((product, size) => product * size, 1), name).toBe(data.length);
    expect(picked['layout.atomOffsets']!.shape).toEqual([keep.length + 1]);
  });

  it('state their shapes: layers before atoms, features after', () => {
    const columns = columnsOf(batchOf(SMILES), [0, 4]);
    expect(columns['layout.xy']!.shape).toEqual([2, 4, 2]);
    expect(columns['layout.stereo']!.shape).toEqual([2, 2]);
    expect(columns['graph.atomFeatures']!.shape).toEqual([4, GRAPH_WIDTHS.atom]);
    expect(columns['graph.bondFeatures']!.shape).toEqual([2, GRAPH_WIDTHS.bond]);
  });
});

it('one request covers what several ask for', () => {
  const morgan = { kind: 'morgan', radius: 2, bits: 1024 } as const;
  const pairs = { kind: 'morgan', radius: 3, bits: 2048 } as const;
  expect(mergeRequests([{ counts: { a: morgan } }, { graph: true }, { counts: { b: pairs }, layouts: REQUEST.layouts! }])).toEqual({
    counts: { a: morgan, b: pairs }, bits: {}, graph: true, layouts: REQUEST.layouts,
  });
});
