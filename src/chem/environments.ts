/** Hashes of what surrounds each atom: by how many of them a model has met, it can be told whether a molecule is like those that it learned from. */
import { neighbourColours } from './colours.ts';
import type { MoleculeGraph } from './molecule-graph.ts';

/** Bonds around an atom. */
export const ENVIRONMENT_RADIUS = 2;
const SEED = 0x51ed270b;

/** One hash a heavy atom, of everything within ENVIRONMENT_RADIUS bonds: elements, charges, hydrogens, rings and bonds. */
export function atomEnvironments(graph: MoleculeGraph): Uint32Array {
  const all = Array.from({ length: graph.atoms }, (_, a) => a);
  return neighbourColours(graph, new Uint8Array(graph.atoms).fill(1), all, { seed: SEED, rounds: ENVIRONMENT_RADIUS });
}
