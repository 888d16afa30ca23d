/** The cuts of many molecules as columns, for mining: nothing but hashes of constant parts, and texts of variable ones. */
import type { MoleculeGraph } from '../molecule-graph.ts';
import { cutsOf, hydrogenCuts, variableAtoms } from './enumerate.ts';
import type { Cut, CutLimits } from './enumerate.ts';
import { Environments } from './environment.ts';
import { HYDROGEN, fragmentOf } from './fragment.ts';
import type { Fragment } from './fragment.ts';
import { combine } from './hash.ts';
import { NO_PART } from './part.ts';
import { Pieces } from './pieces.ts';

export interface CutRequest {
  /** Cuts at once: 1 to 3. */
  readonly cuts: number;
  /** Most heavy atoms of the variable part; it is never more than half of the molecule either. */
  readonly variable: number;
}

/** One cut of one molecule. */
export interface CutRecord {
  readonly fragment: Fragment;
  /** Hashes of the constant pieces in the order of the fragment's points. */
  readonly pieces: readonly number[];
  /** Of all pieces, whatever their order: equal where the constant parts are. */
  readonly constant: number;
  /** `environments[point][radius]` */
  readonly environments: readonly (readonly number[])[];
  readonly cut: Cut;
}

/** Environments to this radius get a text. */
export const TEXT_RADIUS = 2;

/** All cuts for mining; constant parts tell stereo apart. `name` is told the text of an environment. */
export function cutRecords(graph: MoleculeGraph, { cuts, variable }: CutRequest, name?: (hash: number, text: () => string) => void): CutRecord[] {
  const pieces = new Pieces(graph, true);
  const environments = new Environments(pieces);
  const limits: CutLimits = { cuts, variable: Math.min(variable, Math.floor(graph.atoms / 2)) };
  const records = cutsOf(pieces, limits).map((cut) => recordOf(pieces, environments, cut));
  const hydrogens = distinctHydrogens(pieces, hydrogenCuts(graph)).map((cut) => hydrogenRecord(pieces, environments, cut));
  if (name !== undefined) nameEnvironments(environments, [...records, ...hydrogens], name);
  return [...records, ...hydrogens];
}

export function recordOf(pieces: Pieces, environments: Environments, cut: Cut): CutRecord {
  if (cut.hydrogenOf !== undefined) return hydrogenRecord(pieces, environments, cut);
  const points = cut.outward.map((direction, at) => ({ atom: pieces.tail(direction), cut: at }));
  const fragment = fragmentOf(pieces.graph, variableAtoms(pieces, cut), points);
  const inOrder = fragment.cuts.map((at) => cut.outward[at]!);
  const hashes = inOrder.map((direction) => pieces.hash(direction));
  return { fragment, pieces: hashes, constant: constantHash(hashes), environments: inOrder.map((direction) => environments.behind(direction)), cut };
}

function hydrogenRecord(pieces: Pieces, environments: Environments, cut: Cut): CutRecord {
  const atom = cut.hydrogenOf!;
  const hash = pieces.hashWithoutHydrogen(atom);
  return { fragment: HYDROGEN_FRAGMENT, pieces: [hash], constant: constantHash([hash]), environments: [environments.ofHydrogen(atom)], cut };
}

const HYDROGEN_FRAGMENT: Fragment = { smiles: HYDROGEN, cuts: [0], symmetries: [0], part: NO_PART };

/** Equal for the same pieces in any order. */
export function constantHash(pieces: readonly number[]): number {
  return [...pieces].sort((a, b) => a - b).reduce((hash, piece) => combine(hash, piece), pieces.length);
}

/** Equivalent hydrogens give the same pairs. */
function distinctHydrogens(pieces: Pieces, cuts: readonly Cut[]): Cut[] {
  const byHash = new Map<number, Cut>();
  for (const cut of cuts) {
    const hash = pieces.hashWithoutHydrogen(cut.hydrogenOf!);
    if (!byHash.has(hash)) byHash.set(hash, cut);
  }
  return [...byHash.values()];
}

function nameEnvironments(environments: Environments, records: readonly CutRecord[], name: (hash: number, text: () => string) => void): void {
  for (const { fragment, cut, environments: hashes } of records) {
    hashes.forEach((radii, point) => {
      for (let radius = 0; radius <= TEXT_RADIUS; radius++) {
        name(radii[radius]!, () => (cut.hydrogenOf === undefined ? environments.textBehind(cut.outward[fragment.cuts[point]!]!, radius) : environments.textOfHydrogen(cut.hydrogenOf, radius)));
      }
    });
  }
}

