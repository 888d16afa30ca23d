/** Nitrogen with five or with four uncharged bonds: written with charges, as every program reads it. */
import type { ReaderVocabulary } from '../define.ts';
import type { DrawnAtom, DrawnBond, DrawnGraph } from './drawn.ts';
import { otherEnd } from './sketch.ts';

const OXYGEN = 8;
const NITROGEN = 7;

export function chargeHypervalent(graph: DrawnGraph, { classes }: ReaderVocabulary): DrawnGraph {
  const atoms: DrawnAtom[] = [...graph.atoms];
  const bonds: DrawnBond[] = [...graph.bonds];
  const elementOf = (atom: number): number => classes[atoms[atom]!.class]!.element;
  const own = (atom: number): number[] => bonds.map((_, i) => i).filter((i) => bonds[i]!.begin === atom || bonds[i]!.end === atom);
  graph.atoms.forEach((atom, i) => {
    if (elementOf(i) !== NITROGEN || classes[atom.class]!.smiles !== undefined || atom.charge !== 0) return;
    const around = own(i);
    const total = around.reduce((sum, at) => sum + bonds[at]!.order, 0);
    if (total < 4) return;
    if (total === 5) {
      // An end atom takes the negative charge and one bond less: N(=O)=O, N=N#N.
      const ends = around.filter((at) => bonds[at]!.order > 1 && own(otherEnd(bonds[at]!, i)).length === 1 && atoms[otherEnd(bonds[at]!, i)]!.charge === 0);
      const given = ends.find((at) => elementOf(otherEnd(bonds[at]!, i)) === OXYGEN) ?? ends.find((at) => elementOf(otherEnd(bonds[at]!, i)) === NITROGEN);
      if (given === undefined) return;
      const taker = otherEnd(bonds[given]!, i);
      bonds[given] = { ...bonds[given]!, order: (bonds[given]!.order - 1) as DrawnBond['order'] };
      atoms[taker] = { ...atoms[taker]!, charge: -1 };
    }
    atoms[i] = { ...atoms[i]!, charge: 1 };
  });
  return { atoms, bonds };
}
