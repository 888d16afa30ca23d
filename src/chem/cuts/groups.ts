/** The groups of a molecule that can be replaced: all of them, or the one that a person points at. */
import { IsoLensError } from '../../core/index.ts';
import { ELEMENT, every } from '../atoms.ts';
import { ionisableSites, ionisationClass } from '../ionisation.ts';
import type { IonisationClass, Surroundings } from '../ionisation.ts';
import type { MoleculeGraph } from '../molecule-graph.ts';
import { environmentTexts } from './change.ts';
import { cuttableBonds, cutsOf } from './enumerate.ts';
import type { Cut } from './enumerate.ts';
import { Environments, RADII } from './environment.ts';
import { Pieces } from './pieces.ts';
import { recordOf } from './table.ts';
import type { CutRecord } from './table.ts';

export interface ReplaceableGroup {
  /** Canonical, with its attachment points. */
  readonly fragment: string;
  /** Heavy atoms of the parent. */
  readonly atoms: readonly number[];
  /** Atom of the group at each point, and the atom outside that it is bonded to. */
  readonly points: readonly { readonly inside: number; readonly outside: number }[];
  /** Hashes of the surroundings of the cuts, `[radius][point]`. */
  readonly environments: readonly (readonly number[])[];
  readonly environmentTexts: readonly string[];
  /** Decides whether an amine in this place is a base. */
  readonly surroundings: Surroundings;
  readonly ionisation: IonisationClass;
  /** Every atom outside that the group is bonded to is carbon. */
  readonly onCarbon: boolean;
}

/** Every group of at most `size` heavy atoms and at most half of the molecule, equivalent ones once, the smallest first. */
export function allGroups(graph: MoleculeGraph, size: number): ReplaceableGroup[] {
  const pieces = new Pieces(graph, false);
  const environments = new Environments(pieces);
  const distinct = new Map<string, CutRecord>();
  for (const cut of cutsOf(pieces, { cuts: 3, variable: Math.min(size, Math.floor(graph.atoms / 2)) })) {
    const record = recordOf(pieces, environments, cut);
    const key = `${record.constant} ${record.fragment.smiles}`;
    if (!distinct.has(key)) distinct.set(key, record);
  }
  return [...distinct.values()].sort((a, b) => a.cut.size - b.cut.size).map((record) => groupOf(pieces, environments, record));
}

/** The group of exactly these atoms; `nameOf` tells how the person numbers an atom. */
export function chosenGroup(graph: MoleculeGraph, chosen: readonly number[], nameOf: (atom: number) => number): ReplaceableGroup {
  const pieces = new Pieces(graph, false);
  const environments = new Environments(pieces);
  const inside = new Uint8Array(graph.atoms);
  for (const atom of chosen) inside[atom] = 1;
  const obstacle = obstacleOf(graph, inside, chosen.length, nameOf);
  const cuts = cutsOf(pieces, { cuts: 3, variable: graph.atoms - 1 });
  const covering = cuts.filter((cut) => covers(pieces, cut, chosen)).sort((a, b) => a.size - b.size);
  const exact = covering.find((cut) => cut.size === chosen.length);
  if (obstacle === undefined && exact !== undefined) return groupOf(pieces, environments, recordOf(pieces, environments, exact));
  const around = covering[0];
  const advice = around === undefined
    ? 'no bond around them can be cut; a ring goes as a whole, and a macrocycle or a molecule without acyclic single bonds has no such group'
    : `the smallest group around them is ${outsideOf(pieces, around, graph.atoms).map(nameOf).sort((a, b) => a - b).join(',')}`;
  throw new IsoLensError('GROUP_NOT_REPLACEABLE', `Expected atoms that one, two or three cuts of acyclic single bonds set free but ${obstacle ?? 'more cuts would be needed'}; ${advice}.`, {
    details: around === undefined ? {} : { atoms: outsideOf(pieces, around, graph.atoms).map(nameOf).sort((a, b) => a - b) },
  });
}

/** Why these atoms cannot be cut out, or undefined. */
function obstacleOf(graph: MoleculeGraph, inside: Uint8Array, count: number, nameOf: (atom: number) => number): string | undefined {
  if (count === graph.atoms) return 'they are the whole molecule';
  const cuttable = new Set(cuttableBonds(graph));
  for (let bond = 0; bond < graph.bonds; bond++) {
    const [begin, end] = [graph.begin[bond]!, graph.end[bond]!];
    if (inside[begin] === inside[end] || cuttable.has(bond)) continue;
    const names = `${nameOf(begin)} and ${nameOf(end)}`;
    if (graph.ringBond[bond]) return `the bond between ${names} is part of a ring`;
    if (graph.order[bond] !== 1) return `the bond between ${names} is no single bond`;
    return `the bond between ${names} is not cut (amides, esters, sulfonamides and bonds between hetero atoms stay whole)`;
  }
  return isConnected(graph, inside, count) ? undefined : 'they are not connected to each other';
}

function isConnected(graph: MoleculeGraph, inside: Uint8Array, count: number): boolean {
  const start = inside.indexOf(1);
  const seen = new Set([start]);
  for (const atom of seen) {
    for (let i = graph.offset[atom]!; i < graph.offset[atom + 1]!; i++) if (inside[graph.neighbour[i]!]) seen.add(graph.neighbour[i]!);
  }
  return seen.size === count;
}

function covers(pieces: Pieces, cut: Cut, chosen: readonly number[]): boolean {
  return cut.outward.every((direction) => {
    const behind = pieces.atoms(direction);
    return !chosen.some((atom) => behind.includes(atom));
  });
}

/** Atoms that lie behind no cut. */
function outsideOf(pieces: Pieces, { outward }: Cut, atoms: number): number[] {
  const behind = new Set(outward.flatMap((direction) => pieces.atoms(direction)));
  return Array.from({ length: atoms }, (_, a) => a).filter((a) => !behind.has(a));
}

function groupOf(pieces: Pieces, environments: Environments, record: CutRecord): ReplaceableGroup {
  const inOrder = record.fragment.cuts.map((at) => record.cut.outward[at]!);
  const surroundings = inOrder.every((direction) => isSaturatedCarbon(pieces.graph, pieces.head(direction))) ? 'saturated' : 'conjugated';
  return {
    fragment: record.fragment.smiles,
    atoms: outsideOf(pieces, record.cut, pieces.graph.atoms),
    points: inOrder.map((direction) => ({ inside: pieces.tail(direction), outside: pieces.head(direction) })),
    environments: Array.from({ length: RADII }, (_, radius) => record.environments.map((radii) => radii[radius]!)),
    environmentTexts: environmentTexts(environments, record, 1),
    surroundings,
    ionisation: ionisationClass(ionisableSites(record.fragment.part, surroundings)),
    onCarbon: inOrder.every((direction) => pieces.graph.element[pieces.head(direction)] === ELEMENT.C),
  };
}

function isSaturatedCarbon(graph: MoleculeGraph, atom: number): boolean {
  return graph.element[atom] === ELEMENT.C && graph.aromaticAtom[atom] === 0 && every(graph, atom, (_, bond) => graph.order[bond] === 1);
}
