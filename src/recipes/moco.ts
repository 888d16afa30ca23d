import { damagedGraph, damagedGraphTraining } from './damaged-graph.ts';
import { defineRecipe } from './define.ts';

/** MoCo's first version over molecular graphs: a linear head, and the published temperature. */
export const mocoV1 = defineRecipe({
  id: 'moco-v1',
  summary: 'Two damaged views of one molecular graph under MoCo as first published: a linear head, temperature 0.07, a queue of 16,384 keys.',
  references: ['He et al. 2020, arXiv:1911.05722 (MoCo)'],
  towers: [
    { ...damagedGraph, projection: { layers: 1, hidden: 512 }, name: 'graph' },
    { ...damagedGraph, projection: { layers: 1, hidden: 512 }, name: 'key', momentumOf: { tower: 'graph', momentum: 0.999 } },
  ],
  embeddingDimension: 128,
  losses: [{ objective: 'moco', config: { temperature: 0.07, queue: 16_384 }, between: ['graph', 'key'] }],
  ...damagedGraphTraining,
});

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
