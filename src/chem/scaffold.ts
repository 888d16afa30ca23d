/**
 * Bemis-Murcko scaffolds (J. Med. Chem. 1996, 39, 2887): ring systems and the chains between them, with atoms that are doubly
 * bonded to them (as RDKit's MurckoScaffold keeps them). RDKit's JavaScript build has none, so atoms are pruned here.
 */
import { GOLDEN, lostValence, neighbourColours } from './colours.ts';
import { writeSmiles } from './cuts/write-smiles.ts';
import { mix, topologicalDistances } from './pairs.ts';
import type { JsonMolecule, MoleculeGraph, RdkitJson } from './molecule-graph.ts';
import { smilesOfJson } from './rdkit.ts';
import type { Rdkit } from './rdkit.ts';

/** Canonical SMILES of the scaffold without stereo; empty for a molecule without rings. */
export function scaffoldOf(rdkit: Rdkit, graph: MoleculeGraph): string {
  const scaffold = scaffoldJson(graph);
  return scaffold === undefined ? '' : smilesOfJson(rdkit, JSON.stringify(scaffold));
}

const CARBON = { symbol: 'C', aromatic: false, charge: 0, isotope: 0 } as const;
const MOST_BONDS = 4;

/**
 * The scaffold's shape alone: every atom a carbon, every bond single, in the order of the molecule's atoms. Empty without rings, and where an atom has
 * more bonds than a carbon (SF6).
 */
export function genericScaffoldOf(graph: MoleculeGraph): string {
  const keep = scaffoldAtoms(graph);
  const kept = Array.from({ length: graph.atoms }, (_, a) => a).filter((a) => keep[a] === 1);
  const place = new Map(kept.map((a, at) => [a, at]));
  const neighbours = kept.map((a) => Array.from(graph.neighbour.subarray(graph.offset[a], graph.offset[a + 1])).flatMap((other) => place.get(other) ?? []));
  if (kept.length === 0 || neighbours.some(({ length }) => length > MOST_BONDS)) return '';
  const offset = [0];
  for (const { length } of neighbours) offset.push(offset.at(-1)! + length);
  const neighbour = neighbours.flat();
  return writeSmiles({ atoms: kept.length, offset, neighbour, kind: neighbour.map(() => 1) }, kept.map((_, at) => at), neighbours.map(({ length }) => ({ ...CARBON, hydrogens: MOST_BONDS - length })));
}

/** Of the native twin's, src/native/chem/scaffold.cpp. */
const [ROUNDS, FAR, FARTHEST] = [8, 0x85ebca6b, 30] as const;
const SEEDS = [0x1b873593, 0xcc9e2d51] as const;

/**
 * (4): hashes which equal scaffolds share and, as far as anyone has seen, no others; 0 for a molecule without rings. Over pairs of atoms, colours
 * and distance: what lies how far from each tells apart what colours alone cannot.
 */
export function scaffoldKeyOf(graph: MoleculeGraph): Uint32Array {
  const keep = scaffoldAtoms(graph);
  const kept = Array.from({ length: graph.atoms }, (_, a) => a).filter((a) => keep[a] === 1);
  const key = new Uint32Array(4);
  if (kept.length === 0) return key;
  const distances = topologicalDistances(graph, FARTHEST);
  SEEDS.forEach((seed, lane) => {
    const colours = neighbourColours(graph, keep, kept, { seed, rounds: ROUNDS });
    for (const a of kept) {
      let sum = 0;
      for (const b of kept) sum = (sum + mix((colours[b]! + Math.imul(distances[a * graph.atoms + b]!, FAR)) >>> 0)) >>> 0;
      key[2 * lane]! += mix((sum ^ colours[a]!) >>> 0);
      key[2 * lane + 1]! += mix((sum + Math.imul(GOLDEN, colours[a]!)) >>> 0);
    }
  });
  return key;
}

function scaffoldJson(graph: MoleculeGraph): RdkitJson | undefined {
  const keep = scaffoldAtoms(graph);
  return keep.includes(1) ? cut(graph.json, graph, keep) : undefined;
}

/** E and Z or chirality inside a scaffold would keep apart what chemists call the same scaffold, so stereo is dropped. */
function cut(json: RdkitJson, graph: MoleculeGraph, keep: Uint8Array): RdkitJson {
  const source = json.molecules[0]!;
  const index = new Map<number, number>();
  const atoms: JsonMolecule['atoms'] = [];
  source.atoms.forEach((atom, a) => {
    if (!keep[a]) return;
    index.set(a, atoms.length);
    const { stereo: _, ...rest } = atom;
    atoms.push({ ...rest, impHs: (atom.impHs ?? 0) + lostValence(graph, a, keep) });
  });
  const bonds = source.bonds
    .filter((bond) => keep[bond.atoms[0]] && keep[bond.atoms[1]])
    .map((bond): JsonMolecule['bonds'][number] => ({ bo: bond.bo ?? 1, atoms: [index.get(bond.atoms[0])!, index.get(bond.atoms[1])!] }));
  return { ...json, molecules: [{ atoms, bonds }] };
}

/** 1 for atoms of rings, of chains between rings, and for atoms bonded to these by a multiple bond. */
export function scaffoldAtoms(graph: MoleculeGraph): Uint8Array {
  const core = new Uint8Array(graph.atoms).fill(1);
  const degree = new Uint8Array(graph.atoms);
  const ends: number[] = [];
  for (let a = 0; a < graph.atoms; a++) {
    degree[a] = graph.offset[a + 1]! - graph.offset[a]!;
    if (degree[a]! <= 1) ends.push(a);
  }
  for (let a = ends.pop(); a !== undefined; a = ends.pop()) {
    if (!core[a]) continue;
    core[a] = 0;
    for (let i = graph.offset[a]!; i < graph.offset[a + 1]!; i++) {
      const other = graph.neighbour[i]!;
      if (core[other] && --degree[other]! <= 1) ends.push(other);
    }
  }
  const keep = core.slice();
  for (let b = 0; b < graph.bonds; b++) {
    if (graph.order[b]! !== 2) continue;
    if (core[graph.begin[b]!]) keep[graph.end[b]!] = 1;
    if (core[graph.end[b]!]) keep[graph.begin[b]!] = 1;
  }
  return keep;
}
