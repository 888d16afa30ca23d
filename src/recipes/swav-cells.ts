import { cellsTraining, cellsView } from './cells.ts';
import { defineRecipe } from './define.ts';

const towers = [{ ...cellsView, name: 'cells' }, { ...cellsView, name: 'view', weightsOf: 'cells' }];
const config = { prototypes: 32, frozenSteps: 40 };

/** SwAV on sites of cells: temperature, epsilon and rounds as published; few prototypes, for a hundred sites. */
export const swavCells = defineRecipe({
  id: 'swav-cells',
  summary: 'Two views of one site of cells predict each other\'s assignment to 32 prototypes.',
  references: ['Caron et al. 2020, arXiv:2006.09882 (SwAV)'],
  towers,
  losses: [{ objective: 'swav', config, between: ['cells', 'view'] }],
  ...cellsTraining,
});

/** Four small crops as published, of less than half the area, at a size at which they cost a seventh. */
export const smallCrops = [1, 2, 3, 4].map((i) => ({
  ...cellsView, name: `crop-${i}`, weightsOf: 'cells', modalityConfig: { size: 48 }, augmentation: { ...cellsView.augmentation, crop: { minimum: 0.05, maximum: 0.5 } },
}));

/** SwAV with multi-crop: small crops predict the assignments of the whole views. */
export const swavCellsMultiCrop = defineRecipe({
  id: 'swav-cells-multi-crop',
  summary: 'Two views and four small crops of one site of cells predict the views\' assignments to 32 prototypes.',
  references: ['Caron et al. 2020, arXiv:2006.09882 (SwAV, section 3.2: multi-crop)'],
  towers: [...towers, ...smallCrops],
  losses: [{ objective: 'swav', config, between: ['cells', 'view', ...smallCrops.map(({ name }) => name)] as [string, string, ...string[]] }],
  ...cellsTraining,
});
