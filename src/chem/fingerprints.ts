/** Fingerprints by name and parameters. Morgan is computed from the graph (morgan.ts), the others by RDKit. */
import { IsoLensError } from '../core/index.ts';
import type { MoleculeGraph } from './molecule-graph.ts';
import { foldBits, foldCounts, morganEnvironments } from './morgan.ts';
import type { SparseCounts } from './morgan.ts';
import type { Mol } from './rdkit.ts';

export type FingerprintKind = 'morgan' | 'atom-pair' | 'topological-torsion' | 'pattern';

export interface FingerprintConfig {
  readonly kind: FingerprintKind;
  /** Width; a multiple of 8, at most 65,536. */
  readonly bits: number;
  /** Morgan only: 2 is ECFP4. */
  readonly radius?: number;
  /** Morgan bits only: R and S differ. */
  readonly chirality?: boolean;
}

export const ECFP4: FingerprintConfig = Object.freeze({ kind: 'morgan', bits: 2048, radius: 2 });
export const ATOM_PAIR: FingerprintConfig = Object.freeze({ kind: 'atom-pair', bits: 2048 });
/** A substructure's bits are among those of every molecule that holds it. */
export const PATTERN: FingerprintConfig = Object.freeze({ kind: 'pattern', bits: 2048 });
export const TORSION: FingerprintConfig = Object.freeze({ kind: 'topological-torsion', bits: 2048 });

/** Packed bits. Atom pairs and torsions use RDKit's count simulation (four bits per feature), its default. */
export function fingerprintBits(mol: Mol, graph: MoleculeGraph | undefined, config: FingerprintConfig): Uint8Array {
  const details = JSON.stringify({ nBits: config.bits });
  if (config.kind === 'atom-pair') return mol.get_atom_pair_fp_as_uint8array(details) as Uint8Array;
  if (config.kind === 'topological-torsion') return mol.get_topological_torsion_fp_as_uint8array(details) as Uint8Array;
  if (config.kind === 'pattern') return mol.get_pattern_fp_as_uint8array(details) as Uint8Array;
  const radius = config.radius ?? 2;
  if (graph !== undefined && config.chirality !== true) return foldBits(morganEnvironments(graph, radius), config.bits);
  const options = JSON.stringify({ radius, nBits: config.bits, useChirality: config.chirality ?? false });
  return mol.get_morgan_fp_as_uint8array(options) as Uint8Array;
}

/** Folded counts, Morgan only. */
export function fingerprintCounts(graph: MoleculeGraph, config: FingerprintConfig): SparseCounts {
  if (config.kind !== 'morgan' || config.chirality === true) {
    throw new IsoLensError('ARGUMENT_INVALID', `Expected a Morgan fingerprint without chirality for counts but received ${config.kind}; use bits.`);
  }
  return foldCounts(morganEnvironments(graph, config.radius ?? 2), config.bits);
}
