/**
 * Matched-pair cuts (Hussain and Rea 2010, doi:10.1021/ci900450m): one, two or three acyclic single bonds are cut so that one
 * part, the variable one, touches every cut; the rest is constant. Which bonds may be cut is RDKit's rule for matched pairs,
 * `[#6+0;!$(*=,#[!#6])]!@!=!#[*]`: one end is a carbon that has no double or triple bond to a hetero atom, so amides, esters and sulfonamides stay whole.
 */
import type { MoleculeGraph } from '../molecule-graph.ts';
import type { Direction, Pieces } from './pieces.ts';

export const MAX_CUTS = 3;
/** Bonds beyond which two and three cuts are no longer tried: their number grows with the cube. */
export const MAX_CUT_BONDS = 20;

/** One way to take a molecule apart. */
export interface Cut {
  /** Cut bonds, each seen from the variable part outwards: behind it lies a constant piece. Empty for a hydrogen. */
  readonly outward: readonly Direction[];
  /** The atom that keeps the cut bond where the variable part is a hydrogen. */
  readonly hydrogenOf?: number;
  /** Heavy atoms of the variable part. */
  readonly size: number;
}

export interface CutLimits {
  readonly cuts: number;
  /** Most heavy atoms of the variable part. */
  readonly variable: number;
}

/** Bonds that may be cut, in order. */
export function cuttableBonds(graph: MoleculeGraph): number[] {
  const carbon = Uint8Array.from({ length: graph.atoms }, (_, a) => (isCuttingCarbon(graph, a) ? 1 : 0));
  const bonds: number[] = [];
  for (let b = 0; b < graph.bonds; b++) {
    if (graph.order[b] === 1 && !graph.ringBond[b] && (carbon[graph.begin[b]!] || carbon[graph.end[b]!])) bonds.push(b);
  }
  return bonds;
}

function isCuttingCarbon({ element, charge, offset, neighbour, bondOf, order, aromaticBond }: MoleculeGraph, atom: number): boolean {
  if (element[atom] !== 6 || charge[atom] !== 0) return false;
  for (let i = offset[atom]!; i < offset[atom + 1]!; i++) {
    const bond = bondOf[i]!;
    if (!aromaticBond[bond] && (order[bond] === 2 || order[bond] === 3) && element[neighbour[i]!] !== 6) return false;
  }
  return true;
}

/** All cuts within the limits, but those of hydrogens. */
export function cutsOf(pieces: Pieces, limits: CutLimits): Cut[] {
  const { graph } = pieces;
  const bonds = cuttableBonds(graph);
  const directions = bonds.flatMap((bond) => [2 * bond, 2 * bond + 1]);
  const behind = directions.map((direction) => pieces.atoms(direction).length);
  const found: Cut[] = [];
  const accept = (outward: readonly Direction[], size: number): void => {
    if (size >= 1 && size <= limits.variable) found.push({ outward, size });
  };
  directions.forEach((direction, i) => accept([direction], graph.atoms - behind[i]!));
  if (limits.cuts < 2 || bonds.length > MAX_CUT_BONDS) return found;
  const apart = apartness(pieces, directions);
  const count = directions.length;
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      if (!apart[i * count + j]) continue;
      const left = graph.atoms - behind[i]! - behind[j]!;
      accept([directions[i]!, directions[j]!], left);
      if (limits.cuts < 3) continue;
      for (let l = j + 1; l < count; l++) {
        if (apart[i * count + l] && apart[j * count + l]) accept([directions[i]!, directions[j]!, directions[l]!], left - behind[l]!);
      }
    }
  }
  return found;
}

/** (directions, directions): 1 where the pieces behind both share no atom. */
function apartness(pieces: Pieces, directions: readonly Direction[]): Uint8Array {
  const count = directions.length;
  const apart = new Uint8Array(count * count);
  const inside = directions.map((direction) => {
    const marked = new Uint8Array(pieces.graph.atoms);
    for (const atom of pieces.atoms(direction)) marked[atom] = 1;
    return marked;
  });
  directions.forEach((one, i) => {
    for (let j = 0; j < i; j++) {
      const other = directions[j]!;
      // The two directions of one bond are the whole molecule and leave no variable part.
      const isApart = other >> 1 !== one >> 1 && !inside[i]![pieces.head(other)] && !inside[j]![pieces.head(one)];
      if (isApart) apart[i * count + j] = apart[j * count + i] = 1;
    }
  });
  return apart;
}

/** One cut for every atom that carries a hydrogen. */
export function hydrogenCuts(graph: MoleculeGraph): Cut[] {
  const found: Cut[] = [];
  for (let atom = 0; atom < graph.atoms; atom++) if (graph.hydrogens[atom]! > 0) found.push({ outward: [], hydrogenOf: atom, size: 0 });
  return found;
}

/** Atoms of the variable part, ascending. */
export function variableAtoms(pieces: Pieces, { outward, hydrogenOf }: Cut): number[] {
  if (hydrogenOf !== undefined) return [];
  const constant = new Uint8Array(pieces.graph.atoms);
  for (const direction of outward) for (const atom of pieces.atoms(direction)) constant[atom] = 1;
  const atoms: number[] = [];
  for (let a = 0; a < constant.length; a++) if (!constant[a]) atoms.push(a);
  return atoms;
}
