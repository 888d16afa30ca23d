/** All measurements as columns: about 13 bytes each, beside each distinct SMILES once. */
import { createHash } from 'node:crypto';
import { IsoLensError } from '../../core/index.ts';
import type { Measurement } from '../define.ts';

export interface MeasurementTable {
  readonly smiles: readonly string[];
  readonly assays: readonly string[];
  /** Rows of assay a: rowOffsets[a] .. rowOffsets[a + 1]. */
  readonly rowOffsets: Uint32Array;
  readonly molecule: Uint32Array;
  readonly activity: Float32Array;
  /** -1 the true value is below, 0 exact, 1 above. */
  readonly bound: Int8Array;
  /** Of everything: another table gives another digest. */
  readonly digest: string;
}

const BOUND: Readonly<Record<Measurement['relation'], number>> = { below: -1, exact: 0, above: 1 };

export async function readMeasurements(source: AsyncIterable<Measurement>): Promise<MeasurementTable> {
  const molecules = new Map<string, number>();
  const assays = new Map<string, number[]>();
  const molecule: number[] = [];
  const activity: number[] = [];
  const bound: number[] = [];
  const hash = createHash('sha256');
  for await (const one of source) {
    if (!Number.isFinite(one.activity)) throw new IsoLensError('RECORD_INVALID', `Expected an activity of ${one.smiles.slice(0, 60)} in ${one.assay} but received ${one.activity}.`);
    const row = molecule.length;
    const rows = assays.get(one.assay);
    if (rows === undefined) assays.set(one.assay, [row]);
    else rows.push(row);
    if (!molecules.has(one.smiles)) molecules.set(one.smiles, molecules.size);
    molecule.push(molecules.get(one.smiles)!);
    activity.push(one.activity);
    bound.push(BOUND[one.relation]);
    hash.update(`${one.assay}\t${one.smiles}\t${one.activity}\t${one.relation}\n`);
  }
  const rows = [...assays.values()];
  const order = rows.flat();
  const rowOffsets = new Uint32Array(rows.length + 1);
  rows.forEach((list, a) => (rowOffsets[a + 1] = rowOffsets[a]! + list.length));
  return {
    smiles: [...molecules.keys()],
    assays: [...assays.keys()],
    rowOffsets,
    molecule: Uint32Array.from(order, (row) => molecule[row]!),
    activity: Float32Array.from(order, (row) => activity[row]!),
    bound: Int8Array.from(order, (row) => bound[row]!),
    digest: hash.digest('hex'),
  };
}
