/**
 * What is counted over the graph of a parent: fingerprints, descriptors, scaffold, ErG, alerts. The native engine computes a whole
 * batch at once; RDKit and the TypeScript twins do it one by one where the engine is not built, for what its reader does not know,
 * and as its oracle in tests. Both read the canonical SMILES, so no number depends on how a molecule was written down.
 */
import type { NativeFeatureRequest, NativeFeatures, NativeFingerprint } from '../native/index.ts';
import { ALERT_BYTES, alertBits } from './alerts.ts';
import { bitColumn, joinF32, sparseColumn } from './columns.ts';
import type { BitColumn, SparseColumn } from './columns.ts';
import { DESCRIPTOR_NAMES, descriptorRow, descriptorsOf } from './descriptors.ts';
import { ERG_WIDTH, ergOf } from './erg.ts';
import type { FeatureRequest } from './feature-request.ts';
import { fingerprintBits, joinedCounts } from './fingerprints.ts';
import type { FingerprintConfig } from './fingerprints.ts';
import type { Kernel } from './kernel.ts';
import { graphOf } from './molecule-graph.ts';
import type { SparseCounts } from './morgan.ts';
import { withTrusted } from './rdkit.ts';
import { scaffoldKeyOf, scaffoldOf } from './scaffold.ts';
import type { StandardMolecule } from './standardise.ts';

/** In the order of the molecules; what was not wanted is absent. */
export interface CountedColumns {
  readonly bits: Readonly<Record<string, BitColumn>>;
  readonly counts: Readonly<Record<string, SparseColumn>>;
  /** (rows, DESCRIPTOR_NAMES) */
  readonly descriptors?: Float32Array;
  readonly scaffolds?: readonly string[];
  readonly scaffoldKeys?: readonly string[];
  /** (rows, ERG_WIDTH) */
  readonly pharmacophore?: BitColumn;
  /** (rows, ALERT_BYTES) */
  readonly alerts?: BitColumn;
}

interface CountedRow {
  readonly bits: Readonly<Record<string, Uint8Array>>;
  readonly counts: Readonly<Record<string, SparseCounts>>;
  readonly descriptors: Float32Array;
  readonly scaffold: string;
  readonly scaffoldKey: string;
  readonly pharmacophore: Uint8Array;
  readonly alerts: Uint8Array;
}

type Wanted = Pick<FeatureRequest, 'bits' | 'counts' | 'descriptors' | 'scaffold' | 'scaffoldKey' | 'pharmacophore' | 'alerts'>;

export function isAnythingCounted({ bits, counts, ...others }: Wanted): boolean {
  return Object.keys(bits ?? {}).length + Object.keys(counts ?? {}).length > 0 || Object.values(others).includes(true);
}

/** `begin(i)` is told before molecule i is computed by RDKit, which can trap or stall. */
export function countedColumns(kernel: Kernel, molecules: readonly StandardMolecule[], wanted: Wanted, begin: (row: number) => void): CountedColumns {
  const oracle = (row: number): CountedRow => {
    begin(row);
    return rowByRdkit(kernel, molecules[row]!, wanted);
  };
  const featuriser = molecules.length > 0 && isAnythingCounted(wanted) && !Object.values(wanted.bits ?? {}).some(({ chirality }) => chirality === true) ? kernel.featuriser() : undefined;
  if (featuriser === undefined) return fromRows(molecules.map((_, row) => oracle(row)), wanted);
  const found = featuriser.compute(molecules.map(({ parentSmiles }) => parentSmiles), requestOf(wanted), 1);
  const others = new Map<number, CountedRow>();
  found.understood.forEach((understood, row) => { if (understood === 0) others.set(row, oracle(row)); });
  return fromNative(kernel, found, wanted, others);
}

function requestOf({ bits = {}, counts = {}, descriptors = false, scaffold = false, scaffoldKey = false, pharmacophore = false, alerts = false }: Wanted): NativeFeatureRequest {
  return { bits: Object.values(bits).map(nativeOf), counts: Object.values(counts).map((parts) => [parts].flat().map(nativeOf)), descriptors, scaffold, scaffoldKey, pharmacophore, alerts, graph: false };
}

function nativeOf({ kind, bits, radius }: FingerprintConfig): NativeFingerprint {
  return radius === undefined ? { kind, bits } : { kind, bits, radius };
}

/** RDKit's numbers and those of the TypeScript twins. */
export function rowByRdkit(kernel: Kernel, { parentSmiles, charge }: Pick<StandardMolecule, 'parentSmiles' | 'charge'>, wanted: Wanted): CountedRow {
  return withTrusted(kernel.rdkit, parentSmiles, (mol) => {
    const graph = graphOf(mol);
    return {
      bits: mapValues(wanted.bits ?? {}, (config) => fingerprintBits(mol, graph, config)),
      counts: mapValues(wanted.counts ?? {}, (configs) => joinedCounts(graph, [configs].flat())),
      descriptors: wanted.descriptors === true ? descriptorRow(descriptorsOf(mol, charge)) : new Float32Array(0),
      scaffold: wanted.scaffold === true ? scaffoldOf(kernel.rdkit, graph) : '',
      scaffoldKey: wanted.scaffoldKey === true ? keyText(scaffoldKeyOf(graph)) : '',
      pharmacophore: wanted.pharmacophore === true ? ergOf(graph) : new Uint8Array(0),
      alerts: wanted.alerts === true ? alertBits(kernel.alerts(), mol) : new Uint8Array(0),
    };
  });
}

function fromRows(rows: readonly CountedRow[], wanted: Wanted): CountedColumns {
  return {
    bits: mapValues(wanted.bits ?? {}, (config, name) => bitColumn(rows.map((row) => row.bits[name]!), bytesOf(config))),
    counts: mapValues(wanted.counts ?? {}, (_, name) => sparseColumn(rows.map((row) => row.counts[name]!))),
    ...(wanted.descriptors === true ? { descriptors: joinF32(rows.map((row) => row.descriptors)) } : {}),
    ...(wanted.scaffold === true ? { scaffolds: rows.map((row) => row.scaffold) } : {}),
    ...(wanted.scaffoldKey === true ? { scaffoldKeys: rows.map((row) => row.scaffoldKey) } : {}),
    ...(wanted.pharmacophore === true ? { pharmacophore: bitColumn(rows.map((row) => row.pharmacophore), ERG_WIDTH) } : {}),
    ...(wanted.alerts === true ? { alerts: bitColumn(rows.map((row) => row.alerts), ALERT_BYTES) } : {}),
  };
}

/** `others`: rows that the engine did not understand. */
function fromNative(kernel: Kernel, found: NativeFeatures, wanted: Wanted, others: ReadonlyMap<number, CountedRow>): CountedColumns {
  const filled = <A extends Uint8Array | Float32Array>(data: A, width: number, pick: (row: CountedRow) => A): A => {
    for (const [row, other] of others) data.set(pick(other), row * width);
    return data;
  };
  const column = (data: Uint8Array, bytes: number, pick: (row: CountedRow) => Uint8Array): BitColumn => ({ data: filled(data, bytes, pick), bytes });
  const [bits, counts] = [Object.entries(wanted.bits ?? {}), Object.keys(wanted.counts ?? {})];
  return {
    bits: Object.fromEntries(bits.map(([name, config], c) => [name, column(found.bits[c]!, bytesOf(config), (row) => row.bits[name]!)])),
    counts: Object.fromEntries(counts.map((name, c) => [name, withOthers(found.counts[c]!, name, others)])),
    ...(wanted.descriptors === true ? { descriptors: filled(found.descriptors, DESCRIPTOR_NAMES.length, (row) => row.descriptors) } : {}),
    ...(wanted.scaffold === true ? { scaffolds: scaffoldTexts(kernel, found, others) } : {}),
    ...(wanted.scaffoldKey === true ? { scaffoldKeys: Array.from(found.understood, (_, row) => others.get(row)?.scaffoldKey ?? keyAt(found, row)) } : {}),
    ...(wanted.pharmacophore === true ? { pharmacophore: column(found.pharmacophore, ERG_WIDTH, (row) => row.pharmacophore) } : {}),
    ...(wanted.alerts === true ? { alerts: column(found.alerts, ALERT_BYTES, (row) => row.alerts) } : {}),
  };
}

function withOthers(column: SparseColumn, name: string, others: ReadonlyMap<number, CountedRow>): SparseColumn {
  if (others.size === 0) return column;
  const { indices, values, offsets } = column;
  return sparseColumn(Array.from({ length: offsets.length - 1 }, (_, row) => {
    const [from, to] = [Number(offsets[row]), Number(offsets[row + 1])];
    return others.get(row)?.counts[name] ?? { indices: indices.subarray(from, to), values: values.subarray(from, to) };
  }));
}

/** RDKit writes each scaffold once; molecules of a library share many. */
function scaffoldTexts(kernel: Kernel, found: NativeFeatures, others: ReadonlyMap<number, CountedRow>): string[] {
  const written = found.scaffolds.split('\n');
  return Array.from(found.understood, (_, row) => {
    const other = others.get(row);
    if (other !== undefined) return other.scaffold;
    const text = written[row]!;
    if (text === '') return '';
    return kernel.scaffold(keyAt(found, row), () => withTrusted(kernel.rdkit, text, (mol) => mol.get_smiles()));
  });
}

function keyAt({ scaffoldKeys }: NativeFeatures, row: number): string {
  return keyText(scaffoldKeys.subarray(4 * row, 4 * row + 4));
}

function keyText(key: Uint32Array): string {
  return key.every((part) => part === 0) ? '' : Array.from(key, (part) => part.toString(16).padStart(8, '0')).join('');
}

function bytesOf({ bits }: FingerprintConfig): number {
  return Math.ceil(bits / 8);
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A, name: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}
