/** A molecule as a molfile with coordinates, for files that other programs read. */
import { IsoLensError } from '../core/index.ts';
import type { Kernel } from './kernel.ts';
import { withMolecule } from './rdkit.ts';

/** V2000 counts atoms in three digits. */
const MAX_ATOMS = 999;
/** A fragment may be exported with the points at which it hangs. */
const RULES = { attachments: true };

/** V2000 of a molecule as given, with 2D coordinates; those of a molfile are kept. */
export function molblockOf(kernel: Kernel, input: string): string {
  return withMolecule(kernel.rdkit, input, (mol) => {
    if (mol.get_num_atoms() > MAX_ATOMS) throw new IsoLensError('SMILES_TOO_COMPLEX', `Expected at most ${MAX_ATOMS} atoms.`);
    if (mol.has_coords() !== 2) {
      mol.set_new_coords();
      // As it is drawn on the page; RDKit throws where it has no heavy atom to turn by.
      if (mol.get_num_atoms(true) > 0) mol.normalize_depiction();
    }
    return mol.get_v2Kmolblock();
  }, RULES);
}
