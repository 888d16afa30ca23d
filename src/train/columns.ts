/** Features of molecules as columns of a training data file (safetensors), for a selection of rows. */
import { GRAPH_WIDTHS } from '../chem/index.ts';
import type { FeatureBatch, FeatureRequest } from '../chem/index.ts';
import type { StoredTensor, TensorData } from './safetensors.ts';

/**
 * Every column that the batch holds, of the rows in `keep` and in that order. The names are those by which feeds find them:
 * `layout`, `graph`, `smiles`, and one for each count fingerprint.
 */
export function columnsOf(batch: FeatureBatch, keep: readonly number[]): Record<string, StoredTensor> {
  const columns: Record<string, StoredTensor> = {};
  for (const [name, counts] of Object.entries(batch.counts)) {
    const ragged = new Ragged(counts.offsets, keep);
    columns[`${name}.indices`] = ragged.pick(counts.indices, []);
    columns[`${name}.values`] = ragged.pick(counts.values, []);
    columns[`${name}.offsets`] = ragged.stored();
  }
  const { layouts, graph, tokens } = batch;
  if (layouts !== undefined) {
    const atoms = new Ragged(layouts.atomOffsets, keep);
    const bonds = new Ragged(layouts.bondOffsets, keep);
    columns['layout.atomOffsets'] = atoms.stored();
    columns['layout.bondOffsets'] = bonds.stored();
    for (const field of ['element', 'charge', 'hydrogens', 'isotope'] as const) columns[`layout.${field}`] = atoms.pick(layouts[field], []);
    for (const field of ['begin', 'end', 'order', 'aromatic'] as const) columns[`layout.${field}`] = bonds.pick(layouts[field], []);
    columns['layout.xy'] = atoms.pickLayers(layouts.xy, layouts.layouts, [2]);
    columns['layout.stereo'] = bonds.pickLayers(layouts.stereo, layouts.layouts, []);
    columns['layout.stereoFlip'] = bonds.pickLayers(layouts.stereoFlip, layouts.layouts, []);
  }
  if (graph !== undefined) {
    const atoms = new Ragged(graph.atomOffsets, keep);
    const bonds = new Ragged(graph.bondOffsets, keep);
    columns['graph.atomOffsets'] = atoms.stored();
    columns['graph.bondOffsets'] = bonds.stored();
    columns['graph.atomFeatures'] = atoms.pick(graph.atomFeatures, [GRAPH_WIDTHS.atom]);
    columns['graph.bondFeatures'] = bonds.pick(graph.bondFeatures, [GRAPH_WIDTHS.bond]);
    columns['graph.begin'] = bonds.pick(graph.begin, []);
    columns['graph.end'] = bonds.pick(graph.end, []);
  }
  if (tokens !== undefined) {
    const ragged = new Ragged(tokens.offsets, keep);
    columns['smiles.offsets'] = ragged.stored();
    columns['smiles.tokens'] = ragged.pick(tokens.tokens, []);
  }
  return columns;
}

/** Selected rows of ragged data: row r is elements [offsets[r], offsets[r + 1]), each of a fixed shape. */
class Ragged {
  private readonly spans: readonly (readonly [begin: number, end: number])[];
  private readonly total: number;
  private readonly all: number;

  constructor(offsets: BigInt64Array, keep: readonly number[]) {
    this.spans = keep.map((row) => [Number(offsets[row]!), Number(offsets[row + 1]!)]);
    this.total = this.spans.reduce((sum, [begin, end]) => sum + end - begin, 0);
    this.all = Number(offsets.at(-1)!);
  }

  stored(): StoredTensor {
    const offsets = new BigInt64Array(this.spans.length + 1);
    this.spans.forEach(([begin, end], i) => (offsets[i + 1] = offsets[i]! + BigInt(end - begin)));
    return { data: offsets, shape: [offsets.length] };
  }

  pick<Data extends TensorData>(data: Data, elementShape: readonly number[]): StoredTensor {
    return { data: this.copy(data, 1, elementShape), shape: [this.total, ...elementShape] };
  }

  /** Data of shape (layers, elements, ...elementShape). */
  pickLayers<Data extends TensorData>(data: Data, layers: number, elementShape: readonly number[]): StoredTensor {
    return { data: this.copy(data, layers, elementShape), shape: [layers, this.total, ...elementShape] };
  }

  private copy<Data extends TensorData>(data: Data, layers: number, elementShape: readonly number[]): Data {
    const width = elementShape.reduce((product, size) => product * size, 1);
    const out = new (data.constructor as new (length: number) => Data)(layers * this.total * width);
    let at = 0;
    for (let layer = 0; layer < layers; layer++) {
      for (const [begin, end] of this.spans) {
        const part = data.subarray((layer * this.all + begin) * width, (layer * this.all + end) * width);
        (out as Uint8Array).set(part as Uint8Array, at);
        at += part.length;
      }
    }
    return out;
  }
}

/** One request that covers several. */
export function mergeRequests(requests: readonly FeatureRequest[]): FeatureRequest {
  return requests.reduce<FeatureRequest>((all, one) => ({ ...all, ...one, counts: { ...all.counts, ...one.counts }, bits: { ...all.bits, ...one.bits } }), {});
}
