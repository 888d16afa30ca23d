import { createRng } from '../../../src/core/index.ts';

const RINGS = ['c1ccccc1', 'c1ccncc1', 'c1ccsc1', 'c1ccoc1', 'C1CCCCC1', 'C1CCNCC1', 'C1COCCN1', 'c1cncnc1'];
const LINKERS = ['', 'C', 'O', 'N', 'CC', 'CO', 'S'];
const GROUPS = ['C', 'F', 'N', 'O', 'CC', 'C(=O)O', 'C(N)=O', 'C(C)=O', 'C(=O)OC'];

/** Distinct SMILES of two rings each, on many scaffolds; half have a carbonyl group. */
export function twoRings(count: number): string[] {
  const rng = createRng(1);
  const of = (list: readonly string[]): string => list[rng.int(list.length)]!;
  const found = new Set<string>();
  while (found.size < count) found.add(`${of(RINGS)}${of(LINKERS)}${of(RINGS)}${of(GROUPS)}`);
  return [...found];
}
