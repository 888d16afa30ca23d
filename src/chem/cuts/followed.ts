/** Where each atom of a parent stood in the molecule as it was given, however it was written and whatever was standardised. */
import { IsoLensError } from '../../core/index.ts';
import type { Kernel } from '../kernel.ts';
import { bondBetween, degreeOf, graphOf, neighboursOf } from '../molecule-graph.ts';
import type { MoleculeGraph } from '../molecule-graph.ts';
import { withTrusted } from '../rdkit.ts';
import type { Mol } from '../rdkit.ts';
import { METALS } from '../rules.ts';
import type { StandardMolecule } from '../standardise.ts';

export interface FollowedParent {
  /** The parent as its canonical SMILES numbers it: the same for every spelling of a molecule. */
  readonly graph: MoleculeGraph;
  /** `inGiven[a]` = RDKit's index, in the molecule as given, of atom a of the parent. */
  readonly inGiven: readonly number[];
}

export function followParent(kernel: Kernel, parent: Mol, { parentSmiles }: StandardMolecule, given: Mol): FollowedParent {
  const graph = withTrusted(kernel.rdkit, parentSmiles, graphOf);
  // Where nothing was changed the parent is the molecule as given.
  return { graph, inGiven: parent === given ? canonicalOrder(given, graph) : placesIn(graph, graphOf(given)) };
}

/** RDKit tells in which order it wrote the atoms. */
function canonicalOrder(mol: Mol, { atoms }: MoleculeGraph): number[] {
  mol.get_smiles();
  const order = JSON.parse(mol.get_prop('_smilesAtomOutputOrder').replace(/,\]$/, ']')) as number[];
  if (order.length !== atoms) throw new IsoLensError('INTERNAL', `Expected the canonical SMILES to hold ${order.length} atoms but it has ${atoms}; report this molecule.`);
  return order;
}

const HYDROGEN = 1;
const SET_APART = new Set<number>([...METALS, HYDROGEN]);
/** Steps of the search: molecules whose atoms are all alike would take for ever. */
const MOST_STEPS = 100_000;

/**
 * The whole component of `given` that has the parent's atoms and bonds, bond orders and charges aside: what standardising changes. Among
 * equals, atoms with the same hydrogens, charge and configuration come first.
 */
function placesIn(parent: MoleculeGraph, given: MoleculeGraph): number[] {
  const order = connectedOrder(parent);
  const place = new Array<number>(parent.atoms).fill(-1);
  const taken = new Uint8Array(given.atoms);
  let steps = 0;
  const fill = (at: number): boolean => {
    if (at === order.length) return true;
    if (++steps > MOST_STEPS) return false;
    const { atom, from } = order[at]!;
    const anchor = from < 0 ? -1 : place[from]!;
    const open = anchor < 0 ? Array.from({ length: given.atoms }, (_, a) => a) : neighboursOf(given, anchor);
    const fitting = open.filter((a) => !taken[a] && fits(parent, atom, given, a, place));
    fitting.sort((a, b) => likeness(parent, atom, given, b, from, anchor) - likeness(parent, atom, given, a, from, anchor));
    for (const candidate of fitting) {
      place[atom] = candidate;
      taken[candidate] = 1;
      if (fill(at + 1)) return true;
      place[atom] = -1;
      taken[candidate] = 0;
    }
    return false;
  };
  if (fill(0)) return place;
  throw new IsoLensError('MOLECULE_UNSUPPORTED', 'Expected atoms that can be followed from the molecule as given to its parent but standardising changed its bonds; give the parent, which "isolens search" shows, instead.');
}

/** Every atom but the first of its component beside one that came before it. */
function connectedOrder(graph: MoleculeGraph): { readonly atom: number; readonly from: number }[] {
  const order: { atom: number; from: number }[] = [];
  const seen = new Uint8Array(graph.atoms);
  for (let start = 0; start < graph.atoms; start++) {
    if (seen[start]) continue;
    seen[start] = 1;
    order.push({ atom: start, from: -1 });
    for (let at = order.length - 1; at < order.length; at++) {
      for (const next of neighboursOf(graph, order[at]!.atom)) {
        if (seen[next]) continue;
        seen[next] = 1;
        order.push({ atom: next, from: order[at]!.atom });
      }
    }
  }
  return order;
}

function fits(parent: MoleculeGraph, atom: number, given: MoleculeGraph, candidate: number, place: readonly number[]): boolean {
  if (parent.element[atom] !== given.element[candidate] || degreeOf(parent, atom) !== ownDegree(given, candidate)) return false;
  return neighboursOf(parent, atom).every((other) => place[other]! < 0 || bondBetween(given, candidate, place[other]!) >= 0);
}

/** Bonds to hydrogens that are atoms and to metals aside: neither is part of a parent. */
function ownDegree(graph: MoleculeGraph, atom: number): number {
  return neighboursOf(graph, atom).filter((other) => !SET_APART.has(graph.element[other]!)).length;
}

function likeness(parent: MoleculeGraph, atom: number, given: MoleculeGraph, candidate: number, from: number, anchor: number): number {
  const isSameBond = from >= 0 && parent.order[bondBetween(parent, atom, from)] === given.order[bondBetween(given, candidate, anchor)];
  const hydrogens = given.hydrogens[candidate]! + neighboursOf(given, candidate).filter((other) => given.element[other] === HYDROGEN).length;
  return 8 * Number(parent.cip[atom] === given.cip[candidate]) + 4 * Number(isSameBond)
    + 2 * Number(parent.charge[atom] === given.charge[candidate]) + Number(parent.hydrogens[atom] === hydrogens);
}
