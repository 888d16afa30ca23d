import { cellsTraining, cellsView } from './cells.ts';
import { defineRecipe } from './define.ts';

const view = { ...cellsView, encoder: 'vit' } as const;

/**
 * As published: three quarters of the patches hidden, a momentum encoder that sees all of them, temperature 0.07, equal weights of the two
 * losses, pixels of each patch at mean 0 and variance 1. Otherwise here: the views are cropped independently (there one is shifted by some
 * pixels), the mean over the seen patches is contrasted (there a second decoder fills the gaps first), and momentum is .99 for a short run.
 */
export const cmaeCells = defineRecipe({
  id: 'cmae-cells',
  summary: 'A vision transformer that sees a quarter of a site of cells restores the rest, and finds the whole site among others.',
  references: ['Huang et al. 2022, arXiv:2207.13532 (CMAE)', 'He et al. 2022, arXiv:2111.06377 (MAE)'],
  towers: [
    { ...view, name: 'cells', encoderConfig: 'cells', encoderOverrides: { hidden: 0.75 } },
    { ...view, name: 'key', encoderConfig: 'cells', momentumOf: { tower: 'cells', momentum: 0.99 } },
  ],
  losses: [{ objective: 'info-nce', config: { temperature: 0.07 }, between: ['cells', 'key'] }],
  auxiliary: [{ id: 'reconstruction', tower: 'cells', weight: 1 }],
  ...cellsTraining,
});
