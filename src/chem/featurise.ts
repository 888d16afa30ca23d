/** Everything that indexing, search and training want of a molecule, computed together so that it is read once. */
import { toIsoLensError } from '../core/index.ts';
import type { ErrorCode, ErrorDetails } from '../core/index.ts';
import { graphColumn, joinBits, joinF32, joinGraphs, joinLayouts, joinSparse, layoutColumn } from './columns.ts';
import type { BitColumn, GraphColumn, LayoutColumn, SparseColumn } from './columns.ts';
import { countedColumns } from './counted.ts';
import type { CountedColumns } from './counted.ts';
import type { FeatureRequest } from './feature-request.ts';
import { DESCRIPTOR_NAMES } from './descriptors.ts';
import { checkFingerprint } from './fingerprints.ts';
import type { Kernel } from './kernel.ts';
import { layoutOf } from './layout.ts';
import type { Layout, LayoutKind } from './layout.ts';
import { graphOf } from './molecule-graph.ts';
import type { MoleculeGraph } from './molecule-graph.ts';
import type { Mol } from './rdkit.ts';
import { joinTokens, smilesTokenIds, tokenColumn } from './smiles-tokens.ts';
import type { TokenColumn } from './smiles-tokens.ts';
import type { StandardMolecule } from './standardise.ts';

export interface ItemError {
  /** Index in the input. */
  readonly index: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
}

/** Columns hold the molecules that could be read, in input order; `rows[r]` is the input index of row r. */
export interface FeatureBatch {
  readonly rows: Int32Array;
  readonly molecules: readonly StandardMolecule[];
  readonly errors: readonly ItemError[];
  readonly bits: Readonly<Record<string, BitColumn>>;
  readonly counts: Readonly<Record<string, SparseColumn>>;
  readonly graph?: GraphColumn;
  readonly tokens?: TokenColumn;
  readonly layouts?: LayoutColumn;
  /** (rows, DESCRIPTOR_NAMES) */
  readonly descriptors?: Float32Array;
  /** '' for a molecule without rings. */
  readonly scaffolds?: readonly string[];
  /** 32 digits; '' for a molecule without rings. */
  readonly scaffoldKeys?: readonly string[];
  /** (rows, ERG_WIDTH) */
  readonly pharmacophore?: BitColumn;
  /** (rows, ALERT_BYTES) */
  readonly alerts?: BitColumn;
  readonly inputKeys?: readonly string[];
}

/** What RDKit's molecule is needed for. */
interface Row {
  readonly index: number;
  readonly molecule: StandardMolecule;
  readonly graph: MoleculeGraph | undefined;
  readonly drawn: { graph: MoleculeGraph; layouts: readonly Layout[] } | undefined;
  readonly inputKey: string | undefined;
}

/** `begin(i)` is told before item i starts: the pool uses it to know which molecule is to blame. ARGUMENT_INVALID for a fingerprint that is none. */
export function featurise(kernel: Kernel, inputs: readonly string[], wanted: FeatureRequest, begin: (index: number) => void = () => {}): FeatureBatch {
  for (const config of Object.values(wanted.bits ?? {})) checkFingerprint(config, 'bits');
  for (const config of Object.values(wanted.counts ?? {}).flat()) checkFingerprint(config, 'counts');
  const rows: Row[] = [];
  const errors: ItemError[] = [];
  inputs.forEach((input, index) => {
    begin(index);
    try {
      rows.push(kernel.standardiser.standardise(input, (parent, molecule, given) => rowOf(kernel, index, molecule, parent, given, wanted)));
    } catch (thrown) {
      errors.push(itemError(index, thrown));
    }
  });
  const counted = countedColumns(kernel, rows.map(({ molecule }) => molecule), wanted, (row) => begin(rows[row]!.index));
  return assemble(rows, errors, counted, wanted);
}

/** A coded failure of this item; anything else passes on: a trap in RDKit ends the worker, a mistake of ours fails the request. */
export function itemError(index: number, thrown: unknown): ItemError {
  const error = toIsoLensError(thrown);
  if (error.code === 'INTERNAL') throw thrown;
  return { index, code: error.code, message: error.message, details: error.details };
}

function rowOf(kernel: Kernel, index: number, molecule: StandardMolecule, parent: Mol, given: Mol, wanted: FeatureRequest): Row {
  return {
    index,
    molecule,
    graph: wanted.graph === true ? graphOf(parent) : undefined,
    inputKey: wanted.inputKey === true ? inputKeyOf(kernel, molecule, given) : undefined,
    drawn: wanted.layouts === undefined ? undefined : draw(wanted.layouts.of === 'input' ? given : parent, wanted.layouts.kinds),
  };
}

/** What nothing was removed from or changed in is its own parent; only the rest pays for a second InChI. */
export function inputKeyOf(kernel: Kernel, molecule: StandardMolecule, given: Mol): string {
  if (molecule.removedFragments.length === 0 && molecule.rules.length === 0) return molecule.inchiKey;
  return kernel.rdkit.module.get_inchikey_for_inchi(given.get_inchi());
}

function draw(mol: Mol, kinds: readonly LayoutKind[]): { graph: MoleculeGraph; layouts: readonly Layout[] } {
  const graph = graphOf(mol);
  return { graph, layouts: kinds.map((kind) => layoutOf(mol, graph, kind)) };
}

function assemble(rows: readonly Row[], errors: readonly ItemError[], counted: CountedColumns, wanted: FeatureRequest): FeatureBatch {
  return {
    rows: Int32Array.from(rows, (row) => row.index),
    molecules: rows.map((row) => row.molecule),
    errors,
    ...counted,
    ...(wanted.graph === true ? { graph: graphColumn(rows.map((row) => row.graph!)) } : {}),
    ...(wanted.tokens === true ? { tokens: tokenColumn(rows.map(({ molecule }) => smilesTokenIds(molecule.parentSmiles))) } : {}),
    ...(wanted.layouts === undefined ? {} : { layouts: layoutColumn(rows.map((row) => row.drawn!), wanted.layouts.kinds.length) }),
    ...(wanted.inputKey === true ? { inputKeys: rows.map((row) => row.inputKey!) } : {}),
  };
}

/** Puts the batches of consecutive input pieces together; `starts[i]` = input index at which piece i begins. */
export function joinBatches(batches: readonly FeatureBatch[], starts: readonly number[]): FeatureBatch {
  const first = batches[0];
  if (first === undefined) return { rows: new Int32Array(0), molecules: [], errors: [], bits: {}, counts: {} };
  return {
    rows: Int32Array.from(batches.flatMap((batch, i) => Array.from(batch.rows, (row) => row + starts[i]!))),
    molecules: batches.flatMap((batch) => batch.molecules),
    errors: batches.flatMap((batch, i) => batch.errors.map((error) => ({ ...error, index: error.index + starts[i]! }))),
    bits: mapValues(first.bits, (_, name) => joinBits(batches.map((batch) => batch.bits[name]!))),
    counts: mapValues(first.counts, (_, name) => joinSparse(batches.map((batch) => batch.counts[name]!))),
    ...(first.graph === undefined ? {} : { graph: joinGraphs(batches.map((batch) => batch.graph!)) }),
    ...(first.tokens === undefined ? {} : { tokens: joinTokens(batches.map((batch) => batch.tokens!)) }),
    ...(first.layouts === undefined ? {} : { layouts: joinLayouts(batches.map((batch) => batch.layouts!)) }),
    ...(first.descriptors === undefined ? {} : { descriptors: joinF32(batches.map((batch) => batch.descriptors!)) }),
    ...(first.pharmacophore === undefined ? {} : { pharmacophore: joinBits(batches.map((batch) => batch.pharmacophore!)) }),
    ...(first.alerts === undefined ? {} : { alerts: joinBits(batches.map((batch) => batch.alerts!)) }),
    ...(first.inputKeys === undefined ? {} : { inputKeys: batches.flatMap((batch) => batch.inputKeys!) }),
    ...(first.scaffoldKeys === undefined ? {} : { scaffoldKeys: batches.flatMap((batch) => batch.scaffoldKeys!) }),
    ...(first.scaffolds === undefined ? {} : { scaffolds: batches.flatMap((batch) => batch.scaffolds!) }),
  };
}

export const DESCRIPTOR_WIDTH = DESCRIPTOR_NAMES.length;

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A, name: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}
