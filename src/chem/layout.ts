/** 2D coordinates with wedges, as the training renderer reads them (src/native/drawing/drawing.h). */
import { IsoLensError } from '../core/index.ts';
import type { MoleculeGraph } from './molecule-graph.ts';
import type { Mol } from './rdkit.ts';

/** `rdkit`: RDKit's own depiction; `coordgen`: Schrodinger's CoordGen, about ten times slower and differently shaped. */
export type LayoutKind = 'rdkit' | 'coordgen';

export const LAYOUT_KINDS: readonly LayoutKind[] = ['rdkit', 'coordgen'];
export const BOND_LENGTH = 1.5;

export interface Layout {
  /** (atoms, 2), y up, median bond length 1.5. */
  readonly xy: Float32Array;
  /** (bonds) 0 none, 1 wedge, 6 hash, 4 wavy, 3 crossed double. */
  readonly stereo: Uint8Array;
  /** (bonds) 1 = the narrow end is the bond's `end`. */
  readonly flip: Uint8Array;
}

/** Computes one layout; changes the coordinates stored in `mol`. The graph must be of the same molecule. */
export function layoutOf(mol: Mol, graph: MoleculeGraph, kind: LayoutKind): Layout {
  if (!mol.set_new_coords(kind === 'coordgen')) {
    throw new IsoLensError('MOLECULE_UNSUPPORTED', 'Expected a molecule that can be drawn but RDKit found no layout for it.');
  }
  return graph.atoms > 999 ? fail() : readMolblock(mol.get_v2Kmolblock('{"kekulize":true}'), graph);
}

function fail(): never {
  throw new IsoLensError('MOLECULE_UNSUPPORTED', 'Expected at most 999 atoms.');
}

/** V2000: atom lines hold x and y in columns 0-9 and 10-19; bond lines begin, end, order and stereo in three columns each. */
function readMolblock(block: string, graph: MoleculeGraph): Layout {
  const lines = block.split('\n');
  const xy = new Float32Array(2 * graph.atoms);
  for (let a = 0; a < graph.atoms; a++) {
    const line = lines[4 + a]!;
    xy[2 * a] = Number(line.slice(0, 10));
    xy[2 * a + 1] = Number(line.slice(10, 20));
  }
  const stereo = new Uint8Array(graph.bonds);
  const flip = new Uint8Array(graph.bonds);
  for (let b = 0; b < graph.bonds; b++) {
    const line = lines[4 + graph.atoms + b]!;
    stereo[b] = Number(line.slice(9, 12));
    flip[b] = Number(line.slice(0, 3)) - 1 === graph.begin[b] ? 0 : 1;
  }
  scale(xy, graph);
  return { xy, stereo, flip };
}

/** RDKit draws bonds of 1.5, CoordGen of 1.0: the median becomes 1.5. */
function scale(xy: Float32Array, graph: MoleculeGraph): void {
  if (graph.bonds === 0) return;
  const lengths = Array.from({ length: graph.bonds }, (_, b) => {
    const begin = graph.begin[b]!;
    const end = graph.end[b]!;
    return Math.hypot(xy[2 * begin]! - xy[2 * end]!, xy[2 * begin + 1]! - xy[2 * end + 1]!);
  }).sort((a, b) => a - b);
  const median = lengths[lengths.length >> 1]!;
  if (!(median > 0)) return;
  for (let i = 0; i < xy.length; i++) xy[i]! *= BOND_LENGTH / median;
}
