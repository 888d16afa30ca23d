/**
 * What lies behind each acyclic bond of a molecule, as a canonical hash. A molecule is a tree of ring systems and acyclic atoms, so
 * the piece behind a bond is hashed from the pieces behind the bonds that lead on: every bond costs one ring system or one
 * atom, instead of one canonical SMILES of half the molecule. Two pieces are the same where their hashes are.
 */
import { bondKind } from '../molecule-graph.ts';
import type { MoleculeGraph } from '../molecule-graph.ts';
import { ascending, combine, combineBag, fold32 } from './hash.ts';
import { breakTies, refine } from './ranks.ts';
import type { SmallGraph } from './ranks.ts';

/** Bond b seen from its begin to its end is 2b, the other way 2b + 1. */
export type Direction = number;

const ROOT = 7;

export class Pieces {
  readonly graph: MoleculeGraph;
  private readonly stereo: boolean;
  private readonly system: Int32Array;
  private readonly systems: number[][] = [];
  private readonly hashes: Float64Array;
  private readonly atomsBehind: (readonly number[] | undefined)[] = [];
  private readonly compositions: (number | undefined)[] = [];
  private whole: number | undefined;

  /** With `stereo`, R and S, E and Z are told apart (CIP codes); variable parts never are. */
  constructor(graph: MoleculeGraph, stereo: boolean) {
    this.graph = graph;
    this.stereo = stereo;
    this.hashes = new Float64Array(2 * graph.bonds).fill(-1);
    this.system = new Int32Array(graph.atoms).fill(-1);
    for (let a = 0; a < graph.atoms; a++) if (graph.ringAtom[a] && this.system[a]! < 0) this.systems.push(this.collectSystem(a));
  }

  /** Atom on this side of a directed bond. */
  tail(direction: Direction): number {
    return (direction & 1 ? this.graph.end : this.graph.begin)[direction >> 1]!;
  }

  /** Atom behind it: the root of the piece. */
  head(direction: Direction): number {
    return (direction & 1 ? this.graph.begin : this.graph.end)[direction >> 1]!;
  }

  /** Hash of the piece behind an acyclic bond, the bond included. */
  hash(direction: Direction): number {
    const known = this.hashes[direction]!;
    if (known >= 0) return known;
    const found = combine(this.bondColour(direction >> 1), this.rooted(this.head(direction), direction ^ 1, 0));
    this.hashes[direction] = found;
    return found;
  }

  /** Hash of the whole molecule without one hydrogen of `atom`: the piece behind the bond to that hydrogen. */
  hashWithoutHydrogen(atom: number): number {
    return combine(SINGLE, this.rooted(atom, -1, 1));
  }

  /** Atoms of the piece in an order that equal pieces share; the root first in an acyclic piece, by rank in a ring system. */
  order(direction: Direction): number[] {
    return this.orderFrom(this.head(direction), direction ^ 1, 0);
  }

  orderWithoutHydrogen(atom: number): number[] {
    return this.orderFrom(atom, -1, 1);
  }

  /** Atoms of the piece, in no order that means anything. */
  atoms(direction: Direction): readonly number[] {
    return (this.atomsBehind[direction] ??= this.collect(direction));
  }

  /** Sum over the atoms of the piece, below 2^32: pieces of other atoms differ in it but for collisions. */
  composition(direction: Direction): number {
    return (this.compositions[direction] ??= this.compositionOf(this.atoms(direction)));
  }

  compositionWithoutHydrogen(atom: number): number {
    this.whole ??= this.compositionOf(Array.from({ length: this.graph.atoms }, (_, a) => a));
    return (this.whole - spread(this.atomColour(atom, 0)) + spread(this.atomColour(atom, 1))) >>> 0;
  }

  private compositionOf(atoms: readonly number[]): number {
    let sum = 0;
    for (const atom of atoms) sum = (sum + spread(this.atomColour(atom, 0))) >>> 0;
    return sum;
  }

  bondKind(bond: number): number {
    return bondKind(this.graph, bond);
  }

  private bondColour(bond: number): number {
    const colour = combine(SEED, this.bondKind(bond));
    return this.stereo && this.graph.bondStereo[bond]! > 1 ? combine(colour, this.graph.bondStereo[bond]!) : colour;
  }

  private atomColour(atom: number, lostHydrogens: number): number {
    const { element, charge, hydrogens, aromaticAtom, isotope, cip } = this.graph;
    const packed = element[atom]! + 256 * (charge[atom]! + 128) + 65_536 * ((hydrogens[atom]! - lostHydrogens) * 2 + aromaticAtom[atom]!) + 16_777_216 * isotope[atom]!;
    return this.stereo && cip[atom]! > 1 ? combine(packed, cip[atom]!) : packed;
  }

  /** Hash of all that hangs on `root` but for what lies behind `back` (a direction out of it, or -1). */
  private rooted(root: number, back: Direction, lostHydrogens: number): number {
    const system = this.system[root]!;
    if (system < 0) return combineBag(this.atomColour(root, lostHydrogens), this.branches(root, back).map((branch) => this.hash(branch)));
    const { members, graph, colours } = this.ringSystem(system, root, back, lostHydrogens);
    const ranks = breakTies(graph, refine(graph, colours));
    const order = byRank(ranks);
    let hash = combine(SEED, members.length);
    for (const at of order) {
      hash = combine(hash, colours[at]!);
      const lower: number[] = [];
      for (let i = graph.offset[at]!; i < graph.offset[at + 1]!; i++) if (ranks[graph.neighbour[i]!]! < ranks[at]!) lower.push(ranks[graph.neighbour[i]!]! * 16 + graph.kind[i]!);
      hash = combineBag(hash, lower);
    }
    return hash;
  }

  private orderFrom(root: number, back: Direction, lostHydrogens: number): number[] {
    const system = this.system[root]!;
    if (system < 0) return [root, ...this.branchesInOrder(root, back).flatMap((branch) => this.order(branch))];
    const { members, graph, colours } = this.ringSystem(system, root, back, lostHydrogens);
    const ranks = breakTies(graph, refine(graph, colours));
    return byRank(ranks).flatMap((at) => [members[at]!, ...this.branchesInOrder(members[at]!, back).flatMap((branch) => this.order(branch))]);
  }

  private branchesInOrder(atom: number, back: Direction): Direction[] {
    return this.branches(atom, back).sort((a, b) => this.hash(a) - this.hash(b));
  }

  /** Acyclic bonds out of `atom`. */
  private branches(atom: number, back: Direction): Direction[] {
    const { offset, bondOf, ringBond, begin } = this.graph;
    const found: Direction[] = [];
    for (let i = offset[atom]!; i < offset[atom + 1]!; i++) {
      const bond = bondOf[i]!;
      if (ringBond[bond]) continue;
      const direction = 2 * bond + (begin[bond] === atom ? 0 : 1);
      if (direction !== back) found.push(direction);
    }
    return found;
  }

  /** A ring system as a graph whose atoms are coloured with what hangs on them. */
  private ringSystem(system: number, root: number, back: Direction, lostHydrogens: number): { members: readonly number[]; graph: SmallGraph; colours: number[] } {
    const { offset, neighbour, bondOf, ringBond } = this.graph;
    const members = this.systems[system]!;
    const place = new Map(members.map((atom, at) => [atom, at]));
    const offsets = [0];
    const neighbours: number[] = [];
    const kinds: number[] = [];
    const colours = members.map((atom) => {
      for (let i = offset[atom]!; i < offset[atom + 1]!; i++) {
        if (!ringBond[bondOf[i]!]) continue;
        neighbours.push(place.get(neighbour[i]!)!);
        kinds.push(this.bondKind(bondOf[i]!));
      }
      offsets.push(neighbours.length);
      const own = this.atomColour(atom, atom === root ? lostHydrogens : 0);
      const colour = combineBag(combine(own, atom === root ? ROOT : 0), this.branches(atom, back).map((branch) => this.hash(branch)));
      return colour;
    });
    return { members, graph: { atoms: members.length, offset: offsets, neighbour: neighbours, kind: kinds }, colours };
  }

  private collectSystem(start: number): number[] {
    const { offset, neighbour, bondOf, ringBond } = this.graph;
    const id = this.systems.length;
    const members = [start];
    this.system[start] = id;
    for (let at = 0; at < members.length; at++) {
      const atom = members[at]!;
      for (let i = offset[atom]!; i < offset[atom + 1]!; i++) {
        const other = neighbour[i]!;
        if (!ringBond[bondOf[i]!] || this.system[other]! >= 0) continue;
        this.system[other] = id;
        members.push(other);
      }
    }
    return members.sort(ascending);
  }

  private collect(direction: Direction): number[] {
    const { offset, neighbour, bondOf, atoms } = this.graph;
    const seen = new Uint8Array(atoms);
    const found = [this.head(direction)];
    seen[found[0]!] = 1;
    for (let at = 0; at < found.length; at++) {
      const atom = found[at]!;
      for (let i = offset[atom]!; i < offset[atom + 1]!; i++) {
        const other = neighbour[i]!;
        if (bondOf[i] === direction >> 1 || seen[other]) continue;
        seen[other] = 1;
        found.push(other);
      }
    }
    return found;
  }
}

const SEED = 0x51ed270b;
const SINGLE = combine(SEED, 1);

function spread(colour: number): number {
  return fold32(combine(SEED, colour));
}

function byRank(ranks: readonly number[]): number[] {
  const order = new Array<number>(ranks.length);
  ranks.forEach((rank, at) => (order[rank] = at));
  return order;
}
