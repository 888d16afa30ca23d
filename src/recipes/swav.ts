import { damagedGraph, damagedGraphTraining } from './damaged-graph.ts';
import { defineRecipe } from './define.ts';

/** SwAV without multi-crop: temperature, epsilon and rounds as published; fewer prototypes, for batches of hundreds rather than thousands. */
export const swav = defineRecipe({
  id: 'swav',
  summary: 'Two damaged views of one molecular graph predict each other\'s assignment to 512 prototypes.',
  references: ['Caron et al. 2020, arXiv:2006.09882 (SwAV)'],
  towers: [{ ...damagedGraph, name: 'graph' }, { ...damagedGraph, name: 'view', weightsOf: 'graph' }],
  embeddingDimension: 128,
  losses: [{ objective: 'swav', between: ['graph', 'view'] }],
  ...damagedGraphTraining,
});
