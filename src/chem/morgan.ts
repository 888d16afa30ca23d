/**
 * Morgan (ECFP) environments over a `MoleculeGraph`, bit for bit those of RDKit's MorganGenerator with default invariants:
 * RDKit's JavaScript build offers packed bits only, and training wants counts. The test compares the two on real molecules.
 *
 * Source: RDKit Code/GraphMol/Fingerprints/MorganGenerator.cpp and RDGeneral/hash/hash.hpp (32-bit boost hash_combine);
 * Rogers & Hahn 2010, doi:10.1021/ci100050t.
 */
import { degreeOf } from './molecule-graph.ts';
import type { MoleculeGraph } from './molecule-graph.ts';

const AROMATIC_BOND = 12;
/**
 * Average masses of the elements of which isotopes are met, for RDKit's "delta mass" invariant; others count as natural.
 * Hydrogen's is lowered by deuterium's mass excess, since mass numbers stand for isotope masses here.
 */
const MASS: Readonly<Record<number, number>> = { 1: 0.994, 6: 12.011, 7: 14.007, 8: 15.999, 9: 18.998, 15: 30.974, 16: 32.067, 17: 35.453, 35: 79.904, 53: 126.904 };

function combine(seed: number, value: number): number {
  return (seed ^ (((value >>> 0) + 0x9e3779b9 + (seed << 6) + (seed >>> 2)) >>> 0)) >>> 0;
}

/** One 32-bit identifier per distinct environment occurrence of ECFP, all radii from 0 to `radius`. */
export function morganEnvironments(graph: MoleculeGraph, radius: number): Uint32Array {
  const known = graph.morgan.get(radius) ?? environmentsFrom(graph, radius, atomInvariants(graph));
  graph.morgan.set(radius, known);
  return known;
}

/** The same from other `invariants` of the atoms: with pharmacophore roles it is a functional-class fingerprint (FCFP). */
export function environmentsFrom(graph: MoleculeGraph, radius: number, invariants: Uint32Array): Uint32Array {
  const found: number[] = [];
  let current = invariants;
  for (const invariant of current) found.push(invariant);
  const words = (graph.bonds + 31) >> 5;
  let covered = new Uint32Array(graph.atoms * words); // (atoms, words): the bonds of the environment around each atom
  const dead = new Uint8Array(graph.atoms);
  const seen = new Set<string>();
  for (let layer = 0; layer < radius; layer++) {
    const next = new Uint32Array(graph.atoms);
    const nextCovered = covered.slice();
    const round: Environment[] = [];
    for (let atom = 0; atom < graph.atoms; atom++) {
      if (dead[atom]) continue;
      if (degreeOf(graph, atom) === 0) {
        dead[atom] = 1;
        continue;
      }
      next[atom] = grow(graph, atom, layer, current, covered, nextCovered, words);
      round.push({ key: keyOf(nextCovered, atom, words), invariant: next[atom]!, atom });
    }
    round.sort(byKeyThenInvariant);
    for (const environment of round) {
      if (seen.has(environment.key)) {
        dead[environment.atom] = 1;
        continue;
      }
      seen.add(environment.key);
      found.push(environment.invariant);
    }
    current = next;
    covered = nextCovered;
  }
  return Uint32Array.from(found);
}

interface Environment {
  readonly key: string;
  readonly invariant: number;
  readonly atom: number;
}

/** Fixed-width keys, most significant word first: text order is RDKit's order of bit sets. */
function keyOf(covered: Uint32Array, atom: number, words: number): string {
  let key = '';
  for (let w = words - 1; w >= 0; w--) {
    const word = covered[atom * words + w]!;
    key += String.fromCharCode(word >>> 16, word & 0xffff);
  }
  return key;
}

function byKeyThenInvariant(a: Environment, b: Environment): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.invariant - b.invariant || a.atom - b.atom;
}

function grow(graph: MoleculeGraph, atom: number, layer: number, current: Uint32Array, covered: Uint32Array, nextCovered: Uint32Array, words: number): number {
  const neighbours: [bond: number, invariant: number][] = [];
  for (let i = graph.offset[atom]!; i < graph.offset[atom + 1]!; i++) {
    const other = graph.neighbour[i]!;
    const bond = graph.bondOf[i]!;
    for (let w = 0; w < words; w++) nextCovered[atom * words + w]! |= covered[other * words + w]!;
    nextCovered[atom * words + (bond >> 5)]! |= 1 << (bond & 31);
    neighbours.push([graph.aromaticBond[bond] ? AROMATIC_BOND : graph.order[bond]!, current[other]!]);
  }
  neighbours.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let invariant = combine(layer, current[atom]!);
  for (const [bond, other] of neighbours) invariant = combine(invariant, combine(combine(0, bond), other));
  return invariant;
}

function atomInvariants(graph: MoleculeGraph): Uint32Array {
  const invariants = new Uint32Array(graph.atoms);
  for (let a = 0; a < graph.atoms; a++) {
    const degree = degreeOf(graph, a) + graph.hydrogens[a]!;
    let seed = combine(0, graph.element[a]!);
    seed = combine(seed, degree);
    seed = combine(seed, totalHydrogens(graph, a));
    seed = combine(seed, graph.charge[a]!);
    seed = combine(seed, deltaMass(graph, a));
    if (graph.ringAtom[a]) seed = combine(seed, 1);
    invariants[a] = seed;
  }
  return invariants;
}

/** Hydrogens that are atoms of the graph (isotopes, bridges) count as well. */
function totalHydrogens(graph: MoleculeGraph, atom: number): number {
  let count = graph.hydrogens[atom]!;
  for (let i = graph.offset[atom]!; i < graph.offset[atom + 1]!; i++) if (graph.element[graph.neighbour[i]!] === 1) count++;
  return count;
}

function deltaMass(graph: MoleculeGraph, atom: number): number {
  const isotope = graph.isotope[atom]!;
  const mass = MASS[graph.element[atom]!];
  return isotope === 0 || mass === undefined ? 0 : Math.trunc(isotope - mass);
}

export interface SparseCounts {
  readonly indices: Uint16Array;
  /** Saturated at 255. */
  readonly values: Uint8Array;
}

/** Folds identifiers to `bits` columns (at most 65,536) and counts, indices ascending. */
export function foldCounts(environments: Uint32Array, bits: number): SparseCounts {
  const counts = new Map<number, number>();
  for (const id of environments) counts.set(id % bits, (counts.get(id % bits) ?? 0) + 1);
  const indices = Uint16Array.from(counts.keys()).sort();
  return { indices, values: Uint8Array.from(indices, (index) => Math.min(255, counts.get(index)!)) };
}

/** Folds identifiers to packed bits. */
export function foldBits(environments: Uint32Array, bits: number): Uint8Array {
  const packed = new Uint8Array(Math.ceil(bits / 8));
  for (const id of environments) packed[(id % bits) >> 3]! |= 1 << (id % bits & 7);
  return packed;
}
