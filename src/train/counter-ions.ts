/** Drugs are often drawn beside the acid or base that they are sold with: training sees that too, and must look past it. */
import { SALTS_AND_SOLVENTS } from '../chem/index.ts';
import { createRng } from '../core/index.ts';

/** Organic partners of approved drugs' salts, the frequent ones; the long tail comes from the whole list. */
const FREQUENT: readonly string[] = [
  'O=C(O)/C=C\\C(=O)O', 'O=C(O)/C=C/C(=O)O', 'O=C(O)[C@H](O)[C@@H](O)C(=O)O', 'CS(=O)(=O)O', 'Cc1ccc(S(=O)(=O)O)cc1', 'O=C(O)CC(O)(CC(=O)O)C(=O)O',
  'O=C(O)CCC(=O)O', 'O=C(O)c1ccccc1', 'O=C(O)C(=O)O', 'CC(=O)O', 'CNC[C@H](O)[C@@H](O)[C@H](O)[C@H](O)CO', 'NC(CO)(CO)CO', 'O=C(O)C(F)(F)F', 'Cc1ccc(S(=O)(=O)[O-])cc1',
];
const FREQUENT_SHARE = 0.7;
/** Longer molecules leave no room on the page for a partner. */
const LONGEST_SMILES = 90;

/** `share` of the molecules, chosen by the seed, each with one partner; mixtures stay as they are. */
export function withCounterIons(smiles: readonly string[], share: number, seed: number): string[] {
  const rng = createRng(seed ^ 0x5a17);
  const rare = SALTS_AND_SOLVENTS.map(([, partner]) => partner);
  return smiles.map((one) => {
    const chosen = rng.next() < share;
    const list = rng.next() < FREQUENT_SHARE ? FREQUENT : rare;
    const partner = list[rng.int(list.length)]!;
    return chosen && !one.includes('.') && one.length <= LONGEST_SMILES ? `${one}.${partner}` : one;
  });
}
