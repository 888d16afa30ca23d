/** The graph while it is being decided: bonds between spots, orders that may still change. */
import type { AtomSpot, BondSpot } from './spots.ts';

export interface SketchBond {
  /** Indices of atoms; `begin` lies against the spot's direction. */
  readonly begin: number;
  readonly end: number;
  readonly spot: BondSpot;
  /** 0: struck out. */
  order: number;
  /** Part of a ring drawn with a circle: its order came from the matching and stays. */
  isFixed: boolean;
}

export interface Sketch {
  readonly atoms: readonly AtomSpot[];
  readonly bonds: readonly SketchBond[];
}

/** Bonds at each atom that are not struck out. */
export function bondsByAtom({ atoms, bonds }: Sketch): SketchBond[][] {
  const lists: SketchBond[][] = atoms.map(() => []);
  for (const bond of bonds) {
    if (bond.order === 0) continue;
    lists[bond.begin]!.push(bond);
    lists[bond.end]!.push(bond);
  }
  return lists;
}

export function otherEnd(bond: { readonly begin: number; readonly end: number }, atom: number): number {
  return bond.begin === atom ? bond.end : bond.begin;
}

/** Index of the greatest value. */
export function argmax(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
