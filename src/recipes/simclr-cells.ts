import { cellsTraining, cellsView } from './cells.ts';
import { defineRecipe } from './define.ts';

/** SimCLR on sites of cells; channels of fluorescence take the place of colours. */
export const simclrCells = defineRecipe({
  id: 'simclr-cells',
  summary: 'Two views of one site of cells through one residual CNN under NT-Xent.',
  references: ['Chen et al. 2020, arXiv:2002.05709 (SimCLR)'],
  towers: [{ ...cellsView, name: 'cells' }, { ...cellsView, name: 'view', weightsOf: 'cells' }],
  losses: [{ objective: 'nt-xent', config: { temperature: 0.1 }, between: ['cells', 'view'] }],
  ...cellsTraining,
});
