import { defineRecipe } from './define.ts';

const view = {
  modality: 'graph',
  encoder: 'gin',
  encoderConfig: 'base',
  projection: { layers: 2, hidden: 512 },
  augmentation: { maskAtoms: 0.25, dropBonds: 0.25, varyValidation: true },
} as const;

/** MoCo v2 over molecular graphs: its head of two layers, temperature and momentum; the damage to graphs is MolCLR's. */
export const moco = defineRecipe({
  id: 'moco',
  summary: 'Two damaged views of one molecular graph: one through a GIN, one through its momentum encoder, against a queue of 16,384 keys.',
  references: ['He et al. 2020, arXiv:1911.05722 (MoCo)', 'Chen et al. 2020, arXiv:2003.04297 (MoCo v2)'],
  towers: [{ ...view, name: 'graph' }, { ...view, name: 'key', momentumOf: { tower: 'graph', momentum: 0.999 } }],
  embeddingDimension: 256,
  losses: [{ objective: 'moco', config: { temperature: 0.2, queue: 16_384 }, between: ['graph', 'key'] }],
  sources: [{ file: 'molecules/zinc250k.smi.gz', limit: 100_000 }],
  validationMolecules: 1000,
  training: {
    steps: 4000, batchSize: 256, learningRate: 5e-4, warmupSteps: 200, finalFraction: 0.01, weightDecay: 1e-5, clipNorm: 5,
    precision: 'f32', validateEvery: 400, checkpointEvery: 200, logEvery: 20, seed: 1,
  },
});
