/** A molecule as plain arrays, read once from RDKit's JSON: what fingerprints, scaffolds, layouts and GIN features are made from. */
import type { Mol } from '@rdkit/rdkit';

export interface RdkitJson {
  readonly defaults: unknown;
  readonly rdkitjson: unknown;
  readonly molecules: JsonMolecule[];
}

export interface JsonMolecule {
  atoms: JsonAtom[];
  bonds: JsonBond[];
  conformers?: { dim: number; coords: number[][] }[];
  extensions?: { name: string; aromaticAtoms?: number[]; aromaticBonds?: number[]; atomRings?: number[][]; cipCodes?: [number, string][] }[];
}

export interface JsonAtom {
  z?: number;
  impHs?: number;
  chg?: number;
  nRad?: number;
  isotope?: number;
  stereo?: string;
}

export interface JsonBond {
  bo?: number;
  atoms: [number, number];
  stereo?: string;
  stereoAtoms?: number[];
}

export interface MoleculeGraph {
  readonly atoms: number;
  readonly bonds: number;
  readonly element: Uint8Array;
  readonly charge: Int8Array;
  /** Hydrogens that are not atoms of the graph. */
  readonly hydrogens: Uint8Array;
  readonly isotope: Uint16Array;
  /** 0 none, 1 clockwise, 2 counter-clockwise, 3 other. */
  readonly chirality: Uint8Array;
  /** CIP code: 0 none, 1 other, 2 S, 3 R. */
  readonly cip: Uint8Array;
  readonly aromaticAtom: Uint8Array;
  readonly begin: Uint16Array;
  readonly end: Uint16Array;
  /** Kekule order 0 to 4; 17 dative. */
  readonly order: Uint8Array;
  readonly aromaticBond: Uint8Array;
  /** 0 none, 1 either, 2 cis, 3 trans. */
  readonly bondStereo: Uint8Array;
  readonly rings: readonly (readonly number[])[];
  readonly ringAtom: Uint8Array;
  readonly ringBond: Uint8Array;
  /** Neighbours of atom a: neighbour[offset[a] .. offset[a + 1]], over bonds bondOf[...]. */
  readonly offset: Uint16Array;
  readonly neighbour: Uint16Array;
  readonly bondOf: Uint16Array;
  /** What it was read from; not to be changed. */
  readonly json: RdkitJson;
  /** Morgan environments that have been found, by radius: counts and bits are made from the same. */
  readonly morgan: Map<number, Uint32Array>;
}

const CHIRALITY: Readonly<Record<string, number>> = { unspecified: 0, cw: 1, ccw: 2 };
const BOND_STEREO: Readonly<Record<string, number>> = { unspecified: 0, either: 1, cis: 2, trans: 3 };
const CIP: Readonly<Record<string, number>> = { S: 2, R: 3 };

/** All but what is found from the rest. */
export type GraphParts = Omit<MoleculeGraph, 'ringAtom' | 'ringBond' | 'offset' | 'neighbour' | 'bondOf' | 'morgan'>;

export function graphOf(mol: Mol): MoleculeGraph {
  return graphOfJson(JSON.parse(mol.get_json()) as RdkitJson);
}

export function graphOfJson(json: RdkitJson): MoleculeGraph {
  const molecule = json.molecules[0]!;
  const atoms = molecule.atoms.length;
  const bonds = molecule.bonds.length;
  const parts = {
    atoms,
    bonds,
    element: new Uint8Array(atoms),
    charge: new Int8Array(atoms),
    hydrogens: new Uint8Array(atoms),
    isotope: new Uint16Array(atoms),
    chirality: new Uint8Array(atoms),
    cip: new Uint8Array(atoms),
    aromaticAtom: new Uint8Array(atoms),
    begin: new Uint16Array(bonds),
    end: new Uint16Array(bonds),
    order: new Uint8Array(bonds),
    aromaticBond: new Uint8Array(bonds),
    bondStereo: new Uint8Array(bonds),
    rings: representation(molecule)?.atomRings ?? [],
    json,
  };
  molecule.atoms.forEach((atom, a) => {
    parts.element[a] = atom.z ?? 6;
    parts.charge[a] = atom.chg ?? 0;
    parts.hydrogens[a] = atom.impHs ?? 0;
    parts.isotope[a] = atom.isotope ?? 0;
    parts.chirality[a] = CHIRALITY[atom.stereo ?? 'unspecified'] ?? 3;
  });
  molecule.bonds.forEach((bond, b) => {
    parts.begin[b] = bond.atoms[0];
    parts.end[b] = bond.atoms[1];
    parts.order[b] = bond.bo ?? 1;
    parts.bondStereo[b] = BOND_STEREO[bond.stereo ?? 'unspecified'] ?? 0;
  });
  const extension = representation(molecule);
  for (const a of extension?.aromaticAtoms ?? []) parts.aromaticAtom[a] = 1;
  for (const b of extension?.aromaticBonds ?? []) parts.aromaticBond[b] = 1;
  for (const [a, code] of extension?.cipCodes ?? []) parts.cip[a] = CIP[code] ?? 1;
  return completeGraph(parts);
}

/** Adds neighbours and which atoms and bonds lie in rings. `parts` becomes the graph; getters of its own are kept. */
export function completeGraph(parts: GraphParts): MoleculeGraph {
  const { atoms, bonds } = parts;
  const graph = Object.assign(parts, {
    ringAtom: new Uint8Array(atoms),
    ringBond: new Uint8Array(bonds),
    offset: new Uint16Array(atoms + 1),
    neighbour: new Uint16Array(2 * bonds),
    bondOf: new Uint16Array(2 * bonds),
    morgan: new Map<number, Uint32Array>(),
  });
  connect(graph);
  markRings(graph);
  return graph;
}

function representation(molecule: JsonMolecule): NonNullable<JsonMolecule['extensions']>[number] | undefined {
  return molecule.extensions?.find((extension) => extension.name === 'rdkitRepresentation');
}

function markRings(graph: MoleculeGraph): void {
  for (const ring of graph.rings) {
    ring.forEach((a, i) => {
      graph.ringAtom[a] = 1;
      const bond = bondBetween(graph, a, ring[(i + 1) % ring.length]!);
      if (bond >= 0) graph.ringBond[bond] = 1;
    });
  }
}

/** Compressed adjacency, neighbours in bond order. */
function connect(graph: MoleculeGraph): void {
  const { offset, begin, end, neighbour, bondOf } = graph;
  for (let b = 0; b < graph.bonds; b++) {
    offset[begin[b]! + 1]!++;
    offset[end[b]! + 1]!++;
  }
  for (let a = 0; a < graph.atoms; a++) offset[a + 1]! += offset[a]!;
  const next = offset.slice(0, graph.atoms);
  for (let b = 0; b < graph.bonds; b++) {
    place(begin[b]!, end[b]!, b);
    place(end[b]!, begin[b]!, b);
  }
  function place(from: number, to: number, b: number): void {
    const at = next[from]!++;
    neighbour[at] = to;
    bondOf[at] = b;
  }
}

export function bondBetween(graph: MoleculeGraph, a: number, b: number): number {
  for (let i = graph.offset[a]!; i < graph.offset[a + 1]!; i++) if (graph.neighbour[i] === b) return graph.bondOf[i]!;
  return -1;
}

export function neighboursOf(graph: MoleculeGraph, atom: number): number[] {
  return Array.from(graph.neighbour.subarray(graph.offset[atom], graph.offset[atom + 1]));
}

/** What `bondKind` says of an aromatic bond. */
export const AROMATIC = 5;

/** Kekule order, or AROMATIC. */
export function bondKind(graph: MoleculeGraph, bond: number): number {
  return graph.aromaticBond[bond] ? AROMATIC : graph.order[bond]!;
}

export function degreeOf(graph: MoleculeGraph, atom: number): number {
  return graph.offset[atom + 1]! - graph.offset[atom]!;
}
