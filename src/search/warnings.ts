import type { StandardWarning } from '../chem/index.ts';
import type { ImageWarning } from '../modalities/index.ts';

const TEXTS: Readonly<Record<StandardWarning | ImageWarning, string>> = {
  MIXTURE: 'Several components were given; only the largest is searched.',
  CHARGED: 'The molecule stays charged after neutralisation.',
  NAME_IGNORED: 'Text after the SMILES was ignored.',
  CXSMILES_IGNORED: 'The extension after the SMILES (between bars) was ignored.',
  AMIDINE_REPAIRED: 'A carbon with five bonds was read as that of an amidine.',
  DOUBTFUL_DRAWING: 'The picture may not show a drawn structure; the answer may mean nothing.',
  SEVERAL_DRAWINGS: 'Several separate drawings were found in the picture and are searched as one; crop it to the one that is meant.',
  ONLY_SALT_COMPONENTS: 'Only counter-ions or solvents were given; the largest is searched.',
};

export function warningText(warning: StandardWarning | ImageWarning): string {
  return TEXTS[warning];
}
