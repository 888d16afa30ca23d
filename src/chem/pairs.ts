/**
 * Pairs of atoms and paths of four atoms, counted: atom pairs (Carhart et al. 1985, doi:10.1021/ci00046a002), topological torsions
 * (Nilakantan et al. 1987, doi:10.1021/ci00054a008) and pairs of pharmacophore roles over their topological distance (CATS). Each
 * occurrence is one 32-bit identifier, to be folded like a Morgan environment.
 */
import { degreeOf } from './molecule-graph.ts';
import type { MoleculeGraph } from './molecule-graph.ts';
import { pharmacophoreRoles } from './pharmacophore.ts';

/** Farther apart, two atoms say little about each other. */
const FARTHEST = 20;
const UNREACHED = 255;

/** Bonds between any two atoms, (atoms, atoms); 255 beyond `farthest` or in another fragment. */
export function topologicalDistances(graph: MoleculeGraph, farthest: number = FARTHEST): Uint8Array {
  const { atoms, offset, neighbour } = graph;
  const distances = new Uint8Array(atoms * atoms).fill(UNREACHED);
  const queue = new Uint16Array(atoms);
  for (let from = 0; from < atoms; from++) {
    const row = from * atoms;
    distances[row + from] = 0;
    queue[0] = from;
    for (let head = 0, tail = 1; head < tail; head++) {
      const a = queue[head]!;
      const next = distances[row + a]! + 1;
      if (next > farthest) break;
      for (let i = offset[a]!; i < offset[a + 1]!; i++) {
        const b = neighbour[i]!;
        if (distances[row + b] !== UNREACHED) continue;
        distances[row + b] = next;
        queue[tail++] = b;
      }
    }
  }
  return distances;
}

/** Well-mixed 32 bits of a small code (the finaliser of MurmurHash3): folded columns must not follow the code's own pattern. */
export function mix(code: number): number {
  let x = code >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Element, number of heavy neighbours, pi electrons (aromatic, double, triple): Carhart's atom code. */
function atomCodes(graph: MoleculeGraph): Uint32Array {
  const codes = new Uint32Array(graph.atoms);
  for (let a = 0; a < graph.atoms; a++) {
    let pi = graph.aromaticAtom[a]! ? 1 : 0;
    if (pi === 0) for (let i = graph.offset[a]!; i < graph.offset[a + 1]!; i++) pi += Math.max(0, Math.min(3, graph.order[graph.bondOf[i]!]!) - 1);
    codes[a] = (graph.element[a]! * 8 + Math.min(7, degreeOf(graph, a))) * 4 + Math.min(3, pi);
  }
  return codes;
}

export function atomPairIdentifiers(graph: MoleculeGraph): Uint32Array {
  const codes = atomCodes(graph);
  const distances = topologicalDistances(graph);
  const found: number[] = [];
  for (let a = 0; a < graph.atoms; a++) {
    for (let b = a + 1; b < graph.atoms; b++) {
      const distance = distances[a * graph.atoms + b]!;
      if (distance === UNREACHED) continue;
      const [low, high] = codes[a]! < codes[b]! ? [codes[a]!, codes[b]!] : [codes[b]!, codes[a]!];
      found.push(mix(Math.imul(mix(low + 1), 31) + Math.imul(high + 1, 64) + distance));
    }
  }
  return Uint32Array.from(found);
}

/** Paths of four atoms over three bonds, read from either end. */
export function torsionIdentifiers(graph: MoleculeGraph): Uint32Array {
  const codes = atomCodes(graph);
  const found: number[] = [];
  const { offset, neighbour } = graph;
  for (let bond = 0; bond < graph.bonds; bond++) {
    const b = graph.begin[bond]!;
    const c = graph.end[bond]!;
    for (let i = offset[b]!; i < offset[b + 1]!; i++) {
      const a = neighbour[i]!;
      if (a === c) continue;
      for (let j = offset[c]!; j < offset[c + 1]!; j++) {
        const d = neighbour[j]!;
        if (d === b || d === a) continue;
        found.push(Math.min(pathIdentifier(codes, a, b, c, d), pathIdentifier(codes, d, c, b, a)));
      }
    }
  }
  return Uint32Array.from(found);
}

function pathIdentifier(codes: Uint32Array, ...path: readonly number[]): number {
  return path.reduce((seed, atom) => mix(Math.imul(seed, 31) + codes[atom]! + 1), 7);
}

/** Roles that pair up. */
const ROLES = 7;
export const PHARMACOPHORE_PAIR_WIDTH = ((ROLES * (ROLES + 1)) / 2) * FARTHEST;

/**
 * A pair of roles and the bonds between the two atoms, for every role that each atom plays. Identifiers are places in a vector
 * of `PHARMACOPHORE_PAIR_WIDTH`, (pair of roles, distance): folded to that width or more, none share a column.
 */
export function pharmacophorePairIdentifiers(graph: MoleculeGraph): Uint32Array {
  const roles = Array.from(pharmacophoreRoles(graph), (bits) => Array.from({ length: ROLES }, (_, role) => role).filter((role) => (bits >> role) & 1));
  const distances = topologicalDistances(graph);
  const found: number[] = [];
  for (let a = 0; a < graph.atoms; a++) {
    if (roles[a]!.length === 0) continue;
    for (let b = a + 1; b < graph.atoms; b++) {
      const distance = distances[a * graph.atoms + b]!;
      if (distance === UNREACHED) continue;
      for (const r of roles[a]!) for (const s of roles[b]!) found.push(pairOfRoles(Math.min(r, s), Math.max(r, s)) * FARTHEST + distance - 1);
    }
  }
  return Uint32Array.from(found);
}

/** Place of (low, high), low <= high, in the upper triangle. */
function pairOfRoles(low: number, high: number): number {
  return (high * (high + 1)) / 2 + low;
}
