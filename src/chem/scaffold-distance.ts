/** How much of a scaffold is new, by its shape alone: what a chemist would call another scaffold, and not the old one with another atom or ring on it. */
import { commonAtoms } from './compare.ts';
import type { CompareRequest } from './compare.ts';
import type { Kernel } from './kernel.ts';
import { genericScaffoldOf } from './scaffold.ts';

/**
 * 0 to 1: the share of both generic scaffolds together (rings and the chains between them, every atom a carbon, every bond single) that their largest
 * common part leaves out. 0 for equal shapes, as benzene and pyridine; 1 where nothing is shared, or one of the two has no ring. A scaffold
 * that lies within the other counts by how much smaller it is, and half as much as one of the same size that differs there.
 */
export function scaffoldDistance(kernel: Kernel, { from, to }: CompareRequest): number {
  const [own, other] = [genericOf(kernel, from), genericOf(kernel, to)];
  if (own === '' || other === '') return 1;
  const [a, b] = [kernel.parent(own), kernel.parent(other)];
  return 1 - (2 * commonAtoms(kernel, own, other)) / (a.atoms + b.atoms);
}

function genericOf(kernel: Kernel, smiles: string): string {
  return kernel.scaffold(`generic ${smiles}`, () => genericScaffoldOf(kernel.parent(smiles)));
}
