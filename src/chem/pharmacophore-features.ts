/**
 * What a protein sees of an atom: donor, acceptor, positive, negative, hydrophobic. Rules over the graph of the parent, in which
 * amines and acids are neutral, so "positive" and "negative" mean what they become in water.
 *
 * The types are those of ErG (Stiefl et al. 2006, doi:10.1021/ci050457y) with three narrower and three wider: amides, anilines and pyrrole-like
 * nitrogens neither accept nor turn positive; amidines and guanidines are positive; the usual stand-ins of carboxylic acids (tetrazoles,
 * acylsulfonamides, hydroxamic acids, azolones, acidic imides) negative; and heavy halogens and trifluoromethyl hydrophobic ends.
 */
import { ELEMENT, around, every, isBesideCharge, isDonor, isPyridineLike, isTetrazole, some } from './atoms.ts';
import { degreeOf } from './molecule-graph.ts';
import type { MoleculeGraph } from './molecule-graph.ts';

/** Bits of an atom's set of types. `AROMATIC` belongs to rings. */
export const PHARMACOPHORE_TYPES = ['donor', 'acceptor', 'positive', 'negative', 'hydrophobic', 'aromatic'] as const;
export const [DONOR, ACCEPTOR, POSITIVE, NEGATIVE, HYDROPHOBIC, AROMATIC] = [1, 2, 4, 8, 16, 32] as const;

const { C, N, O, F, P, S, Cl, Br, I } = ELEMENT;

/** One set of types an atom. */
export function pharmacophoreFeatures(graph: MoleculeGraph): Uint8Array {
  return Uint8Array.from({ length: graph.atoms }, (_, a) => (
    (isDonor(graph, a) ? DONOR : 0) | (isAcceptor(graph, a) ? ACCEPTOR : 0) | (isPositive(graph, a) ? POSITIVE : 0)
    | (isNegative(graph, a) ? NEGATIVE : 0) | (isHydrophobicEnd(graph, a) ? HYDROPHOBIC : 0)
  ));
}

function isAcceptor(graph: MoleculeGraph, a: number): boolean {
  const { element, hydrogens, charge, aromaticAtom } = graph;
  if (charge[a]! > 0) return false;
  if (element[a] === O) {
    if (aromaticAtom[a]) return !some(graph, a, (b) => element[b] === N);
    // The hydroxyl of an acid gives its proton away; its carbonyl accepts.
    return hydrogens[a] === 0 || !some(graph, a, (b) => hasDoubleTo(graph, b, POLAR));
  }
  if (element[a] === S) return charge[a]! < 0 || (hydrogens[a] === 0 && degreeOf(graph, a) === 1);
  if (element[a] !== N) return false;
  if (aromaticAtom[a]) return isPyridineLike(graph, a);
  if (bondOrders(graph, a) > degreeOf(graph, a)) return true; // imines, nitriles
  return !isConjugated(graph, a);
}

const POLAR: ReadonlySet<number> = new Set([N, O, P, S]);
const OXYGEN_OR_SULFUR: ReadonlySet<number> = new Set([O, S]);
const OXYGEN: ReadonlySet<number> = new Set([O]);

/** The lone pair of an amine is given away to an aryl, a double bond or a sulfonyl. */
function isConjugated(graph: MoleculeGraph, a: number): boolean {
  return some(graph, a, (b) => graph.aromaticAtom[b] === 1 || bondOrders(graph, b) > degreeOf(graph, b) + (graph.element[b] === C ? 0 : 1) || hasDoubleTo(graph, b, POLAR));
}

function isPositive(graph: MoleculeGraph, a: number): boolean {
  const { element, charge, aromaticAtom } = graph;
  if (element[a] !== N || aromaticAtom[a]) return element[a] === N && charge[a]! > 0 && !isBesideCharge(graph, a, -1);
  if (charge[a]! > 0) return !isBesideCharge(graph, a, -1);
  if (bondOrders(graph, a) > degreeOf(graph, a)) return isAmidine(graph, a);
  // A basic amine: saturated carbons and hydrogens only.
  return degreeOf(graph, a) > 0 && every(graph, a, (b) => element[b] === C && !aromaticAtom[b] && bondOrders(graph, b) === degreeOf(graph, b));
}

/** The imine nitrogen of N=C-N, unless something draws its electrons. */
function isAmidine(graph: MoleculeGraph, a: number): boolean {
  const { element, aromaticAtom } = graph;
  const isQuiet = (n: number, from: number): boolean => every(graph, n, (b) => b === from || (element[b] === C && !aromaticAtom[b] && !hasDoubleTo(graph, b, POLAR)));
  return some(graph, a, (c, bond) => (
    graph.order[bond] === 2 && element[c] === C && isQuiet(a, c) && some(graph, c, (n, other) => graph.order[other] === 1 && element[n] === N && isQuiet(n, c))
  ));
}

function isNegative(graph: MoleculeGraph, a: number): boolean {
  const { element, hydrogens, charge, aromaticAtom } = graph;
  if (element[a] === C || element[a] === S || element[a] === P) {
    const acidic = some(graph, a, (b, bond) => graph.order[bond] === 1 && element[b] === O && degreeOf(graph, b) === 1 && (hydrogens[b] === 1 || charge[b]! < 0));
    return acidic && hasDoubleTo(graph, a, OXYGEN_OR_SULFUR);
  }
  if (element[a] !== N || hydrogens[a] === 0 || charge[a] !== 0) return false;
  if (aromaticAtom[a] === 1) return graph.rings.some((ring) => ring.includes(a) && (isTetrazole(graph, ring) || isAzolone(graph, ring)));
  return isHydroxamic(graph, a) || isAcidicSulfonamide(graph, a) || isAcidicImide(graph, a);
}

/** A carbonyl or thiocarbonyl whose double bond lies outside of the aromatic ring, if it is in one. */
function isCarbonyl(graph: MoleculeGraph, a: number): boolean {
  const { element, order, aromaticBond } = graph;
  return element[a] === C && some(graph, a, (b, bond) => order[bond] === 2 && aromaticBond[bond] === 0 && OXYGEN_OR_SULFUR.has(element[b]!));
}

/** Five-membered rings with one O or S and a carbonyl: oxadiazolones, thiadiazolones, 3-hydroxyisoxazoles as their tautomers. */
function isAzolone(graph: MoleculeGraph, ring: readonly number[]): boolean {
  return ring.length === 5 && ring.filter((a) => OXYGEN_OR_SULFUR.has(graph.element[a]!)).length === 1 && ring.some((a) => isCarbonyl(graph, a));
}

/** The nitrogen of C(=O)N-OH. */
function isHydroxamic(graph: MoleculeGraph, a: number): boolean {
  return some(graph, a, (b) => isCarbonyl(graph, b)) && some(graph, a, (b) => graph.element[b] === O && graph.hydrogens[b]! > 0);
}

/** A sulfonamide whose nitrogen also meets a carbonyl, a nitrile, a second sulfonyl or the carbon of a diazine or azole (sulfadiazine). */
function isAcidicSulfonamide(graph: MoleculeGraph, a: number): boolean {
  const { element, order, aromaticAtom, aromaticBond } = graph;
  const sulfonyls = around(graph, a, (b) => element[b] === S && hasDoubleTo(graph, b, OXYGEN)).length;
  const isPoor = (b: number): boolean => aromaticAtom[b] === 1 && some(graph, b, (c, bond) => aromaticBond[bond] === 1 && element[c] !== C);
  const isNitrile = (b: number): boolean => element[b] === C && some(graph, b, (c, bond) => order[bond] === 3 && element[c] === N);
  return sulfonyls > 1 || (sulfonyls === 1 && some(graph, a, (b) => isCarbonyl(graph, b) || isNitrile(b) || isPoor(b)));
}

/** Between two carbonyls in a ring, one of which meets a further hetero atom: thiazolidinediones, oxazolidinediones, barbiturates. */
function isAcidicImide(graph: MoleculeGraph, a: number): boolean {
  const { element, ringAtom } = graph;
  const isHetero = (c: number): boolean => ringAtom[c] === 1 && (OXYGEN_OR_SULFUR.has(element[c]!) || (element[c] === N && around(graph, c, (d) => isCarbonyl(graph, d)).length === 2));
  return ringAtom[a] === 1 && around(graph, a, (b) => isCarbonyl(graph, b)).length === 2 && some(graph, a, (b) => some(graph, b, (c) => c !== a && isHetero(c)));
}

/** Ends that fill a greasy pocket: isopropyl and tert-butyl, thioethers, heavy halogens, trifluoromethyl. */
function isHydrophobicEnd(graph: MoleculeGraph, a: number): boolean {
  const { element, hydrogens, aromaticAtom, ringAtom } = graph;
  if (element[a] === Cl || element[a] === Br || element[a] === I) return degreeOf(graph, a) === 1;
  if (element[a] === S) return !aromaticAtom[a] && hydrogens[a] === 0 && degreeOf(graph, a) === 2 && every(graph, a, (b) => element[b] === C);
  if (element[a] !== C || ringAtom[a] === 1) return false;
  return around(graph, a, (b) => element[b] === F).length === 3 || around(graph, a, (b) => element[b] === C && hydrogens[b] === 3).length >= 2;
}

function hasDoubleTo(graph: MoleculeGraph, a: number, elements: ReadonlySet<number>): boolean {
  return some(graph, a, (b, bond) => graph.order[bond] === 2 && !graph.aromaticAtom[a] && elements.has(graph.element[b]!));
}

/** Sum over bonds between heavy atoms; above the degree where there is a multiple bond. */
function bondOrders(graph: MoleculeGraph, a: number): number {
  let sum = 0;
  for (let i = graph.offset[a]!; i < graph.offset[a + 1]!; i++) sum += graph.order[graph.bondOf[i]!]!;
  return sum;
}
