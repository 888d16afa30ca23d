/** What a program that draws molecules offers. */
import type { Rng } from '../core/index.ts';
import type { Kernel } from './kernel.ts';

export interface PictureRenderer {
  readonly id: string;
  /** SVG of a molecule as given; the look follows from `rng` alone. */
  draw(kernel: Kernel, smiles: string, rng: Rng): string | Promise<string>;
}
