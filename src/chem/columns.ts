/** Features of many molecules as columns: typed arrays that move between threads without a copy, and go to a data file as they are. */
import { ATOM_FEATURES, BOND_FEATURES, atomFeatures, bondFeatures } from './graph-features.ts';
import type { Layout } from './layout.ts';
import type { MoleculeGraph } from './molecule-graph.ts';
import type { SparseCounts } from './morgan.ts';

/** Ragged counts: row r is indices[offsets[r] .. offsets[r + 1]]. */
export interface SparseColumn {
  readonly indices: Uint16Array;
  readonly values: Uint8Array;
  readonly offsets: BigInt64Array;
}

export interface BitColumn {
  /** (rows, bytes) */
  readonly data: Uint8Array;
  readonly bytes: number;
}

export interface LayoutColumn {
  readonly layouts: number;
  readonly atomOffsets: BigInt64Array;
  readonly bondOffsets: BigInt64Array;
  readonly element: Uint8Array;
  readonly charge: Int8Array;
  readonly hydrogens: Uint8Array;
  readonly isotope: Uint16Array;
  /** (layouts, atoms, 2) */
  readonly xy: Float32Array;
  readonly begin: Uint8Array;
  readonly end: Uint8Array;
  readonly order: Uint8Array;
  readonly aromatic: Uint8Array;
  /** (layouts, bonds) */
  readonly stereo: Uint8Array;
  /** (layouts, bonds) */
  readonly stereoFlip: Uint8Array;
}

export interface GraphColumn {
  readonly atomOffsets: BigInt64Array;
  readonly bondOffsets: BigInt64Array;
  /** (atoms, ATOM_FEATURES) */
  readonly atomFeatures: Uint8Array;
  /** (bonds, BOND_FEATURES) */
  readonly bondFeatures: Uint8Array;
  readonly begin: Uint8Array;
  readonly end: Uint8Array;
}

export function sparseColumn(rows: readonly SparseCounts[]): SparseColumn {
  return {
    indices: joinU16(rows.map((row) => row.indices)),
    values: joinU8(rows.map((row) => row.values)),
    offsets: offsetsOf(rows.map((row) => row.indices.length)),
  };
}

export function bitColumn(rows: readonly Uint8Array[], bytes: number): BitColumn {
  return { data: joinU8(rows), bytes };
}

export function graphColumn(graphs: readonly MoleculeGraph[]): GraphColumn {
  return {
    atomOffsets: offsetsOf(graphs.map((graph) => graph.atoms)),
    bondOffsets: offsetsOf(graphs.map((graph) => graph.bonds)),
    atomFeatures: joinU8(graphs.map(atomFeatures)),
    bondFeatures: joinU8(graphs.map(bondFeatures)),
    begin: joinU8(graphs.map((graph) => Uint8Array.from(graph.begin))),
    end: joinU8(graphs.map((graph) => Uint8Array.from(graph.end))),
  };
}

/** rows[r].layouts has one entry per layout kind, the same kinds in every row. */
export function layoutColumn(rows: readonly { graph: MoleculeGraph; layouts: readonly Layout[] }[], kinds: number): LayoutColumn {
  const graphs = rows.map((row) => row.graph);
  const perKind = <T>(pick: (layout: Layout) => T): T[] =>
    Array.from({ length: kinds }, (_, kind) => rows.map((row) => pick(row.layouts[kind]!))).flat();
  return {
    layouts: kinds,
    atomOffsets: offsetsOf(graphs.map((graph) => graph.atoms)),
    bondOffsets: offsetsOf(graphs.map((graph) => graph.bonds)),
    element: joinU8(graphs.map((graph) => graph.element)),
    charge: joinI8(graphs.map((graph) => graph.charge)),
    hydrogens: joinU8(graphs.map((graph) => graph.hydrogens)),
    isotope: joinU16(graphs.map((graph) => graph.isotope)),
    xy: joinF32(perKind((layout) => layout.xy)),
    begin: joinU8(graphs.map((graph) => Uint8Array.from(graph.begin))),
    end: joinU8(graphs.map((graph) => Uint8Array.from(graph.end))),
    order: joinU8(graphs.map((graph) => graph.order.map(drawnOrder))),
    aromatic: joinU8(graphs.map((graph) => graph.aromaticBond)),
    stereo: joinU8(perKind((layout) => layout.stereo)),
    stereoFlip: joinU8(perKind((layout) => layout.flip)),
  };
}

/** Dative and zero-order bonds are drawn single, quadruple ones triple. */
function drawnOrder(order: number): number {
  return order === 4 ? 3 : order >= 1 && order <= 3 ? order : 1;
}

export function offsetsOf(lengths: readonly number[]): BigInt64Array {
  const offsets = new BigInt64Array(lengths.length + 1);
  let sum = 0;
  lengths.forEach((length, i) => {
    sum += length;
    offsets[i + 1] = BigInt(sum);
  });
  return offsets;
}

export function joinU8(parts: readonly Uint8Array[]): Uint8Array {
  return fill(new Uint8Array(total(parts)), parts);
}

export function joinI8(parts: readonly Int8Array[]): Int8Array {
  return fill(new Int8Array(total(parts)), parts);
}

export function joinU16(parts: readonly Uint16Array[]): Uint16Array {
  return fill(new Uint16Array(total(parts)), parts);
}

export function joinF32(parts: readonly Float32Array[]): Float32Array {
  return fill(new Float32Array(total(parts)), parts);
}

function total(parts: readonly { length: number }[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function fill<A extends { set(part: B, at: number): void }, B extends { length: number }>(out: A, parts: readonly B[]): A {
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function joinOffsets(parts: readonly BigInt64Array[]): BigInt64Array {
  return offsetsOf(parts.flatMap((part) => Array.from({ length: part.length - 1 }, (_, i) => Number(part[i + 1]! - part[i]!))));
}

export function joinSparse(parts: readonly SparseColumn[]): SparseColumn {
  return { indices: joinU16(parts.map((p) => p.indices)), values: joinU8(parts.map((p) => p.values)), offsets: joinOffsets(parts.map((p) => p.offsets)) };
}

export function joinBits(parts: readonly BitColumn[]): BitColumn {
  return { data: joinU8(parts.map((p) => p.data)), bytes: parts[0]?.bytes ?? 0 };
}

export function joinGraphs(parts: readonly GraphColumn[]): GraphColumn {
  return {
    atomOffsets: joinOffsets(parts.map((p) => p.atomOffsets)),
    bondOffsets: joinOffsets(parts.map((p) => p.bondOffsets)),
    atomFeatures: joinU8(parts.map((p) => p.atomFeatures)),
    bondFeatures: joinU8(parts.map((p) => p.bondFeatures)),
    begin: joinU8(parts.map((p) => p.begin)),
    end: joinU8(parts.map((p) => p.end)),
  };
}

export function joinLayouts(parts: readonly LayoutColumn[]): LayoutColumn {
  const layouts = parts[0]?.layouts ?? 0;
  const kinds = Array.from({ length: layouts }, (_, kind) => kind);
  const slices = <A extends { length: number; subarray(from: number, to: number): A }>(pick: (part: LayoutColumn) => A): A[] =>
    kinds.flatMap((kind) => parts.map((part) => pick(part).subarray((pick(part).length / layouts) * kind, (pick(part).length / layouts) * (kind + 1))));
  return {
    layouts,
    atomOffsets: joinOffsets(parts.map((p) => p.atomOffsets)),
    bondOffsets: joinOffsets(parts.map((p) => p.bondOffsets)),
    element: joinU8(parts.map((p) => p.element)),
    charge: joinI8(parts.map((p) => p.charge)),
    hydrogens: joinU8(parts.map((p) => p.hydrogens)),
    isotope: joinU16(parts.map((p) => p.isotope)),
    xy: joinF32(slices((p) => p.xy)),
    begin: joinU8(parts.map((p) => p.begin)),
    end: joinU8(parts.map((p) => p.end)),
    order: joinU8(parts.map((p) => p.order)),
    aromatic: joinU8(parts.map((p) => p.aromatic)),
    stereo: joinU8(slices((p) => p.stereo)),
    stereoFlip: joinU8(slices((p) => p.stereoFlip)),
  };
}

/** Numbers of the feature columns, for whoever declares a graph encoder's inputs. */
export const GRAPH_WIDTHS = Object.freeze({ atom: ATOM_FEATURES.length, bond: BOND_FEATURES.length });
