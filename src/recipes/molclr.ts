import { damagedGraph, damagedGraphTraining } from './damaged-graph.ts';
import { defineRecipe } from './define.ts';

/** Two damaged views of one molecular graph through one encoder. */
export const molclr = defineRecipe({
  id: 'molclr',
  summary: 'Two views of one molecular graph through one GIN, a quarter of its atoms masked and of its bonds deleted in each.',
  references: ['Wang et al. 2022, doi:10.1038/s42256-022-00447-x (MolCLR)'],
  towers: [{ ...damagedGraph, name: 'graph' }, { ...damagedGraph, name: 'view', weightsOf: 'graph' }],
  embeddingDimension: 256,
  losses: [{ objective: 'nt-xent', config: { temperature: 0.1 }, between: ['graph', 'view'] }],
  ...damagedGraphTraining,
});
