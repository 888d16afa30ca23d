import type { Rng } from '../core/index.ts';
import type { PictureRenderer } from './define.ts';
import { withMolecule } from './rdkit.ts';

/** Pixels; everything else is measured in it. */
const BOND = 40;
/** More than any molecule takes: the picture is cropped. */
const FRAME = 8000;
/** Whichever of a list is installed. */
const FONTS = ['sans-serif', 'Helvetica, Arial, sans-serif', 'Arial, Liberation Sans, sans-serif', 'Times, serif'];
const FONT_RULE = /font-family: *sans-serif/;

export const openchemlibPicture: PictureRenderer = {
  id: 'openchemlib',
  draw: async (kernel, smiles, rng) => {
    // Loaded where it is used: a worker that never draws with it starts a quarter of a second earlier.
    const { Molecule } = await import('openchemlib');
    // Its own layouts differ from call to call, and no seed can be given: RDKit lays out, OpenChemLib draws.
    const molecule = Molecule.fromMolfile(withMolecule(kernel.rdkit, smiles, (mol) => mol.get_molblock()));
    const { width, height } = molecule.getBounds();
    const isTall = height > width;
    molecule.zoomAndRotateInit(0, 0);
    // Pages are wide, and so are most drawings.
    molecule.zoomAndRotate(1, turn(rng) + (isTall && rng.next() < 0.7 ? Math.PI / 2 : 0), false);
    const chance = (share: number): boolean => rng.next() < share;
    const between = (low: number, high: number): number => low + (high - low) * rng.next();
    const svg = molecule.toSVG(FRAME, FRAME, 'drawing', {
      maxAVBL: BOND, autoCrop: true, autoCropMargin: 4,
      strokeWidth: BOND * between(0.02, 0.06),
      factorTextSize: between(0.8, 1.35),
      fontWeight: chance(0.15) ? 'bold' : 'normal',
      suppressChiralText: !chance(0.03), suppressCIPParity: !chance(0.05), suppressESR: true,
      noStereoProblem: true, noColorOnESRAndCIP: true, noImplicitAtomLabelColors: chance(0.6), drawBondsInGray: chance(0.03),
    });
    return svg.replace(FONT_RULE, `font-family: ${FONTS[rng.int(FONTS.length)]!}`);
  },
};

/** Radians: mostly as laid out, sometimes turned by a hexagon's angle, or a little askew. */
function turn(rng: Rng): number {
  const kind = rng.next();
  if (kind < 0.5) return 0;
  return kind < 0.9 ? (Math.PI / 6) * rng.int(12) : 0.14 * (rng.next() - 0.5);
}
