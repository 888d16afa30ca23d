import { damagedGraph, damagedGraphTraining } from './damaged-graph.ts';
import { defineRecipe } from './define.ts';

/** MoCo v2 over molecular graphs: its head of two layers, temperature and momentum; the damage to graphs is MolCLR's. */
export const moco = defineRecipe({
  id: 'moco',
  summary: 'Two damaged views of one molecular graph: one through a GIN, one through its momentum encoder, against a queue of 16,384 keys.',
  references: ['He et al. 2020, arXiv:1911.05722 (MoCo)', 'Chen et al. 2020, arXiv:2003.04297 (MoCo v2)'],
  towers: [{ ...damagedGraph, name: 'graph' }, { ...damagedGraph, name: 'key', momentumOf: { tower: 'graph', momentum: 0.999 } }],
  embeddingDimension: 256,
  losses: [{ objective: 'moco', config: { temperature: 0.2, queue: 16_384 }, between: ['graph', 'key'] }],
  ...damagedGraphTraining,
});
