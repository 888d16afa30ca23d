import type { Rng } from '../core/index.ts';
import type { PictureRenderer } from './define.ts';
import { withMolecule } from './rdkit.ts';

/** Pixels; everything else is measured in it. */
const BOND = 50;
/** Elements that RDKit would colour. */
const COLOURED = [-1, 0, 1, 5, 6, 7, 8, 9, 15, 16, 17, 35, 53];
const BLACK = Object.fromEntries(COLOURED.map((element) => [element, [0, 0, 0]]));
const FONTS = ['BuiltinTelexRegular', 'BuiltinRobotoRegular'];

export const rdkitPicture: PictureRenderer = {
  id: 'rdkit',
  draw: ({ rdkit }, smiles, rng) => withMolecule(rdkit, smiles, (mol) => {
    if (rng.next() < 0.4) mol.set_new_coords(true);
    else mol.set_new_coords();
    const level = rng.next();
    if (level < 0.4) mol.normalize_depiction();
    else if (level < 0.75) mol.straighten_depiction();
    return mol.get_svg_with_highlights(JSON.stringify(options(rng)));
  }),
};

function options(rng: Rng): Record<string, unknown> {
  const chance = (share: number): boolean => rng.next() < share;
  const between = (low: number, high: number): number => low + (high - low) * rng.next();
  // A canvas of -1 grows with the molecule.
  return {
    width: -1, height: -1, fixedBondLength: BOND, padding: 0.02, clearBackground: true, comicMode: false,
    bondLineWidth: BOND * between(0.02, 0.055),
    scaleBondWidth: false,
    baseFontSize: between(0.5, 0.85), minFontSize: -1, maxFontSize: -1,
    fontFile: FONTS[rng.int(FONTS.length)],
    multipleBondOffset: between(0.1, 0.21),
    additionalAtomLabelPadding: between(0, 0.1),
    rotate: turn(rng),
    explicitMethyl: chance(0.3),
    kekulize: !chance(0.06),
    addStereoAnnotation: chance(0.05),
    includeRadicals: false,
    singleColourWedgeBonds: chance(0.5),
    atomLabelDeuteriumTritium: chance(0.6),
    ...(chance(0.6) ? { atomColourPalette: BLACK } : {}),
  };
}

/** Degrees: mostly as laid out, sometimes turned by a right or hexagon's angle, or a little askew. */
function turn(rng: Rng): number {
  const kind = rng.next();
  if (kind < 0.55) return 0;
  return kind < 0.9 ? 30 * rng.int(12) : 8 * (rng.next() - 0.5);
}
