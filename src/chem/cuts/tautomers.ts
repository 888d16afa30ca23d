/**
 * Tautomers of a fragment, so that one group has one name however its mobile hydrogens were drawn: `c1nnn[nH]1` and `c1nn[nH]n1`, lactam and
 * hydroxy-azine, amide and imidic acid, the two halves of an amidine. What moves is what standard InChI calls mobile, keto and enol
 * aside (Heller et al. 2015, doi:10.1186/s13321-015-0068-4). Of all forms those with the most C=O and C=S are kept, then those with the fewest
 * exocyclic C=N.
 */
import { ELEMENT } from '../atoms.ts';
import { AROMATIC } from '../molecule-graph.ts';
import { DOUBLE, SINGLE, linksOf } from './part.ts';
import type { Part, PartAtom, PartBond, PartLink } from './part.ts';

const { C, N, O, S } = ELEMENT;
/** Forms looked at; a fragment of drug size has a few dozen at the most. */
const MOST_FORMS = 128;

/** The preferred forms, more than one where they are equally good: the caller takes the one whose text comes first. */
export function preferredForms(part: Part): readonly Part[] {
  if (!mayMove(part)) return [part];
  const seen = new Map<string, Part>([[keyOf(part), part]]);
  for (const form of seen.values()) {
    for (const next of neighboursOf(form)) if (seen.size < MOST_FORMS && !seen.has(keyOf(next))) seen.set(keyOf(next), next);
  }
  const scored = [...seen.values()].map((form) => ({ form, score: scoreOf(form) }));
  const best = Math.max(...scored.map(({ score }) => score));
  return scored.filter(({ score }) => score === best).map(({ form }) => form);
}

function mayMove({ atoms }: Part): boolean {
  const hetero = atoms.filter(({ element }) => element === N || element === O || element === S);
  return hetero.length > 1 && hetero.some(({ element }) => element === N) && hetero.some(({ hydrogens }) => hydrogens > 0);
}

function keyOf({ atoms, bonds }: Part): string {
  return `${atoms.map(({ hydrogens }) => hydrogens).join('')} ${bonds.map(({ kind }) => kind).join('')}`;
}

function scoreOf({ atoms, bonds }: Part): number {
  return bonds.reduce((sum, { a, b, kind, ring }) => {
    if (kind !== DOUBLE) return sum;
    const hetero = atoms[a]!.element === C ? atoms[b]!.element : atoms[a]!.element;
    if (hetero === O || hetero === S) return sum + 2;
    return hetero === N && !ring && (atoms[a]!.aromatic || atoms[b]!.aromatic) ? sum - 1 : sum;
  }, 0);
}

/** One hydrogen moved. */
function neighboursOf(part: Part): Part[] {
  const links = linksOf(part);
  return [...aromaticMoves(part, links), ...openMoves(part, links)];
}

/** Where a hydrogen can come from or go to, and the exocyclic bond that changes with it. */
interface Site {
  readonly atom: number;
  readonly bond: number | undefined;
}

/** Within an aromatic ring system: ring nitrogens, and oxygen, sulfur and nitrogen on its carbons. */
function aromaticMoves(part: Part, links: readonly (readonly PartLink[])[]): Part[] {
  const { atoms } = part;
  const systems = systemsOf(part, links);
  const donors: Site[] = [];
  const acceptors: Site[] = [];
  atoms.forEach((atom, a) => {
    if (atom.charge !== 0) return;
    if (atom.aromatic) {
      if (atom.element !== N) return;
      if (atom.hydrogens > 0) donors.push({ atom: a, bond: undefined });
      else if (degreeOf(part, links, a) === 2) acceptors.push({ atom: a, bond: undefined });
      return;
    }
    const [link] = links[a]!;
    if (atom.ring || link === undefined || !isAromaticCarbon(atoms[link.to]!)) return;
    const { kind } = part.bonds[link.bond]!;
    const isChalcogen = atom.element === O || atom.element === S;
    if (kind === SINGLE && isChalcogen && atom.hydrogens > 0) donors.push({ atom: a, bond: link.bond });
    if (kind === DOUBLE && (isChalcogen || atom.element === N)) acceptors.push({ atom: a, bond: link.bond });
  });
  const systemOf = (a: number): number => (systems[a]! >= 0 ? systems[a]! : systems[links[a]![0]!.to]!);
  return donors.flatMap((from) => acceptors.filter((to) => systemOf(to.atom) === systemOf(from.atom)).flatMap((to) => {
    const moved = changed(part, from, to);
    return hasKekuleForm(moved, linksOf(moved), systems, systemOf(from.atom)) ? [moved] : [];
  }));
}

function isAromaticCarbon({ element, aromatic }: PartAtom): boolean {
  return element === C && aromatic;
}

function changed({ atoms, bonds, points }: Part, from: Site, to: Site): Part {
  const kinds = new Map<number, number>();
  if (from.bond !== undefined) kinds.set(from.bond, DOUBLE);
  if (to.bond !== undefined) kinds.set(to.bond, SINGLE);
  return {
    atoms: atoms.map((atom, a) => (a === from.atom ? { ...atom, hydrogens: atom.hydrogens - 1 } : a === to.atom ? { ...atom, hydrogens: atom.hydrogens + 1 } : atom)),
    bonds: bonds.map((bond, b): PartBond => (kinds.has(b) ? { ...bond, kind: kinds.get(b)! } : bond)),
    points,
  };
}

/** Aromatic atoms by connected system, -1 elsewhere. */
function systemsOf({ atoms, bonds }: Part, links: readonly (readonly PartLink[])[]): Int32Array {
  const systems = new Int32Array(atoms.length).fill(-1);
  let count = 0;
  atoms.forEach((atom, start) => {
    if (!atom.aromatic || systems[start]! >= 0) return;
    const members = [start];
    systems[start] = count;
    for (const a of members) {
      for (const { to, bond } of links[a]!) {
        if (bonds[bond]!.kind !== AROMATIC || systems[to]! >= 0) continue;
        systems[to] = count;
        members.push(to);
      }
    }
    count++;
  });
  return systems;
}

function degreeOf({ points }: Part, links: readonly (readonly PartLink[])[], a: number): number {
  return links[a]!.length + points.filter((atom) => atom === a).length;
}

/** Whether the atoms of the system that need a double bond in it can be paired. */
function hasKekuleForm(part: Part, links: readonly (readonly PartLink[])[], systems: Int32Array, system: number): boolean {
  const open = part.atoms.map((_, a) => a).filter((a) => systems[a] === system && needsDoubleBond(part, links, a));
  return canPair(part, links, new Set(open));
}

function needsDoubleBond(part: Part, links: readonly (readonly PartLink[])[], a: number): boolean {
  const { element, charge, hydrogens } = part.atoms[a]!;
  if (element === C) return !links[a]!.some(({ bond }) => part.bonds[bond]!.kind === DOUBLE) && charge === 0;
  if (element === N) return hydrogens === 0 && (charge > 0 ? degreeOf(part, links, a) === 3 : charge === 0 && degreeOf(part, links, a) === 2);
  return false;
}

/** The atom with the fewest partners goes first: ring systems of drug size take a few steps. */
function canPair(part: Part, links: readonly (readonly PartLink[])[], open: ReadonlySet<number>): boolean {
  if (open.size === 0) return true;
  if (open.size % 2 === 1) return false;
  const partnersOf = (a: number): number[] => links[a]!.filter(({ to, bond }) => open.has(to) && part.bonds[bond]!.kind === AROMATIC).map(({ to }) => to);
  const [first, partners] = [...open].map((a) => [a, partnersOf(a)] as const).reduce((least, one) => (one[1].length < least[1].length ? one : least));
  return partners.some((partner) => canPair(part, links, new Set([...open].filter((a) => a !== first && a !== partner))));
}

/** X-H on C=N: an imidic acid becomes its amide; an amidine may be drawn either way. */
function openMoves(part: Part, links: readonly (readonly PartLink[])[]): Part[] {
  const { atoms, bonds } = part;
  return atoms.flatMap((centre, c) => {
    if (centre.element !== C || centre.aromatic) return [];
    const acceptor = links[c]!.find(({ to, bond }) => bonds[bond]!.kind === DOUBLE && atoms[to]!.element === N && atoms[to]!.charge === 0 && !atoms[to]!.aromatic);
    if (acceptor === undefined) return [];
    const donors = links[c]!.filter(({ to, bond }) => bonds[bond]!.kind === SINGLE && isMobile(atoms[to]!));
    return donors.map(({ to, bond }) => changed(part, { atom: to, bond }, { atom: acceptor.to, bond: acceptor.bond }));
  });
}

function isMobile({ element, hydrogens, charge, aromatic }: PartAtom): boolean {
  return hydrogens > 0 && charge === 0 && !aromatic && (element === N || element === O || element === S);
}
