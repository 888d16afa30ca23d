/** What a person asks replacements for: a molecule, with or without atoms chosen in it, or a fragment with attachment points. */
import { IsoLensError } from '../../core/index.ts';
import type { Kernel } from '../kernel.ts';
import { checkSmiles } from '../limits.ts';
import { degreeOf, graphOf } from '../molecule-graph.ts';
import type { MoleculeGraph } from '../molecule-graph.ts';
import type { Mol } from '../rdkit.ts';
import type { StandardMolecule } from '../standardise.ts';
import { followParent } from './followed.ts';
import { NO_SITE, fragmentIonisation } from '../ionisation.ts';
import type { FragmentIonisation, Surroundings } from '../ionisation.ts';
import { HYDROGEN, fragmentOf } from './fragment.ts';
import type { Fragment } from './fragment.ts';
import { allGroups, chosenGroup } from './groups.ts';
import type { ReplaceableGroup } from './groups.ts';
import { pointsOf } from './normal-form.ts';
import { NO_PART } from './part.ts';

export interface GroupRequest {
  readonly smiles: string;
  /** Atoms of the group as they stand in the SMILES, from 0; absent: every group. */
  readonly atoms?: readonly number[];
  /** Most heavy atoms of a group that is not chosen. */
  readonly size: number;
}

export type GroupAnswer =
  /** Atoms and points of the groups count in `molecule.parentSmiles`. */
  | { readonly kind: 'molecule'; readonly molecule: StandardMolecule; readonly groups: readonly (ReplaceableGroup & { readonly inputAtoms: readonly number[] })[] }
  | {
    readonly kind: 'fragment';
    /** Canonical. */
    readonly fragment: string;
    /** `numbers[i]` = the number that point i + 1 has in the input. */
    readonly numbers: readonly number[];
  };

/** While RDKit reads a fragment, its attachment points are methylene groups that carry astatine: valid, organic, and in no fragment that is met. */
const STAND_IN = 'C([At])';
const ASTATINE = 85;
const POINT = /\[\*(?::(\d+))?\]|\*/g;
const MAX_POINTS = 3;

export function answerGroups(kernel: Kernel, { smiles, atoms, size }: GroupRequest): GroupAnswer {
  const text = smiles.trim();
  if (text.split(/\s/)[0]!.includes('*')) return answerFragment(kernel, text, atoms);
  return kernel.standardiser.standardise(text, (parent, molecule, given) => {
    const { graph, inGiven } = followParent(kernel, parent, molecule, given);
    const written = writtenAtoms(text, given);
    const nameOf = (atom: number): number => written.indexOf(inGiven[atom]!);
    const named = (group: ReplaceableGroup): ReplaceableGroup & { inputAtoms: number[] } => ({ ...group, inputAtoms: group.atoms.map(nameOf) });
    if (atoms === undefined) return { kind: 'molecule', molecule, groups: allGroups(graph, size).map(named) };
    return { kind: 'molecule', molecule, groups: [named(chosenGroup(graph, chosenAtoms(atoms, written, inGiven, given), nameOf))] };
  });
}

/** From atoms as written to atoms of the parent. A hydrogen goes with the atom that carries it. */
function chosenAtoms(atoms: readonly number[], written: readonly number[], inGiven: readonly number[], given: Mol): number[] {
  if (atoms.length === 0) throw new IsoLensError('ARGUMENT_INVALID', 'Expected at least one atom of the group to replace but received none.');
  const outside = atoms.find((atom) => !Number.isInteger(atom) || atom < 0 || atom >= written.length);
  if (outside !== undefined) {
    throw new IsoLensError('ATOM_NOT_FOUND', `Expected atoms from 0 to ${written.length - 1}, as they stand in the SMILES, but received ${outside}.`, { details: { atom: outside, atoms: written.length } });
  }
  const graph = graphOf(given);
  const isHydrogen = (atom: number): boolean => written[atom]! < 0 || graph.element[written[atom]!] === 1;
  const chosen = [...new Set(atoms)].filter((atom) => !isHydrogen(atom)).map((atom) => {
    const found = inGiven.indexOf(written[atom]!);
    if (found >= 0) return found;
    throw new IsoLensError('ATOM_NOT_FOUND', `Expected atoms of the parent molecule but atom ${atom} is part of a salt, solvent or smaller component that is set aside.`, { details: { atom, atoms: written.length } });
  });
  if (chosen.length > 0) return chosen;
  throw new IsoLensError('ATOM_NOT_FOUND', `Expected at least one heavy atom of the group to replace but atom ${atoms[0]} is a hydrogen.`, { details: { atom: atoms[0]!, atoms: written.length } });
}

/** `result[i]` = RDKit's index of atom i of the text; -1 for hydrogens that RDKit merges into their neighbours. */
function writtenAtoms(text: string, given: Mol): number[] {
  const count = given.get_num_atoms();
  if (text.includes('\n')) return Array.from({ length: count }, (_, a) => a);
  const { smiles, atomPositions } = checkSmiles(text);
  let next = 0;
  const isMerged = (position: number): boolean => /^\[H(?:[+-]\d*)?(?::\d+)?\]/.test(smiles.slice(position, position + 12));
  const written = atomPositions.map((position) => (isMerged(position) ? -1 : next++));
  // Some hydrogens stay atoms (bridges, hydride): then the text is counted as it stands.
  return next === count ? written : Array.from({ length: count }, (_, a) => a);
}

function answerFragment(kernel: Kernel, text: string, atoms: readonly number[] | undefined): GroupAnswer {
  if (atoms !== undefined) throw new IsoLensError('ARGUMENT_INVALID', 'Expected atoms to be chosen in a molecule but received them for a fragment with attachment points, which is replaced as a whole.');
  const plain = text.split(/\s/)[0]!;
  const numbers = pointNumbers(plain);
  if (/^(?:\[\*(?::\d+)?\]|\*)-?\[H\]$|^\[H\]-?(?:\[\*(?::\d+)?\]|\*)$/.test(plain)) return { kind: 'fragment', fragment: HYDROGEN, numbers };
  const fragment = readFragment(kernel, plain, numbers.length);
  return { kind: 'fragment', fragment: fragment.smiles, numbers: fragment.cuts.map((cut) => numbers[cut]!) };
}

/** A fragment with points, which are numbered by where they stand in the text. */
function readFragment(kernel: Kernel, plain: string, points: number): Fragment {
  if (/\[At/.test(plain)) throw new IsoLensError('FRAGMENT_INVALID', 'Expected a fragment without astatine.');
  return kernel.standardiser.standardise(plain.replaceAll(POINT, STAND_IN), (parent, molecule, given) => {
    const { graph, inGiven } = followParent(kernel, parent, molecule, given);
    const marks = Array.from({ length: graph.atoms }, (_, a) => a).filter((a) => graph.element[a] === ASTATINE);
    // In the order of the text.
    const ends = marks.map((mark) => graph.neighbour[graph.offset[mark]!]!).sort((a, b) => inGiven[a]! - inGiven[b]!);
    if (ends.length !== points) throw new IsoLensError('FRAGMENT_INVALID', `Expected one connected fragment with all of its ${points} attachment points.`);
    const outside = new Set([...marks, ...ends]);
    const attachments = ends.map((point, cut) => ({ atom: neighbourOf(graph, point, outside), cut }));
    return fragmentOf(graph, Array.from({ length: graph.atoms }, (_, a) => a).filter((a) => !outside.has(a)), attachments);
  });
}

/** What a fragment of a table is in water, on a saturated atom and on one that draws electrons. */
export function ioniseFragment(kernel: Kernel, fragment: string): Readonly<Record<Surroundings, FragmentIonisation>> {
  const part = fragment === HYDROGEN ? NO_PART : readFragment(kernel, fragment, pointsOf(fragment)).part;
  // Points of the part stand in the order of the text.
  const numbers = [...fragment.matchAll(POINT)].map((match) => Number(match[1]) - 1);
  const of = (surroundings: Surroundings): FragmentIonisation => {
    const { ionisation, places } = fragmentIonisation(part, surroundings);
    const byNumber = new Array<number>(places.length);
    places.forEach((place, at) => (byNumber[numbers[at]!] = place));
    return { ionisation, places: fragment === HYDROGEN ? [NO_SITE] : byNumber };
  };
  return { saturated: of('saturated'), conjugated: of('conjugated') };
}

function neighbourOf(graph: MoleculeGraph, point: number, outside: ReadonlySet<number>): number {
  const bonds = Array.from({ length: degreeOf(graph, point) }, (_, i) => graph.offset[point]! + i).filter((at) => graph.element[graph.neighbour[at]!] !== ASTATINE);
  const [at] = bonds;
  if (at !== undefined && bonds.length === 1 && graph.order[graph.bondOf[at]!] === 1 && !outside.has(graph.neighbour[at]!)) return graph.neighbour[at]!;
  throw new IsoLensError('FRAGMENT_INVALID', 'Expected every attachment point to have one single bond to an atom of the fragment.');
}

/** Numbers in the order of the text: 1 to 3, each once; a single one needs none. */
function pointNumbers(text: string): number[] {
  const numbers = [...text.matchAll(POINT)].map((match) => (match[1] === undefined ? 0 : Number(match[1])));
  if (numbers.length > MAX_POINTS) throw new IsoLensError('FRAGMENT_INVALID', `Expected a fragment with 1 to ${MAX_POINTS} attachment points but received ${numbers.length}.`);
  if (numbers.length === 1) return [1];
  if ([...numbers].sort((a, b) => a - b).every((number, i) => number === i + 1)) return numbers;
  throw new IsoLensError('FRAGMENT_INVALID', `Expected attachment points numbered [*:1]${numbers.length > 2 ? ', [*:2] and [*:3]' : ' and [*:2]'}, each once, but received ${[...text.matchAll(POINT)].map((match) => match[0]).join(', ')}.`);
}

