/** What differs between two molecules beside their common part: groups, rings that took the place of rings, rings fused on. */
import { ELEMENT, some } from '../atoms.ts';
import { degreeOf, neighboursOf } from '../molecule-graph.ts';
import type { MoleculeGraph } from '../molecule-graph.ts';
import type { CommonPart } from './common-part.ts';
import type { CutGroup, CutPoint } from './cut-group.ts';
import { exocyclicDoubles, ringAtomText, ringName, ringSmiles } from './rings.ts';
import { toldWithGroups } from './whole-groups.ts';

export interface GroupChange {
  /** `group`: hangs on what is kept; `ring`: a ring in the place of a ring; `fused-ring`: a ring that shares a bond with what is kept. */
  readonly kind: 'group' | 'ring' | 'fused-ring';
  /** SMILES: of a group with * where it hangs, numbered where that is in several places; of a ring by itself; `*[H]` where there is none on this side. */
  readonly from: string;
  readonly to: string;
  /** In words: "benzene C-H -> pyridine N". */
  readonly text: string;
  /** Of a group: what chemists call it, or its formula; null of rings, and of a matched pair. */
  readonly names: { readonly from: string; readonly to: string } | null;
}

const HYDROGEN = { smiles: '*[H]', text: '*[H]', name: 'hydrogen' };

/** A group in words. */
export interface GroupText {
  /** Its attachment points marked by isotopes. */
  readonly smiles: string;
  readonly name: string;
}

export type WriteGroup = (group: CutGroup) => GroupText;

export function changesOf(write: WriteGroup, a: MoleculeGraph, b: MoleculeGraph, { kept, swapped }: CommonPart): GroupChange[] {
  const placed = [...kept, ...swapped];
  const [oxoA, oxoB] = [ringOxo(a, new Set(placed.map(([atom]) => atom))), ringOxo(b, new Set(placed.map(([, atom]) => atom)))];
  const told = toldWithGroups(a, b, placed);
  const around = placed.filter((_, i) => !told.has(i));
  const alkenes = ringAlkenes(a, b, around);
  const groups = pairGroups(
    groupsOf(write, a, around.map(([atom]) => atom), new Set(oxoA.keys()), alkenes),
    groupsOf(write, b, around.map(([, atom]) => atom), new Set(oxoB.keys()), alkenes),
  );
  const changedRingAtoms = new Set([...swapped.map(([atom]) => atom), ...oxoA.values(), ...placed.flatMap(([x, y]) => ([...oxoB.values()].includes(y) ? [x] : []))]);
  return [...ringChanges(a, b, placed, changedRingAtoms), ...groups];
}

/** Oxygen, sulfur or nitrogen by a double bond on a ring, outside of what is placed, to the ring atom: part of the ring's name. */
function ringOxo(graph: MoleculeGraph, placed: ReadonlySet<number>): Map<number, number> {
  const found = new Map<number, number>();
  for (const atom of placed) {
    if (!graph.ringAtom[atom]) continue;
    for (const other of exocyclicDoubles(graph, atom)) if (!placed.has(other) && degreeOf(graph, other) === 1) found.set(other, atom);
  }
  return found;
}

/** One change for each ring that has an atom which differs. */
function ringChanges(a: MoleculeGraph, b: MoleculeGraph, placed: CommonPart['kept'], changed: ReadonlySet<number>): GroupChange[] {
  const image = new Map(placed);
  const left = new Set(changed);
  const changes: GroupChange[] = [];
  for (const ring of a.rings) {
    const atoms = ring.filter((atom) => left.has(atom));
    if (atoms.length === 0 || !ring.every((atom) => image.has(atom))) continue;
    const other = ring.map((atom) => image.get(atom)!);
    changes.push({ kind: 'ring', from: ringSmiles(a, ring), to: ringSmiles(b, other), text: ringText(a, b, ring, other, atoms.map((atom) => [atom, image.get(atom)!])), names: null });
    for (const atom of atoms) left.delete(atom);
  }
  return changes;
}

function ringText(a: MoleculeGraph, b: MoleculeGraph, ring: readonly number[], other: readonly number[], differing: readonly (readonly [number, number])[]): string {
  const [from, to] = [ringName(a, ring), ringName(b, other)];
  const [[x, y]] = differing as [readonly [number, number]];
  const [one, two] = [ringAtomText(a, x), ringAtomText(b, y)];
  if (differing.length === 1 && one !== two) return `${from} ${one} -> ${to} ${two}`;
  return from === to ? `${from}: its hetero atoms at other positions` : `${from} -> ${to}`;
}

/** Positions of ring atoms with a double bond to a carbon that changes, on either side: a group is not told as half a double bond. */
function ringAlkenes(a: MoleculeGraph, b: MoleculeGraph, around: CommonPart['kept']): ReadonlySet<number> {
  const sides = [{ graph: a, placed: new Set(around.map(([atom]) => atom)) }, { graph: b, placed: new Set(around.map(([, atom]) => atom)) }];
  const isAlkene = (side: number, atom: number): boolean => {
    const { graph, placed } = sides[side]!;
    return graph.ringAtom[atom] === 1 && some(graph, atom, (other, bond) => !placed.has(other) && graph.order[bond] === 2 && !graph.ringBond[bond] && graph.element[other] === ELEMENT.C);
  };
  return new Set(around.flatMap(([x, y], i) => (isAlkene(0, x) || isAlkene(1, y) ? [i] : [])));
}

interface Group {
  /** Positions in the common part on which it hangs, ascending. */
  readonly places: readonly number[];
  readonly kind: 'group' | 'fused-ring';
  readonly smiles: string;
  readonly text: string;
  /** Of a group alone. */
  readonly name: string;
}

/** Connected parts outside of the common part. */
function groupsOf(write: WriteGroup, graph: MoleculeGraph, common: readonly number[], passedOver: ReadonlySet<number>, alkenes: ReadonlySet<number>): Group[] {
  const place = new Map(common.map((atom, i) => [atom, i]));
  const seen = new Uint8Array(graph.atoms);
  const groups: Group[] = [];
  for (let start = 0; start < graph.atoms; start++) {
    if (seen[start] || place.has(start) || passedOver.has(start)) continue;
    const atoms = [start];
    seen[start] = 1;
    const places = new Set<number>();
    let isFused = false;
    for (const atom of atoms) {
      for (let i = graph.offset[atom]!; i < graph.offset[atom + 1]!; i++) {
        const other = graph.neighbour[i]!;
        if (place.has(other)) {
          places.add(place.get(other)!);
          isFused ||= graph.ringBond[graph.bondOf[i]!] === 1;
        } else if (!seen[other]) {
          seen[other] = 1;
          atoms.push(other);
        }
      }
    }
    const at = [...places].sort((x, y) => x - y);
    if (!isFused && at.length === 1 && alkenes.has(at[0]!)) {
      groups.push(withAnchor(write, graph, atoms, at[0]!, common, place));
      continue;
    }
    groups.push(isFused ? fusedRing(graph, new Set(atoms), at) : hangingGroup(write, graph, atoms, at, place));
  }
  return groups;
}

/** A group on a ring atom, told with that atom. */
function withAnchor(write: WriteGroup, graph: MoleculeGraph, atoms: readonly number[], at: number, common: readonly number[], place: ReadonlyMap<number, number>): Group {
  const anchor = common[at]!;
  const neighbours = neighboursOf(graph, anchor).filter((other) => place.has(other));
  const around = new Map(neighbours.map((other) => [other, place.get(other)!]));
  return { ...hangingGroup(write, graph, [...atoms, anchor], [...around.values()].sort((x, y) => x - y), around), places: [at] };
}

function fusedRing(graph: MoleculeGraph, atoms: ReadonlySet<number>, places: readonly number[]): Group {
  // Rings of it that hold kept atoms: those beyond are told with them.
  const rings = graph.rings.filter((ring) => ring.some((atom) => atoms.has(atom)));
  const names = rings.map((ring) => ringName(graph, ring));
  return { places, kind: 'fused-ring', smiles: rings.map((ring) => ringSmiles(graph, ring)).join('.'), text: `fused ${names.join(' and ')}`, name: '' };
}

function hangingGroup(write: WriteGroup, graph: MoleculeGraph, atoms: readonly number[], places: readonly number[], common: ReadonlyMap<number, number>): Group {
  const group = cutOut(graph, atoms, places, common);
  const written = write(group);
  const smiles = written.smiles.replaceAll(/\[(\d)\*\]/g, group.points.length === 1 ? '*' : '[*:$1]');
  return { places, kind: 'group', smiles, text: smiles, name: written.name };
}

/** The atoms with an attachment point for each bond to what is kept. */
function cutOut(graph: MoleculeGraph, atoms: readonly number[], places: readonly number[], common: ReadonlyMap<number, number>): CutGroup {
  const inside = new Set(atoms);
  const points = atoms.flatMap((atom) => {
    const found: CutPoint[] = [];
    for (let i = graph.offset[atom]!; i < graph.offset[atom + 1]!; i++) {
      const other = graph.neighbour[i]!;
      if (!inside.has(other) && common.has(other)) found.push({ atom, number: places.indexOf(common.get(other)!) + 1, order: graph.order[graph.bondOf[i]!]! });
    }
    return found;
  });
  return { graph, atoms, points };
}

/** Groups at the same places are one change; the others appear or vanish. */
function pairGroups(from: readonly Group[], to: readonly Group[]): GroupChange[] {
  const left = [...to];
  const changes = from.map((group): GroupChange => {
    const at = left.findIndex(({ places }) => places.join() === group.places.join());
    const partner = at < 0 ? undefined : left.splice(at, 1)[0];
    return changeOf(group, partner);
  });
  return [...changes, ...left.map((group) => changeOf(undefined, group))].filter((change) => change.from !== change.to);
}

function changeOf(from: Group | undefined, to: Group | undefined): GroupChange {
  const smiles = { from: (from ?? HYDROGEN).smiles, to: (to ?? HYDROGEN).smiles };
  if (from?.kind === 'fused-ring' || to?.kind === 'fused-ring') {
    const text = from === undefined ? `${to!.text} added` : to === undefined ? `${from.text} lost` : `${from.text} -> ${to.text}`;
    return { kind: 'fused-ring', ...smiles, text, names: null };
  }
  return { kind: 'group', ...smiles, text: `${(from ?? HYDROGEN).text} -> ${(to ?? HYDROGEN).text}`, names: { from: (from ?? HYDROGEN).name, to: (to ?? HYDROGEN).name } };
}
