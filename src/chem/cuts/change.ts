/**
 * What changed between two molecules: the largest constant part that both have under the same cuts, and the fragments in its
 * place. Unlike a maximum common substructure it is a replacement, so that evidence can be looked up for it.
 */
import type { MoleculeGraph } from '../molecule-graph.ts';
import { cuttableBonds, cutsOf, hydrogenCuts } from './enumerate.ts';
import type { Cut } from './enumerate.ts';
import { Environments, RADII } from './environment.ts';
import { invert } from './permutations.ts';
import { mappingsBetween, normalForm, renumber } from './normal-form.ts';
import { Pieces } from './pieces.ts';
import { constantHash, recordOf } from './table.ts';
import type { CutRecord } from './table.ts';

export interface StructuralChange {
  /** Bonds cut: 1 to 3. */
  readonly cuts: number;
  /** The changed group of the first molecule, `[*:1]C(=O)N[*:2]`. */
  readonly from: string;
  /** What stands in its place in the second, its points numbered as those of `from`. */
  readonly to: string;
  /** Heavy atoms of what both share: keptA[i] of the first molecule is keptB[i] of the second. */
  readonly keptA: readonly number[];
  readonly keptB: readonly number[];
  /** Hashes of the surroundings of the cuts in the core, `[radius][point]`. */
  readonly environments: readonly (readonly number[])[];
}

/** At most so many ways to see one change are told, the largest core first. */
export const MAX_CHANGES = 3;
/** A smaller share of the larger molecule is no core: two molecules without anything else in common share a methyl group. */
const LEAST_KEPT_SHARE = 1 / 3;
/** Beyond so many bonds three cuts at once are no longer tried: a person waits. */
const THREE_CUTS_UP_TO = 12;

/** The largest core first; empty where no cut leaves both the same part, and for molecules that differ in stereo alone. */
export function changesBetween(a: MoleculeGraph, b: MoleculeGraph): StructuralChange[] {
  const sides = [sideOf(a), sideOf(b)] as const;
  const least = Math.ceil(LEAST_KEPT_SHARE * Math.max(a.atoms, b.atoms));
  const [ofA, ofB] = alike(sides[0].candidates(b.atoms, least), sides[1].candidates(a.atoms, least));
  const byConstant = new Map<number, Candidate>();
  for (const candidate of ofA) {
    const known = byConstant.get(candidate.constant);
    if (known === undefined || candidate.kept > known.kept) byConstant.set(candidate.constant, candidate);
  }
  const matches = new Map<number, { first: Candidate; second: Candidate }>();
  for (const second of ofB) {
    const first = byConstant.get(second.constant);
    // The same hydrogen on both sides: the same molecule.
    if (first === undefined || (first.cut.hydrogenOf !== undefined && second.cut.hydrogenOf !== undefined)) continue;
    if (!matches.has(second.constant)) matches.set(second.constant, { first, second });
  }
  const best = [...matches.values()].sort((x, y) => y.first.kept - x.first.kept || x.first.points - y.first.points);
  const told: StructuralChange[] = [];
  for (const { first, second } of best.slice(0, 2 * MAX_CHANGES)) {
    const change = describe(sides, first, second);
    if (change !== undefined) told.push(change);
    if (told.length === MAX_CHANGES) break;
  }
  return told;
}

/** Graphs that are asked again have theirs still: hashes of what lies behind each bond are its cost. */
const sides = new WeakMap<MoleculeGraph, Side>();

function sideOf(graph: MoleculeGraph): Side {
  const side = sides.get(graph) ?? new Side(graph);
  sides.set(graph, side);
  return side;
}

/** Those whose constant part is made of the same atoms as one of the other side: of the others no hash is needed. */
function alike(one: readonly Candidate[], other: readonly Candidate[]): readonly [Candidate[], Candidate[]] {
  const met = new Set(one.map(({ composition }) => composition));
  const ofOther = other.filter(({ composition }) => met.has(composition));
  const shared = new Set(ofOther.map(({ composition }) => composition));
  return [one.filter(({ composition }) => shared.has(composition)), ofOther];
}

class Candidate {
  readonly cut: Cut;
  readonly kept: number;
  readonly points: number;
  /** Of the constant part: equal where its atoms are, whatever their bonds. */
  readonly composition: number;
  private readonly pieces: Pieces;
  private known: number | undefined;

  constructor(pieces: Pieces, cut: Cut) {
    this.pieces = pieces;
    this.cut = cut;
    this.kept = pieces.graph.atoms - cut.size;
    const isHydrogen = cut.hydrogenOf !== undefined;
    this.points = isHydrogen ? 1 : cut.outward.length;
    let sum = this.points + (isHydrogen ? pieces.compositionWithoutHydrogen(cut.hydrogenOf) : 0);
    for (const direction of cut.outward) sum += pieces.composition(direction);
    this.composition = sum >>> 0;
  }

  /** Hash of the constant part. */
  get constant(): number {
    const { cut, pieces } = this;
    return (this.known ??= constantHash(cut.hydrogenOf === undefined ? cut.outward.map((direction) => pieces.hash(direction)) : [pieces.hashWithoutHydrogen(cut.hydrogenOf)]));
  }
}

class Side {
  readonly pieces: Pieces;
  readonly environments: Environments;
  private readonly records = new Map<Cut, CutRecord>();
  private cutOnce: readonly Candidate[] | undefined;
  private hydrogensOnce: readonly Candidate[] | undefined;

  constructor(graph: MoleculeGraph) {
    this.pieces = new Pieces(graph, false);
    this.environments = new Environments(this.pieces);
  }

  /** A query's cuts come back with every candidate. */
  recordOf({ cut }: Candidate): CutRecord {
    const record = this.records.get(cut) ?? recordOf(this.pieces, this.environments, cut);
    this.records.set(cut, record);
    return record;
  }

  get graph(): MoleculeGraph {
    return this.pieces.graph;
  }

  /** `otherAtoms`: a hydrogen is replaced only where the other molecule is larger. */
  candidates(otherAtoms: number, least: number): readonly Candidate[] {
    const { atoms } = this.graph;
    const cut = this.cut.filter(({ kept }) => kept <= otherAtoms && kept >= least);
    return otherAtoms > atoms && atoms >= least ? [...cut, ...this.hydrogens] : cut;
  }

  /** All that any other molecule could ask for: a query is compared with many. */
  private get cut(): readonly Candidate[] {
    const { graph, pieces } = this;
    const least = Math.ceil(LEAST_KEPT_SHARE * graph.atoms);
    const cuts = cuttableBonds(graph).length > THREE_CUTS_UP_TO ? 2 : 3;
    return (this.cutOnce ??= cutsOf(pieces, { cuts, variable: Math.min(graph.atoms - 1, graph.atoms - least) }).map((cut) => new Candidate(pieces, cut)));
  }

  private get hydrogens(): readonly Candidate[] {
    const { graph, pieces } = this;
    return (this.hydrogensOnce ??= hydrogenCuts(graph).map((cut) => new Candidate(pieces, cut)));
  }
}

function describe([one, other]: readonly [Side, Side], first: Candidate, second: Candidate): StructuralChange | undefined {
  const [a, b] = [one.recordOf(first), other.recordOf(second)];
  const mapping = firstMapping(a, b);
  if (mapping === undefined || isSame(a, b, mapping)) return undefined;
  const ordersA = ordersOf(one, a);
  const ordersB = ordersOf(other, b);
  const keptA = ordersA.flat();
  const keptB = mapping.flatMap((point) => ordersB[point]!);
  // A collision of hashes, or atoms that only look symmetric: no map is better than a wrong one.
  if (!isIsomorphic(one.graph, other.graph, keptA, keptB)) return undefined;
  return {
    cuts: a.pieces.length,
    from: a.fragment.smiles,
    to: renumber(b.fragment.smiles, invert(mapping)),
    keptA, keptB,
    environments: Array.from({ length: RADII }, (_, radius) => a.environments.map((radii) => radii[radius]!)),
  };
}

/** Points of a -> points of b; where pieces are equal, the mapping by which the replacement is named. */
function firstMapping(a: CutRecord, b: CutRecord): readonly number[] | undefined {
  const mappings = mappingsBetween(a.pieces, b.pieces);
  if (mappings.length < 2) return mappings[0];
  const positionOf = (mapping: readonly number[]): number => normalForm(mapping.length, [mapping], maskOf(a), maskOf(b)).mapping;
  return mappings.reduce((best, mapping) => (positionOf(mapping) < positionOf(best) ? mapping : best));
}

function isSame(a: CutRecord, b: CutRecord, mapping: readonly number[]): boolean {
  return a.fragment.smiles === b.fragment.smiles && normalForm(mapping.length, [mapping], maskOf(a), maskOf(b)).mapping === 0;
}

function maskOf({ fragment }: CutRecord): number {
  return fragment.symmetries.reduce((mask, position) => mask | (1 << position), 0);
}

/** Atoms of the constant piece at each point. */
function ordersOf({ pieces }: Side, { cut, fragment }: CutRecord): number[][] {
  if (cut.hydrogenOf !== undefined) return [pieces.orderWithoutHydrogen(cut.hydrogenOf)];
  return fragment.cuts.map((at) => pieces.order(cut.outward[at]!));
}

function isIsomorphic(a: MoleculeGraph, b: MoleculeGraph, atomsA: readonly number[], atomsB: readonly number[]): boolean {
  if (atomsA.length !== atomsB.length) return false;
  const partner = new Map(atomsA.map((atom, i) => [atom, atomsB[i]!]));
  for (const [one, other] of partner) if (a.element[one] !== b.element[other]) return false;
  let bonds = 0;
  for (let bond = 0; bond < a.bonds; bond++) {
    const [begin, end] = [partner.get(a.begin[bond]!), partner.get(a.end[bond]!)];
    if (begin === undefined || end === undefined) continue;
    bonds++;
    let found = false;
    for (let i = b.offset[begin]!; i < b.offset[begin + 1]!; i++) found ||= b.neighbour[i] === end;
    if (!found) return false;
  }
  const inB = new Set(atomsB);
  let bondsB = 0;
  for (let bond = 0; bond < b.bonds; bond++) if (inB.has(b.begin[bond]!) && inB.has(b.end[bond]!)) bondsB++;
  // A cut that joins two kept atoms is in neither.
  return bondsB === bonds;
}

export function environmentTexts(environments: Environments, { cut, fragment }: CutRecord, radius: number): string[] {
  if (cut.hydrogenOf !== undefined) return [environments.textOfHydrogen(cut.hydrogenOf, radius)];
  return fragment.cuts.map((at) => environments.textBehind(cut.outward[at]!, radius));
}
