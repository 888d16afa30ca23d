/**
 * What each atom can do in a binding site, read off the graph of a standardised parent: the atom types of topological
 * pharmacophores (Gobbi & Poppinger 1998, doi:10.1002/(SICI)1097-0290(199824)61:1<47::AID-BIT9>3.0.CO;2-Z; CATS, Schneider et al.
 * 1999, doi:10.1002/(SICI)1521-3773(19991004)38:19<2894::AID-ANIE2894>3.0.CO;2-F). Charge is what would form at pH 7.4, not
 * what is drawn: a standardised amine is neutral on paper.
 */
import { ELEMENT, around, isBesideCharge, isDonor, isPyridineLike, isTetrazole, some } from './atoms.ts';
import { degreeOf } from './molecule-graph.ts';
import type { MoleculeGraph } from './molecule-graph.ts';

/** Bits of an atom's roles. */
export const ROLE = Object.freeze({ donor: 1, acceptor: 2, positive: 4, negative: 8, aromatic: 16, hydrophobic: 32, halogen: 64 });

const { C, N, O, P, S } = ELEMENT;
const HALOGENS: ReadonlySet<number> = new Set([ELEMENT.F, ELEMENT.Cl, ELEMENT.Br, ELEMENT.I]);

/** One bit set of `ROLE` for each atom. */
export function pharmacophoreRoles(graph: MoleculeGraph): Uint8Array {
  const roles = new Uint8Array(graph.atoms);
  for (let a = 0; a < graph.atoms; a++) roles[a] = rolesOf(graph, a);
  markAcids(graph, roles);
  markAmidines(graph, roles);
  return roles;
}

function rolesOf(graph: MoleculeGraph, a: number): number {
  const element = graph.element[a]!;
  let roles = graph.aromaticAtom[a] ? ROLE.aromatic : 0;
  if (isDonor(graph, a)) roles |= ROLE.donor;
  if (element === O && graph.charge[a]! <= 0 && !(graph.aromaticAtom[a] && degreeOf(graph, a) === 2)) roles |= ROLE.acceptor;
  if (element === N && hasFreePair(graph, a)) roles |= ROLE.acceptor;
  if (graph.charge[a]! > 0 && !isBesideCharge(graph, a, -1)) roles |= ROLE.positive;
  if (graph.charge[a]! < 0 && !isBesideCharge(graph, a, 1)) roles |= ROLE.negative;
  if (element === N && isBasicAmine(graph, a)) roles |= ROLE.positive;
  if (HALOGENS.has(element)) roles |= ROLE.halogen | ROLE.hydrophobic;
  if ((element === C || element === S) && isGreasy(graph, a)) roles |= ROLE.hydrophobic;
  return roles;
}

const isMultiple = (graph: MoleculeGraph, bond: number): boolean => graph.aromaticBond[bond] === 1 || graph.order[bond]! > 1;

/** The pair of a pyridine, nitrile, imine or aliphatic amine; not that of a pyrrole, amide, sulfonamide or aniline. */
function hasFreePair(graph: MoleculeGraph, a: number): boolean {
  if (graph.charge[a]! > 0) return false;
  if (graph.aromaticAtom[a]) return isPyridineLike(graph, a);
  if (some(graph, a, (_, bond) => isMultiple(graph, bond))) return true;
  return !isConjugated(graph, a);
}

/** A single-bonded nitrogen whose pair is shared with a ring, a carbonyl, an imine, a sulfonyl or a phosphoryl group. */
function isConjugated(graph: MoleculeGraph, a: number): boolean {
  return some(graph, a, (atom) => graph.aromaticAtom[atom] === 1 || some(graph, atom, (other, bond) => other !== a && isMultiple(graph, bond) && (graph.element[atom] !== C || graph.element[other] !== S || graph.order[bond] === 2)));
}

/** Three carbons or hydrogens around a nitrogen, none of them unsaturated: protonated in water. */
function isBasicAmine(graph: MoleculeGraph, a: number): boolean {
  if (graph.aromaticAtom[a] || graph.charge[a] !== 0) return false;
  if (some(graph, a, (atom, bond) => isMultiple(graph, bond) || graph.element[atom] !== C)) return false;
  return !isConjugated(graph, a);
}

/** A carbon or thioether sulfur without a polar neighbour. */
function isGreasy(graph: MoleculeGraph, a: number): boolean {
  if (graph.charge[a] !== 0) return false;
  if (graph.element[a] === S && (graph.hydrogens[a]! > 0 || degreeOf(graph, a) !== 2)) return false;
  return !some(graph, a, (atom) => graph.element[atom] === N || graph.element[atom] === O || graph.charge[atom] !== 0);
}

/** Carboxylic, sulfonic, phosphoric and hydroxamic-like acids: every oxygen of the group is negative; tetrazole likewise. */
function markAcids(graph: MoleculeGraph, roles: Uint8Array): void {
  for (let centre = 0; centre < graph.atoms; centre++) {
    const element = graph.element[centre]!;
    if (element !== C && element !== S && element !== P) continue;
    const oxygens = around(graph, centre, (atom) => graph.element[atom] === O && degreeOf(graph, atom) === 1);
    const acidic = oxygens.some(({ atom }) => graph.hydrogens[atom]! > 0) && oxygens.some(({ bond }) => graph.order[bond] === 2);
    if (acidic) for (const { atom } of oxygens) roles[atom]! |= ROLE.negative;
  }
  for (const ring of graph.rings) {
    if (!isTetrazole(graph, ring)) continue;
    if (ring.some((a) => graph.element[a] === N && graph.hydrogens[a]! > 0)) for (const a of ring) if (graph.element[a] === N) roles[a]! |= ROLE.negative;
  }
}

/** Amidines and guanidines: basic through their carbon. */
function markAmidines(graph: MoleculeGraph, roles: Uint8Array): void {
  for (let centre = 0; centre < graph.atoms; centre++) {
    if (graph.element[centre] !== C || graph.aromaticAtom[centre]) continue;
    const nitrogens = around(graph, centre, (atom) => graph.element[atom] === N);
    const imine = nitrogens.find(({ bond }) => graph.order[bond] === 2);
    if (imine === undefined || nitrogens.length < 2) continue;
    const clean = nitrogens.every(({ atom }) => graph.aromaticAtom[atom] === 0 && !some(graph, atom, (other) => other !== centre && (graph.element[other] !== C || some(graph, other, (far, bond) => far !== atom && graph.order[bond] === 2 && graph.element[far] === O))));
    if (clean) for (const { atom } of nitrogens) roles[atom]! |= ROLE.positive;
  }
}
