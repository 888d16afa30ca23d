/** A part of a molecule with its attachment points as plain lists: small enough to be changed and written many times. */
import { bondKind } from '../molecule-graph.ts';
import type { MoleculeGraph } from '../molecule-graph.ts';

/** A bond that was cut: `atom` stays in the fragment. */
export interface AttachmentPoint {
  readonly atom: number;
  /** Which cut this is to the caller. */
  readonly cut: number;
}

export interface PartAtom {
  readonly element: number;
  readonly aromatic: boolean;
  readonly ring: boolean;
  readonly charge: number;
  readonly isotope: number;
  readonly hydrogens: number;
}

export interface PartBond {
  readonly a: number;
  readonly b: number;
  /** Kekule order, or AROMATIC. */
  readonly kind: number;
  readonly ring: boolean;
}

export interface Part {
  readonly atoms: readonly PartAtom[];
  readonly bonds: readonly PartBond[];
  /** Atom that each attachment point hangs on, by a single bond. */
  readonly points: readonly number[];
}

export const SINGLE = 1;
export const DOUBLE = 2;

/** Of a hydrogen, which has no heavy atom. */
export const NO_PART: Part = Object.freeze({ atoms: [], bonds: [], points: [] });

/** The part of `graph` that consists of `atoms`; every bond that leaves it must be one of `points`. */
export function partOf(graph: MoleculeGraph, atoms: readonly number[], points: readonly AttachmentPoint[]): Part {
  const place = new Map(atoms.map((atom, at) => [atom, at]));
  const bonds: PartBond[] = [];
  for (const atom of atoms) {
    for (let i = graph.offset[atom]!; i < graph.offset[atom + 1]!; i++) {
      const [other, bond] = [place.get(graph.neighbour[i]!), graph.bondOf[i]!];
      if (other === undefined || graph.neighbour[i]! < atom) continue;
      bonds.push({ a: place.get(atom)!, b: other, kind: bondKind(graph, bond), ring: graph.ringBond[bond] === 1 });
    }
  }
  return {
    atoms: atoms.map((atom) => ({
      element: graph.element[atom]!, aromatic: graph.aromaticAtom[atom] === 1, ring: graph.ringAtom[atom] === 1,
      charge: graph.charge[atom]!, isotope: graph.isotope[atom]!, hydrogens: graph.hydrogens[atom]!,
    })),
    bonds,
    points: points.map(({ atom }) => place.get(atom)!),
  };
}

export interface PartLink {
  readonly to: number;
  /** Position in `bonds`. */
  readonly bond: number;
}

/** Neighbours of each atom within the part. */
export function linksOf({ atoms, bonds }: Part): PartLink[][] {
  const links: PartLink[][] = atoms.map(() => []);
  bonds.forEach(({ a, b }, bond) => {
    links[a]!.push({ to: b, bond });
    links[b]!.push({ to: a, bond });
  });
  return links;
}
