/** A query image as the drawing encoder reads it. */
import { IsoLensError } from '../core/index.ts';
import { decodeImage } from './decode.ts';
import type { Canvas } from './define.ts';
import { findInk, inkToCanvas } from './drawing.ts';
import { evenPaper } from './even-paper.ts';
import type { FoundInk } from './drawing.ts';
import { drawingSigns, looksLikeDrawing } from './likeness.ts';
import type { PixelBox } from './ink-box.ts';
import { seeStructure, structureSigns } from './structure-signs.ts';
import { LONGEST_IN_TEXT, judge } from './verdict.ts';
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
  const { drawing, stride, warnings } = await findDrawing(bytes);
  return { canvases: sizes.map(({ height, width }) => inkToCanvas(drawing, stride, height, width)), warnings };
}

export interface DrawingInk {
  /** (rows, columns), 0 = paper ... 255 = ink, in the resolution of the picture. */
  readonly ink: Uint8Array;
  readonly rows: number;
  readonly columns: number;
  /** Where it was cut from, in pixels of the picture (of the decoded one: very large pictures are decoded smaller). */
  readonly box: PixelBox;
  readonly picture: { readonly rows: number; readonly columns: number };
  /** Boxes of all that looks like a structure of its own, the largest first; empty where nothing lies apart. */
  readonly structures: readonly PixelBox[];
  readonly warnings: readonly DrawingWarning[];
}

/** The ink of a structure in a picture, cut out: the largest, or the one of this number, from 1. */
export async function readDrawingInk(bytes: Uint8Array, structure = 1): Promise<DrawingInk> {
  const { drawing, stride, rows: high, structures, warnings } = await findDrawing(bytes);
  const box = structure === 1 ? drawing.box : structures[structure - 1];
  if (box === undefined) {
    throw new IsoLensError('ARGUMENT_INVALID', `Expected the number of a structure from 1 to ${Math.max(1, structures.length)} but received ${structure}: so many lie apart in the picture.`);
  }
  const rows = box.bottom - box.top;
  const columns = box.right - box.left;
  const ink = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const from = (box.top + row) * stride + box.left;
    ink.set(drawing.ink.subarray(from, from + columns), row * columns);
  }
  return { ink, rows, columns, box, picture: { rows: high, columns: stride }, structures, warnings };
}

async function findDrawing(bytes: Uint8Array): Promise<{ readonly drawing: FoundInk; readonly stride: number; readonly rows: number; readonly structures: readonly PixelBox[]; readonly warnings: readonly DrawingWarning[] }> {
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
  return { ...requireStructure(found, grey.columns), stride: grey.columns, rows: grey.rows };
}

/** The structure in the picture and what is doubtful about it; a coded refusal where there can be none. */
function requireStructure({ ink, box }: FoundInk, stride: number): { readonly drawing: FoundInk; readonly structures: readonly PixelBox[]; readonly warnings: readonly DrawingWarning[] } {
  const working = workingInk(ink, stride, box);
  const { signs, main, structures: parts } = seeStructure(working);
  const structures = parts.map((part) => inPicture(part, box, working.step));
  const { refusedAs, warnings } = judge(signs, box);
  if (refusedAs === null) {
    if (main === undefined) return { drawing: { ink, box }, structures, warnings };
    const cut = inPicture(main, box, working.step);
    const own = structureSigns(workingInk(ink, stride, cut));
    const isSeveral = warnings.includes('SEVERAL_DRAWINGS');
    // Letters among letters may look like structures; then the largest must look like one by itself.
    const isStructure = isSeveral || signs.structures === 1 || (own.structures === 1 && own.strokeLength > LONGEST_IN_TEXT);
    if (!isStructure) return { drawing: { ink, box }, structures, warnings };
    // What is doubtful about the words beside it is not about the structure.
    const verdict = judge(own, cut);
    return { drawing: { ink, box: cut }, structures, warnings: [...(verdict.refusedAs === null ? verdict.warnings : warnings), isSeveral ? 'SEVERAL_DRAWINGS' : 'TEXT_LEFT_OUT'] };
  }
  throw new IsoLensError(
    'IMAGE_NOT_A_DRAWING',
    `Expected a drawn structure but received what looks like ${refusedAs}; cut out the structure alone, with all of its atoms.`,
    { details: { ...signs } },
  );
}

/** From pixels of the working ink to those of the picture. */
function inPicture(part: PixelBox, box: PixelBox, step: number): PixelBox {
  return {
    top: box.top + part.top * step, left: box.left + part.left * step,
    bottom: Math.min(box.bottom, box.top + part.bottom * step), right: Math.min(box.right, box.left + part.right * step),
  };
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
