/** SMILES of a small graph whose atoms have distinct ranks: the same graph and ranks give the same text. */
import { AROMATIC } from '../molecule-graph.ts';
import type { SmallGraph } from './ranks.ts';

export interface WrittenAtom {
  readonly symbol: string;
  readonly aromatic: boolean;
  readonly hydrogens: number;
  readonly charge: number;
  readonly isotope: number;
  /** Number of an attachment point. */
  readonly label?: number;
}

/** Bond kinds of a SmallGraph: Kekule order, 5 aromatic; 8 is added in rings. */
const ORDER_MASK = 7;
const BOND_SYMBOLS: Readonly<Record<number, string>> = { 2: '=', 3: '#', 4: '$' };
/** Valences at which SMILES adds hydrogens by itself. */
const NORMAL_VALENCES: Readonly<Record<string, readonly number[]>> = { B: [3], C: [4], N: [3, 5], O: [2], P: [3, 5], S: [2, 4, 6], F: [1], Cl: [1], Br: [1], I: [1] };

export function writeSmiles(graph: SmallGraph, ranks: readonly number[], atoms: readonly WrittenAtom[]): string {
  return new Writer(graph, ranks, atoms).write();
}

class Writer {
  private readonly graph: SmallGraph;
  private readonly ranks: readonly number[];
  private readonly atoms: readonly WrittenAtom[];
  private readonly parent: number[];
  private readonly children: number[][];
  private readonly size: number[];
  /** Ring bonds of an atom: the other ends, each seen from both sides. */
  private readonly closures: number[][];
  private readonly digits = new Map<number, number>();
  private readonly inUse = new Set<number>();
  private readonly seen: Uint8Array;
  private readonly writtenAtoms: Uint8Array;

  constructor(graph: SmallGraph, ranks: readonly number[], atoms: readonly WrittenAtom[]) {
    this.graph = graph;
    this.ranks = ranks;
    this.atoms = atoms;
    this.parent = new Array<number>(graph.atoms).fill(-1);
    this.children = Array.from({ length: graph.atoms }, () => []);
    this.closures = Array.from({ length: graph.atoms }, () => []);
    this.size = new Array<number>(graph.atoms).fill(1);
    this.seen = new Uint8Array(graph.atoms);
    this.writtenAtoms = new Uint8Array(graph.atoms);
  }

  write(): string {
    const start = this.ranks.indexOf(0);
    this.explore(start);
    return this.atomAndBranches(start);
  }

  /** Depth first by rank: the tree that the text follows, and the bonds that close rings. */
  private explore(atom: number): void {
    this.seen[atom] = 1;
    for (const other of this.byRank(atom)) {
      if (!this.seen[other]) {
        this.parent[other] = atom;
        this.children[atom]!.push(other);
        this.explore(other);
        this.size[atom]! += this.size[other]!;
      } else if (other !== this.parent[atom] && !this.closures[atom]!.includes(other)) {
        this.closures[atom]!.push(other);
        this.closures[other]!.push(atom);
      }
    }
  }

  private byRank(atom: number): number[] {
    const { offset, neighbour } = this.graph;
    return neighbour.slice(offset[atom], offset[atom + 1]).sort((a, b) => this.ranks[a]! - this.ranks[b]!);
  }

  private atomAndBranches(atom: number): string {
    this.writtenAtoms[atom] = 1;
    let text = this.atomText(atom) + this.ringDigits(atom);
    // Small branches first: the longest way on is the main chain.
    const order = [...this.children[atom]!].sort((a, b) => this.size[a]! - this.size[b]! || this.ranks[a]! - this.ranks[b]!);
    order.forEach((child, i) => {
      const branch = this.bondText(atom, child) + this.atomAndBranches(child);
      text += i < order.length - 1 ? `(${branch})` : branch;
    });
    return text;
  }

  private ringDigits(atom: number): string {
    let text = '';
    const others = [...this.closures[atom]!].sort((a, b) => this.ranks[a]! - this.ranks[b]!);
    for (const other of others.filter((one) => this.writtenAtoms[one])) {
      const digit = this.digits.get(this.key(atom, other))!;
      this.inUse.delete(digit);
      text += this.bondText(atom, other) + digitText(digit);
    }
    for (const other of others.filter((one) => !this.writtenAtoms[one])) {
      let digit = 1;
      while (this.inUse.has(digit)) digit++;
      this.inUse.add(digit);
      this.digits.set(this.key(atom, other), digit);
      text += digitText(digit);
    }
    return text;
  }

  private key(a: number, b: number): number {
    return Math.min(a, b) * this.graph.atoms + Math.max(a, b);
  }

  private kind(a: number, b: number): number {
    const { offset, neighbour, kind } = this.graph;
    for (let i = offset[a]!; i < offset[a + 1]!; i++) if (neighbour[i] === b) return kind[i]! & ORDER_MASK;
    return 0;
  }

  private bondText(a: number, b: number): string {
    const kind = this.kind(a, b);
    if (kind === AROMATIC) return '';
    // Unwritten, a bond between aromatic atoms would be aromatic.
    if (kind === 1) return this.atoms[a]!.aromatic && this.atoms[b]!.aromatic ? '-' : '';
    return BOND_SYMBOLS[kind] ?? '';
  }

  private atomText(atom: number): string {
    const { symbol, aromatic, hydrogens, charge, isotope, label } = this.atoms[atom]!;
    if (label !== undefined) return `[*:${label}]`;
    const name = aromatic ? symbol.toLowerCase() : symbol;
    if (charge === 0 && isotope === 0 && this.impliedHydrogens(atom) === hydrogens) return name;
    const hydrogenText = hydrogens === 0 ? '' : hydrogens === 1 ? 'H' : `H${hydrogens}`;
    return `[${isotope === 0 ? '' : isotope}${name}${hydrogenText}${chargeText(charge)}]`;
  }

  /** Hydrogens that a reader adds to the bare symbol; -1 where the element needs brackets. */
  private impliedHydrogens(atom: number): number {
    const { symbol, aromatic } = this.atoms[atom]!;
    const valences = NORMAL_VALENCES[symbol];
    if (valences === undefined) return -1;
    const { offset, kind } = this.graph;
    let used = 0;
    for (let i = offset[atom]!; i < offset[atom + 1]!; i++) used += (kind[i]! & ORDER_MASK) === AROMATIC ? 1 : kind[i]! & ORDER_MASK;
    if (aromatic) return symbol === 'C' ? Math.max(0, 3 - used) : symbol === 'B' || symbol === 'P' ? -1 : 0;
    const valence = valences.find((one) => one >= used);
    return valence === undefined ? 0 : valence - used;
  }
}

function digitText(digit: number): string {
  return digit < 10 ? String(digit) : `%${digit}`;
}

function chargeText(charge: number): string {
  if (charge === 0) return '';
  const sign = charge > 0 ? '+' : '-';
  return Math.abs(charge) === 1 ? sign : `${sign}${Math.abs(charge)}`;
}
