import type { StandardWarning } from '../chem/index.ts';
import type { ImageWarning } from '../modalities/index.ts';

const TEXTS: Readonly<Record<StandardWarning | ImageWarning, string>> = {
  MIXTURE: 'Several components were given; only the largest is searched.',
  CHARGED: 'The molecule stays charged after neutralisation.',
  RADICAL: 'An atom has an open valence (a radical); check whether hydrogens or a charge are missing.',
  NAME_IGNORED: 'Text after the SMILES was ignored.',
  CXSMILES_IGNORED: 'The extension after the SMILES (between bars) was ignored.',
  ENHANCED_STEREO: 'Relative or racemic stereo groups were read as one absolute configuration.',
  CHIRAL_FLAG_ABSENT: 'The chiral flag of the molfile is off: its stereo may be relative or racemic, but is searched as drawn.',
  TEXT_CLEANED: 'Typographic dashes or invisible blanks in the text were read as plain ones, or left out.',
  LABELS_EXPANDED: 'Labels of the molfile (such as OMe or Ph) were read as the groups that they stand for.',
  INCHI_READ: 'The structure was rebuilt from an InChI: the tautomer may be drawn otherwise.',
  AMIDINE_REPAIRED: 'A carbon with five bonds was read as that of an amidine.',
  DOUBTFUL_DRAWING: 'The picture may not show a drawn structure; the answer may mean nothing.',
  SEVERAL_DRAWINGS: 'Several separate drawings were found in the picture; the largest is searched. Crop the picture to another one if that is meant.',
  TEXT_LEFT_OUT: 'Text beside the drawing was left out.',
  ONLY_SALT_COMPONENTS: 'Only counter-ions or solvents were given; the largest is searched.',
};

export function warningText(warning: StandardWarning | ImageWarning): string {
  return TEXTS[warning];
}
