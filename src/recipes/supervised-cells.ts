import { cellsTraining, cellsView } from './cells.ts';
import { defineRecipe } from './define.ts';
import { smallCrops } from './swav-cells.ts';

/** SupCon on sites of cells: those of one treatment attract each other; beside it, cross-entropy as its published baseline has it. */
export const supConCells = defineRecipe({
  id: 'sup-con-cells',
  summary: 'Sites of one treatment side by side: supervised contrast, and cross-entropy beside it.',
  references: ['Khosla et al. 2020, arXiv:2004.11362 (SupCon)'],
  towers: [{ ...cellsView, name: 'cells' }, { ...cellsView, name: 'view', weightsOf: 'cells' }],
  losses: [
    { objective: 'sup-con', config: { temperature: 0.1 }, between: ['cells', 'view'] },
    { objective: 'cross-entropy', config: { classes: 3 }, between: ['cells', 'view'] },
  ],
  ...cellsTraining,
});

const view = { ...cellsView, projection: { layers: 3, hidden: 256 } } as const;

/** t-ReX on sites of cells: supervised, over many crops, behind a deep head that is thrown away; its features are the trunk's. */
export const tRexCells = defineRecipe({
  id: 't-rex-cells',
  summary: 'Two views and four small crops of a site of cells tell its treatment behind a head of three layers; the trunk is what is kept.',
  references: ['Sariyildiz et al. 2023, arXiv:2206.15369 (t-ReX)'],
  towers: [{ ...view, name: 'cells' }, { ...view, name: 'view', weightsOf: 'cells' }, ...smallCrops.map((crop) => ({ ...crop, projection: view.projection }))],
  losses: [{ objective: 'cross-entropy', config: { classes: 3 }, between: ['cells', 'view', ...smallCrops.map(({ name }) => name)] as [string, string, ...string[]] }],
  ...cellsTraining,
});
