/**
 * The surroundings of a cut on its constant side, to a radius of 0 (the attachment atom alone) to 3 bonds: in which environment a
 * replacement was seen decides whether its statistics carry over (Dossetter, Griffen and Leach 2013,
 * doi:10.1016/j.drudis.2013.03.003; mmpdb: Dalke, Hert and Kramer 2018, doi:10.1021/acs.jcim.8b00173).
 */
import { SYMBOLS } from '../elements.ts';
import { degreeOf } from '../molecule-graph.ts';
import type { MoleculeGraph } from '../molecule-graph.ts';
import { ascending, combine, combineBag, fold32 } from './hash.ts';
import type { Direction, Pieces } from './pieces.ts';

export const MAX_RADIUS = 3;
export const RADII = MAX_RADIUS + 1;

export class Environments {
  private readonly graph: MoleculeGraph;
  private readonly pieces: Pieces;
  /** (directions, RADII): hash of what lies within r bonds of the head, never going back. */
  private readonly seen: Float64Array;

  constructor(pieces: Pieces) {
    this.pieces = pieces;
    this.graph = pieces.graph;
    this.seen = new Float64Array(2 * this.graph.bonds * RADII).fill(-1);
  }

  /** 32-bit hashes for radius 0 to 3 of the piece behind a cut bond. */
  behind(direction: Direction): number[] {
    return Array.from({ length: RADII }, (_, radius) => fold32(this.along(direction, radius)));
  }

  /** The same for the molecule without one hydrogen of `atom`. */
  ofHydrogen(atom: number): number[] {
    return Array.from({ length: RADII }, (_, radius) => fold32(this.around(atom, -1, radius, 1)));
  }

  /** For people: `*c(c)n` is radius 1 about an aromatic carbon; what lies further out is left open. */
  textBehind(direction: Direction, radius: number): string {
    return `*${this.text(this.pieces.head(direction), direction >> 1, radius, 0)}`;
  }

  textOfHydrogen(atom: number, radius: number): string {
    return `*${this.text(atom, -1, radius, 1)}`;
  }

  private along(direction: Direction, radius: number): number {
    const at = direction * RADII + radius;
    const known = this.seen[at]!;
    if (known >= 0) return known;
    return (this.seen[at] = this.around(this.pieces.head(direction), direction >> 1, radius, 0));
  }

  private around(atom: number, back: number, radius: number, lostHydrogens: number): number {
    const own = this.atomColour(atom, lostHydrogens);
    if (radius === 0) return combine(SEED, own);
    const { offset, bondOf } = this.graph;
    const bag: number[] = [];
    for (let i = offset[atom]!; i < offset[atom + 1]!; i++) {
      const bond = bondOf[i]!;
      if (bond !== back) bag.push(combine(this.pieces.bondKind(bond), this.along(this.directionFrom(atom, bond), radius - 1)));
    }
    return combineBag(combine(SEED, own), bag);
  }

  private atomColour(atom: number, lostHydrogens: number): number {
    const { element, charge, hydrogens, aromaticAtom, ringAtom } = this.graph;
    // A hydrogen that was cut off still counts as a bond.
    const degree = degreeOf(this.graph, atom) + lostHydrogens;
    return element[atom]! + 256 * (charge[atom]! + 128) + 65_536 * ((hydrogens[atom]! - lostHydrogens) * 4 + aromaticAtom[atom]! * 2 + ringAtom[atom]!) + 16_777_216 * degree;
  }

  private directionFrom(atom: number, bond: number): Direction {
    return 2 * bond + (this.graph.begin[bond] === atom ? 0 : 1);
  }

  private text(atom: number, back: number, radius: number, lostHydrogens: number): string {
    const { offset, bondOf } = this.graph;
    const own = this.symbol(atom, lostHydrogens);
    if (radius === 0) return own;
    const branches: { text: string; hash: number }[] = [];
    for (let i = offset[atom]!; i < offset[atom + 1]!; i++) {
      const bond = bondOf[i]!;
      if (bond === back) continue;
      const onward = this.directionFrom(atom, bond);
      const other = this.pieces.head(onward);
      branches.push({ text: this.bondText(atom, other, bond) + this.text(other, bond, radius - 1, 0), hash: combine(this.pieces.bondKind(bond), this.along(onward, radius - 1)) });
    }
    branches.sort((a, b) => ascending(a.text.length, b.text.length) || a.hash - b.hash);
    return own + branches.map(({ text }, i) => (i < branches.length - 1 ? `(${text})` : text)).join('');
  }

  private bondText(a: number, b: number, bond: number): string {
    if (this.graph.aromaticBond[bond]) return '';
    const order = this.graph.order[bond]!;
    if (order === 1) return this.graph.aromaticAtom[a] && this.graph.aromaticAtom[b] ? '-' : '';
    return order === 2 ? '=' : order === 3 ? '#' : '~';
  }

  private symbol(atom: number, lostHydrogens: number): string {
    const { element, charge, hydrogens, aromaticAtom } = this.graph;
    const symbol = SYMBOLS[element[atom]!]!;
    const name = aromaticAtom[atom] ? symbol.toLowerCase() : symbol;
    const left = hydrogens[atom]! - lostHydrogens;
    if (left === 0 && charge[atom] === 0) return name;
    const sign = charge[atom]! > 0 ? '+' : charge[atom]! < 0 ? '-' : '';
    return `[${name}${left === 0 ? '' : left === 1 ? 'H' : `H${left}`}${sign}]`;
  }
}

const SEED = 0x2545f491;
