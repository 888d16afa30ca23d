/** Structure pictures as SVG, for pages and reports. */
import { IsoLensError } from '../core/index.ts';
import type { CommonPart } from './common/common-part.ts';
import { patternOf } from './common/pattern.ts';
import { commonPartOf } from './compare.ts';
import type { Kernel } from './kernel.ts';
import { graphOf } from './molecule-graph.ts';
import { withMolecule } from './rdkit.ts';
import type { Mol } from './rdkit.ts';

export interface DepictRequest {
  readonly smiles: string;
  /** Pixels; default 300 x 200. */
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
  /** Longest bond, in pixels; shorter where the molecule would not fit. */
  readonly fixedBondLength?: number;
  /** Atom indices in the order of the input. */
  readonly highlightAtoms?: readonly number[];
  /** Draws this molecule in the orientation of another one, over their largest common part. */
  readonly alignTo?: string;
  /** Atoms in the colour of their meaning. */
  readonly marks?: readonly { readonly atoms: readonly number[]; readonly as: Mark }[];
  /** Highlights what differs from `alignTo`. */
  readonly highlightDifference?: boolean;
}

/** What a mark means: new in a candidate, lost from the query, chosen, or doubtful. */
export type Mark = 'new' | 'lost' | 'chosen' | 'warning';

export interface PlacedDrawing {
  readonly svg: string;
  /** x, y of each atom, in pixels. */
  readonly atoms: readonly (readonly [number, number])[];
}

const MAX_PIXELS = 4096;
const HIGHLIGHT: Readonly<Record<'light' | 'dark', readonly number[]>> = { light: [1, 0.86, 0.5], dark: [0.45, 0.36, 0.1] };

/** Blue and orange are told apart by all kinds of colour vision. */
const MARKS: Readonly<Record<'light' | 'dark', Readonly<Record<Mark, readonly number[]>>>> = {
  light: { new: [0.62, 0.8, 1], lost: [1, 0.76, 0.45], chosen: [0.55, 0.88, 0.7], warning: [1, 0.7, 0.7] },
  dark: { new: [0.1, 0.33, 0.62], lost: [0.55, 0.3, 0.02], chosen: [0.05, 0.42, 0.27], warning: [0.55, 0.15, 0.15] },
};

/** Readable on a dark page: RDKit's own palette with carbon and unknown atoms near white. */
const DARK_PALETTE = {
  '-1': [0.9, 0.9, 0.9], 0: [0.9, 0.9, 0.9], 1: [0.75, 0.75, 0.75], 6: [0.9, 0.9, 0.9], 7: [0.5, 0.62, 1], 8: [1, 0.42, 0.42],
  9: [0.35, 0.85, 0.7], 15: [1, 0.65, 0.3], 16: [0.87, 0.8, 0.3], 17: [0.35, 0.85, 0.35], 35: [0.85, 0.55, 0.4], 53: [0.8, 0.5, 1],
};

/** A fragment may be drawn with the points at which it hangs. */
const RULES = { attachments: true };

/** Transparent background, so that one picture serves any surface of its theme. */
export function depict(kernel: Kernel, request: DepictRequest): string {
  return withPlacedMolecule(kernel, request, (mol, highlighted, colours) => draw(mol, request, highlighted, colours));
}

/** RDKit tells where an atom lies by the circle that highlights it: all are highlighted, and the circles that nobody wants are taken out again. */
export function depictPlaced(kernel: Kernel, request: DepictRequest): PlacedDrawing {
  return withPlacedMolecule(kernel, request, (mol, highlighted, colours) => {
    const wanted = new Set(highlighted);
    const places = new Map<number, readonly [number, number]>();
    const svg = draw(mol, request, Array.from({ length: mol.get_num_atoms() }, (_, atom) => atom), colours).replaceAll(CIRCLE, (circle, x: string, y: string, atom: string) => {
      places.set(Number(atom), [Number(x), Number(y)]);
      return wanted.has(Number(atom)) ? circle : '';
    });
    return { svg, atoms: Array.from({ length: mol.get_num_atoms() }, (_, atom) => places.get(atom) ?? [0, 0]) };
  });
}

const CIRCLE = /<ellipse cx='([\d.-]+)' cy='([\d.-]+)'[^>]*class='atom-(\d+)'[^>]*\/>\n?/g;

type Colours = Readonly<Record<string, readonly number[]>>;

function withPlacedMolecule<Result>(kernel: Kernel, request: DepictRequest, use: (mol: Mol, highlighted: readonly number[], colours: Colours) => Result): Result {
  return withMolecule(kernel.rdkit, request.smiles, (mol) => {
    place(mol);
    const common = request.alignTo === undefined ? undefined : align(kernel, mol, request.alignTo);
    const { marks = [] } = request;
    const plain = request.highlightDifference === true && common !== undefined ? difference(mol, common) : [...(request.highlightAtoms ?? [])];
    const highlighted = [...new Set([...plain, ...marks.flatMap(({ atoms }) => atoms)])];
    requireAtoms(mol, highlighted);
    const colours = Object.fromEntries(marks.flatMap(({ atoms, as }) => atoms.map((atom) => [atom, MARKS[request.theme ?? 'light'][as]] as const)));
    return use(mol, highlighted, colours);
  }, RULES);
}

function draw(mol: Mol, request: DepictRequest, atoms: readonly number[], colours: Colours): string {
  const theme = request.theme ?? 'light';
  return mol.get_svg_with_highlights(
    JSON.stringify({
      ...sizeOf(request),
      atoms,
      highlightColour: HIGHLIGHT[theme],
      highlightAtomColors: colours,
      // Else labels on a mark are black, whatever the paper.
      standardColoursForHighlightedAtoms: true,
      clearBackground: false,
      bondLineWidth: 1.6,
      padding: 0.06,
      fixedBondLength: request.fixedBondLength ?? 28,
      ...(theme === 'dark' ? { atomColourPalette: DARK_PALETTE, symbolColour: [0.9, 0.9, 0.9], annotationColour: [0.8, 0.8, 0.8] } : {}),
    }),
  );
}

function sizeOf(request: DepictRequest): { width: number; height: number } {
  const width = request.width ?? 300;
  const height = request.height ?? 200;
  for (const side of [width, height]) {
    if (!Number.isInteger(side) || side < 16 || side > MAX_PIXELS) {
      throw new IsoLensError('ARGUMENT_INVALID', `Expected a picture side from 16 to ${MAX_PIXELS} pixels but received ${side}.`);
    }
  }
  return { width, height };
}

function requireAtoms(mol: Mol, atoms: readonly number[]): void {
  const count = mol.get_num_atoms();
  const bad = atoms.find((atom) => !Number.isInteger(atom) || atom < 0 || atom >= count);
  if (bad !== undefined) throw new IsoLensError('ARGUMENT_INVALID', `Expected atom indices below ${count} but received ${bad}.`);
}

/** The same coordinates for a molecule wherever it is drawn, its long axis level; those of a molfile are kept. */
function place(mol: Mol): void {
  if (mol.has_coords() === 2) return;
  mol.set_new_coords();
  // RDKit throws where it has no heavy atom to turn by (H2, a hydrogen at an attachment point).
  if (mol.get_num_atoms(true) > 0) mol.normalize_depiction();
}

/** Returns the common part, or undefined where there is none worth aligning: the one that the reason of a hit tells of. */
function align(kernel: Kernel, mol: Mol, reference: string): CommonPart | undefined {
  return withMolecule(kernel.rdkit, reference, (template) => {
    const [a, b] = [graphOf(mol), graphOf(template)];
    const common = commonPartOf(a, b);
    if (common === undefined) return undefined;
    place(template);
    mol.generate_aligned_coords(template, JSON.stringify({ referenceSmarts: patternOf(a, b, common), acceptFailure: true }));
    return common;
  }, RULES);
}

/** Atoms that are not kept. */
function difference(mol: Mol, { kept }: CommonPart): number[] {
  const common = new Set(kept.map(([atom]) => atom));
  return Array.from({ length: mol.get_num_atoms() }, (_, a) => a).filter((a) => !common.has(a));
}
