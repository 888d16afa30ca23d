/** Drawings by programs that chemists use, as SVG, each in a look of its own: training must not know one renderer alone. */
import { createRng } from '../core/index.ts';
import type { PictureRenderer } from './define.ts';
import type { Kernel } from './kernel.ts';
import { openchemlibPicture } from './picture-openchemlib.ts';
import { rdkitPicture } from './picture-rdkit.ts';

/** Adding a renderer: one file and one line here. */
export const PICTURE_RENDERERS: readonly PictureRenderer[] = [rdkitPicture, openchemlibPicture];

export interface PictureRequest {
  readonly smiles: string;
  /** Of `PICTURE_RENDERERS`. */
  readonly renderer: string;
  readonly seed: number;
}

export async function drawPicture(kernel: Kernel, { smiles, renderer, seed }: PictureRequest): Promise<string> {
  return PICTURE_RENDERERS.find(({ id }) => id === renderer)!.draw(kernel, smiles, createRng(seed));
}
