import type { StandardWarning } from '../chem/index.ts';

const TEXTS: Readonly<Record<StandardWarning, string>> = {
  MIXTURE: 'Several components were given; only the largest is searched.',
  CHARGED: 'The molecule stays charged after neutralisation.',
  RADICAL: 'An atom has an open valence (a radical); check whether hydrogens or a charge are missing.',
  NAME_IGNORED: 'Text after the SMILES was ignored.',
  CXSMILES_IGNORED: 'The extension after the SMILES (between bars) was ignored.',
  AMIDINE_REPAIRED: 'A carbon with five bonds was read as that of an amidine.',
  ONLY_SALT_COMPONENTS: 'Only counter-ions or solvents were given; the largest is searched.',
};

export function warningText(warning: StandardWarning): string {
  return TEXTS[warning];
}
