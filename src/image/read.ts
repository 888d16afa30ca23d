/** A query image as the drawing encoder reads it. */
import { IsoLensError } from '../core/index.ts';
import { decodeImage } from './decode.ts';
import type { Canvas } from './define.ts';
import { findInk, inkToCanvas } from './drawing.ts';
import { evenPaper } from './even-paper.ts';
import type { FoundInk } from './drawing.ts';
import { drawingSigns, looksLikeDrawing } from './likeness.ts';
import { structureSigns } from './structure-signs.ts';
import { judge } from './verdict.ts';
import type { DrawingWarning } from './verdict.ts';
import { workingInk } from './working-ink.ts';

export interface DrawingSize {
  readonly height: number;
  readonly width: number;
}

/** Decodes, checks and normalises; every refusal is coded. */
export async function readDrawing(bytes: Uint8Array, size: DrawingSize): Promise<Canvas> {
  return (await readDrawingAt(bytes, [size])).canvases[0]!;
}

export interface ReadDrawing {
  /** One a size. */
  readonly canvases: readonly Canvas[];
  readonly warnings: readonly DrawingWarning[];
}

/** The same drawing at several sizes, decoded and checked once. */
export async function readDrawingAt(bytes: Uint8Array, sizes: readonly DrawingSize[]): Promise<ReadDrawing> {
  const grey = evenPaper((await decodeImage(bytes)).grey);
  const found = findInk(grey);
  if (found === null) {
    throw new IsoLensError('IMAGE_BLANK', 'Expected a drawn structure but the image shows one even colour; check that it is the right file, and that the drawing is not the colour of its paper.');
  }
  const signs = drawingSigns(grey, found.ink, found.box);
  if (!looksLikeDrawing(signs, found.box)) {
    throw new IsoLensError(
      'IMAGE_NOT_A_DRAWING',
      `Expected a line drawing of a structure but received what looks like a photograph or a solid picture (${percent(signs.paper)} plain paper, ${percent(signs.ink)} ink); cut out the structure alone.`,
      { details: { ...signs } },
    );
  }
  const warnings = requireStructure(found, grey.columns);
  return { canvases: sizes.map(({ height, width }) => inkToCanvas(found, grey.columns, height, width)), warnings };
}

/** What is doubtful about lines that are taken for a structure; a coded refusal where they cannot be one. */
function requireStructure({ ink, box }: FoundInk, stride: number): readonly DrawingWarning[] {
  const signs = structureSigns(workingInk(ink, stride, box));
  const { refusedAs, warnings } = judge(signs, box);
  if (refusedAs === null) return warnings;
  throw new IsoLensError(
    'IMAGE_NOT_A_DRAWING',
    `Expected a drawn structure but received what looks like ${refusedAs}; cut out the structure alone, with all of its atoms.`,
    { details: { ...signs } },
  );
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
