import { cellsTraining, cellsView } from './cells.ts';
import { defineRecipe } from './define.ts';

/**
 * MoCo v2 on sites of cells. Momentum and queue are smaller than published: a run is 400 steps long, and a queue longer than the set would
 * hold every site many times, each as a negative of itself.
 */
export const mocoCells = defineRecipe({
  id: 'moco-cells',
  summary: 'Two views of one site of cells: one through a residual CNN, one through its momentum encoder, against a queue of 64 keys.',
  references: ['He et al. 2020, arXiv:1911.05722 (MoCo)', 'Chen et al. 2020, arXiv:2003.04297 (MoCo v2)'],
  towers: [{ ...cellsView, name: 'cells' }, { ...cellsView, name: 'key', momentumOf: { tower: 'cells', momentum: 0.99 } }],
  losses: [{ objective: 'moco', config: { temperature: 0.2, queue: 64 }, between: ['cells', 'key'] }],
  ...cellsTraining,
});
