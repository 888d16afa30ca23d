/** A group cut out of a molecule: a key that says all of it, and its JSON for RDKit. Stereo is relative to neighbours that are cut away, so neither tells it. */
import { bondKind } from '../molecule-graph.ts';
import type { JsonAtom, JsonBond, MoleculeGraph } from '../molecule-graph.ts';
import { breakTies, refine } from '../cuts/ranks.ts';
import type { SmallGraph } from '../cuts/ranks.ts';

export interface CutGroup {
  readonly graph: MoleculeGraph;
  readonly atoms: readonly number[];
  readonly points: readonly CutPoint[];
}

/** A bond that leaves the group. */
export interface CutPoint {
  /** Its atom in the group. */
  readonly atom: number;
  /** From 1; two bonds to the same place share one. */
  readonly number: number;
  /** Kekule order. */
  readonly order: number;
}

/** The atoms and, behind them, the points as a graph; `order` lists both by canonical rank. */
export interface RankedGroup {
  /** Equal for equal groups, in whatever order their atoms stand; different for others. */
  readonly key: string;
  readonly order: readonly number[];
}

/** Names an atom completely, but for its bonds; a point by its number. */
export function rankGroup(group: CutGroup): RankedGroup {
  const { graph, atoms, points } = group;
  const texts = atoms.map((atom) => `${graph.element[atom]},${graph.aromaticAtom[atom]},${graph.hydrogens[atom]},${graph.charge[atom]},${graph.isotope[atom]}`);
  for (const { number } of points) texts.push(`*${number}`);
  const small = smallGraph(group);
  const sorted = [...new Set(texts)].sort();
  const ranks = breakTies(small, refine(small, texts.map((text) => sorted.indexOf(text))));
  const order = new Array<number>(ranks.length);
  ranks.forEach((rank, at) => (order[rank] = at));
  const written = order.map((at, rank) => {
    const bonds: string[] = [];
    for (let i = small.offset[at]!; i < small.offset[at + 1]!; i++) {
      const other = ranks[small.neighbour[i]!]!;
      if (other < rank) bonds.push(`${other}:${small.kind[i]}`);
    }
    return `${texts[at]}(${bonds.sort().join()})`;
  });
  return { key: written.join(';'), order };
}

function smallGraph({ graph, atoms, points }: CutGroup): SmallGraph {
  const place = new Map(atoms.map((atom, at) => [atom, at]));
  const offset = [0];
  const neighbour: number[] = [];
  const kind: number[] = [];
  for (const atom of atoms) {
    for (let i = graph.offset[atom]!; i < graph.offset[atom + 1]!; i++) {
      const other = place.get(graph.neighbour[i]!);
      if (other === undefined) continue;
      neighbour.push(other);
      kind.push(bondKind(graph, graph.bondOf[i]!));
    }
    points.forEach((point, i) => {
      if (point.atom !== atom) return;
      neighbour.push(atoms.length + i);
      kind.push(point.order);
    });
    offset.push(neighbour.length);
  }
  for (const point of points) {
    neighbour.push(place.get(point.atom)!);
    kind.push(point.order);
    offset.push(neighbour.length);
  }
  return { atoms: atoms.length + points.length, offset, neighbour, kind };
}

/** In this order whichever molecule it comes from, so that RDKit's text is always the same; points are dummies marked by isotopes. */
export function jsonOf({ graph, atoms, points }: CutGroup, order: readonly number[]): string {
  const place = new Map(order.map((at, rank) => [at, rank]));
  const index = new Map(atoms.map((atom, at) => [atom, place.get(at)!]));
  const source = graph.json.molecules[0]!;
  const listed = order.map((at): JsonAtom => {
    if (at >= atoms.length) return { z: 0, impHs: 0, isotope: points[at - atoms.length]!.number };
    const { stereo: _, ...rest } = source.atoms[atoms[at]!]!;
    return rest;
  });
  const inner = source.bonds.flatMap(({ atoms: [a, b], bo = 1 }): JsonBond[] => (index.has(a) && index.has(b) ? [{ bo, atoms: [index.get(a)!, index.get(b)!] }] : []));
  const outer = points.map(({ atom, order: bo }, i): JsonBond => ({ bo, atoms: [index.get(atom)!, place.get(atoms.length + i)!] }));
  return JSON.stringify({ ...graph.json, molecules: [{ atoms: listed, bonds: [...inner, ...outer] }] });
}
