/** What two molecules share and what differs: the largest common part with its atoms on both sides, and the groups that change. */
import type { Kernel } from './kernel.ts';
import { graphOf } from './molecule-graph.ts';
import type { JsonAtom, JsonBond, MoleculeGraph, RdkitJson } from './molecule-graph.ts';
import { smilesOfJson, withTrusted } from './rdkit.ts';
import type { Mol } from './rdkit.ts';

export interface CompareRequest {
  /** Canonical SMILES of parents; atoms are counted in their order. */
  readonly from: string;
  readonly to: string;
}

export interface GroupChange {
  /** SMILES with * where the group hangs on what is kept; `*[H]` where there is none on this side. */
  readonly from: string;
  readonly to: string;
}

export interface Comparison {
  /** Atoms of the common part: `fromAtoms[i]` and `toAtoms[i]` are the same place. Empty where too little is shared. */
  readonly fromAtoms: readonly number[];
  readonly toAtoms: readonly number[];
  readonly changes: readonly GroupChange[];
}

/** Smaller parts are shared by nearly all molecules and explain nothing. */
const MIN_COMMON_ATOMS = 5;
/** The search for the common part grows fast with size: beyond this a pair is not searched. */
const MAX_ATOMS = 70;
const TIMEOUT_S = 1;
const HYDROGEN = '*[H]';

export function compare(kernel: Kernel, { from, to }: CompareRequest): Comparison {
  return withTrusted(kernel.rdkit, from, (a) => withTrusted(kernel.rdkit, to, (b) => {
    if (Math.max(a.get_num_atoms(), b.get_num_atoms()) > MAX_ATOMS) return NOTHING;
    const pairs = commonAtoms(kernel, a, b);
    if (pairs.length < MIN_COMMON_ATOMS) return NOTHING;
    const fromAtoms = pairs.map(([atom]) => atom);
    const toAtoms = pairs.map(([, atom]) => atom);
    return { fromAtoms, toAtoms, changes: changesOf(groupsOf(kernel, a, fromAtoms), groupsOf(kernel, b, toAtoms)) };
  }));
}

const NOTHING: Comparison = Object.freeze({ fromAtoms: [], toAtoms: [], changes: [] });

function commonAtoms(kernel: Kernel, a: Mol, b: Mol): [number, number][] {
  const { module } = kernel.rdkit;
  const list = new module.MolList();
  let smarts: string | string[] | undefined;
  try {
    list.append(a);
    list.append(b);
    ({ smarts } = JSON.parse(module.get_mcs_as_json(list, JSON.stringify({ RingMatchesRingOnly: true, CompleteRingsOnly: true, Timeout: TIMEOUT_S }))) as { smarts?: string | string[] });
  } finally {
    list.delete();
  }
  const text = Array.isArray(smarts) ? smarts[0] : smarts;
  if (text === undefined || text === '') return [];
  const query = module.get_qmol(text);
  if (query === null) return [];
  try {
    const matched = [a, b].map((mol) => (JSON.parse(mol.get_substruct_match(query)) as { atoms?: number[] }).atoms ?? []) as [number[], number[]];
    return matched[0].length === matched[1].length ? matched[0].map((atom, i) => [atom, matched[1][i]!]) : [];
  } finally {
    query.delete();
  }
}

interface Group {
  /** Places in the common part on which it hangs, ascending. */
  readonly places: readonly number[];
  readonly smiles: string;
}

/** Connected parts outside of the common atoms. */
function groupsOf(kernel: Kernel, mol: Mol, common: readonly number[]): Group[] {
  const graph = graphOf(mol);
  const place = new Map(common.map((atom, i) => [atom, i]));
  const seen = new Uint8Array(graph.atoms);
  const groups: Group[] = [];
  const json = JSON.parse(mol.get_json()) as RdkitJson;
  for (let start = 0; start < graph.atoms; start++) {
    if (seen[start] || place.has(start)) continue;
    const atoms = [start];
    seen[start] = 1;
    const places = new Set<number>();
    for (let i = 0; i < atoms.length; i++) {
      for (const other of neighboursOf(graph, atoms[i]!)) {
        if (place.has(other)) places.add(place.get(other)!);
        else if (!seen[other]) {
          seen[other] = 1;
          atoms.push(other);
        }
      }
    }
    groups.push({ places: [...places].sort((x, y) => x - y), smiles: smilesOfJson(kernel.rdkit, JSON.stringify(cutOut(json, atoms, place))) });
  }
  return groups;
}

function neighboursOf(graph: MoleculeGraph, atom: number): number[] {
  return Array.from(graph.neighbour.subarray(graph.offset[atom], graph.offset[atom + 1]));
}

/** The atoms alone, with one attachment point for each bond to what is kept. */
function cutOut(json: RdkitJson, atoms: readonly number[], common: ReadonlyMap<number, number>): RdkitJson {
  const source = json.molecules[0]!;
  const index = new Map(atoms.map((atom, i) => [atom, i]));
  // Stereo is relative to neighbours that are cut away.
  const kept: JsonAtom[] = atoms.map((atom) => {
    const { stereo: _, ...rest } = source.atoms[atom]!;
    return rest;
  });
  const bonds: JsonBond[] = [];
  for (const { atoms: [a, b], bo = 1 } of source.bonds) {
    const [inside, outside] = index.has(a) ? [a, b] : [b, a];
    if (!index.has(inside)) continue;
    if (index.has(outside)) bonds.push({ bo, atoms: [index.get(a)!, index.get(b)!] });
    else if (common.has(outside)) {
      bonds.push({ bo, atoms: [index.get(inside)!, kept.length] });
      kept.push({ z: 0, impHs: 0 });
    }
  }
  return { ...json, molecules: [{ atoms: kept, bonds }] };
}

/** Groups at the same places are one change; the others appear or vanish. */
function changesOf(from: readonly Group[], to: readonly Group[]): GroupChange[] {
  const left = [...to];
  const changes = from.map((group): GroupChange => {
    const at = left.findIndex(({ places }) => places.join() === group.places.join());
    const partner = at < 0 ? undefined : left.splice(at, 1)[0];
    return { from: group.smiles, to: partner?.smiles ?? HYDROGEN };
  });
  return [...changes, ...left.map(({ smiles }) => ({ from: HYDROGEN, to: smiles }))].filter((change) => change.from !== change.to);
}
