/** Fingerprints by name and parameters: computed from the graph (morgan.ts, pairs.ts), or by RDKit where its bits are the known ones. */
import { IsoLensError } from '../core/index.ts';
import { graphOf } from './molecule-graph.ts';
import type { MoleculeGraph } from './molecule-graph.ts';
import { environmentsFrom, foldBits, foldCounts, morganEnvironments } from './morgan.ts';
import type { SparseCounts } from './morgan.ts';
import { atomPairIdentifiers, pharmacophorePairIdentifiers, torsionIdentifiers } from './pairs.ts';
import { pharmacophoreRoles } from './pharmacophore.ts';
import type { Mol } from './rdkit.ts';

/** Counts of a fingerprint are our own, whatever the kind; `pattern` has none. */
export type CountedKind = 'morgan' | 'feature-morgan' | 'atom-pair' | 'topological-torsion' | 'pharmacophore-pair';
export type FingerprintKind = CountedKind | 'pattern';

/** A `feature-morgan` is a Morgan fingerprint over pharmacophore roles instead of elements (FCFP). */
export interface FingerprintConfig {
  readonly kind: FingerprintKind;
  /** Width; a multiple of 8, at most 65,536. */
  readonly bits: number;
  /** Of `morgan` (2 is ECFP4) and `feature-morgan` (2 is FCFP4). */
  readonly radius?: number;
  /** Morgan bits only: R and S differ. */
  readonly chirality?: boolean;
}

const MOST_BITS = 65_536;

export const ECFP4: FingerprintConfig = Object.freeze({ kind: 'morgan', bits: 2048, radius: 2 });
export const ATOM_PAIR: FingerprintConfig = Object.freeze({ kind: 'atom-pair', bits: 2048 });
/** A substructure's bits are among those of every molecule that holds it. */
export const PATTERN: FingerprintConfig = Object.freeze({ kind: 'pattern', bits: 2048 });
export const TORSION: FingerprintConfig = Object.freeze({ kind: 'topological-torsion', bits: 2048 });

/** Refuses with ARGUMENT_INVALID what no molecule could have: an unknown kind or width, and as counts what has bits alone. */
export function checkFingerprint(config: FingerprintConfig, as: 'bits' | 'counts'): void {
  const { kind, bits, chirality } = config;
  const kinds = [...Object.keys(COUNTED), ...(as === 'bits' ? ['pattern'] : [])];
  if (!kinds.includes(kind)) throw new IsoLensError('ARGUMENT_INVALID', `Expected a fingerprint (${kinds.join(', ')}) for ${as} but received ${JSON.stringify(kind)}.`);
  if (!Number.isInteger(bits) || bits < 8 || bits > MOST_BITS || bits % 8 !== 0) {
    throw new IsoLensError('ARGUMENT_INVALID', `Expected a fingerprint of 8 to ${MOST_BITS} bits, a multiple of 8, but received ${JSON.stringify(bits)}.`);
  }
  if (as === 'counts' && chirality === true) throw new IsoLensError('ARGUMENT_INVALID', 'Expected a fingerprint without chirality for counts; use bits.');
}

/**
 * Packed bits. Atom pairs and torsions are RDKit's, with count simulation (four bits per feature), its default; as counts they are
 * our own and folded otherwise.
 */
export function fingerprintBits(mol: Mol, graph: MoleculeGraph | undefined, config: FingerprintConfig): Uint8Array {
  const details = JSON.stringify({ nBits: config.bits });
  if (config.kind === 'atom-pair') return mol.get_atom_pair_fp_as_uint8array(details) as Uint8Array;
  if (config.kind === 'topological-torsion') return mol.get_topological_torsion_fp_as_uint8array(details) as Uint8Array;
  if (config.kind === 'pattern') return mol.get_pattern_fp_as_uint8array(details) as Uint8Array;
  const radius = config.radius ?? 2;
  if (config.chirality !== true) return foldBits(identifiersOf(config.kind, graph ?? graphOf(mol), radius), config.bits);
  const options = JSON.stringify({ radius, nBits: config.bits, useChirality: config.chirality ?? false });
  return mol.get_morgan_fp_as_uint8array(options) as Uint8Array;
}

/** Folded counts of one kind that `checkFingerprint` accepts, computed from the graph; chirality is not seen. */
export function fingerprintCounts(graph: MoleculeGraph, config: FingerprintConfig): SparseCounts {
  return foldCounts(identifiersOf(config.kind, graph, config.radius ?? 2), config.bits);
}

/** Several count fingerprints side by side, each in columns of its own. */
export function joinedCounts(graph: MoleculeGraph, configs: readonly FingerprintConfig[]): SparseCounts {
  const parts = configs.map((config) => fingerprintCounts(graph, config));
  const indices = new Uint16Array(parts.reduce((sum, part) => sum + part.indices.length, 0));
  const values = new Uint8Array(indices.length);
  let at = 0;
  let first = 0;
  parts.forEach((part, i) => {
    indices.set(part.indices.map((index) => index + first), at);
    values.set(part.values, at);
    at += part.indices.length;
    first += configs[i]!.bits;
  });
  return { indices, values };
}

function identifiersOf(kind: FingerprintKind, graph: MoleculeGraph, radius: number): Uint32Array {
  if (kind === 'pattern') throw new IsoLensError('ARGUMENT_INVALID', 'Expected a fingerprint that can be counted but received "pattern"; use bits.');
  return COUNTED[kind](graph, radius);
}

/** Identifiers of every occurrence of a feature. */
const COUNTED: Readonly<Record<CountedKind, (graph: MoleculeGraph, radius: number) => Uint32Array>> = {
  morgan: (graph, radius) => morganEnvironments(graph, radius),
  'feature-morgan': (graph, radius) => environmentsFrom(graph, radius, Uint32Array.from(pharmacophoreRoles(graph))),
  'atom-pair': atomPairIdentifiers,
  'topological-torsion': torsionIdentifiers,
  'pharmacophore-pair': pharmacophorePairIdentifiers,
};
