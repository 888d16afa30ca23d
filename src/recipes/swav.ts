import { defineRecipe } from './define.ts';

const view = {
  modality: 'graph',
  encoder: 'gin',
  encoderConfig: 'base',
  projection: { layers: 2, hidden: 512 },
  augmentation: { maskAtoms: 0.25, dropBonds: 0.25, varyValidation: true },
} as const;

/** SwAV without multi-crop: temperature, epsilon and rounds as published; fewer prototypes, for batches of hundreds rather than thousands. */
export const swav = defineRecipe({
  id: 'swav',
  summary: 'Two damaged views of one molecular graph predict each other\'s assignment to 512 prototypes.',
  references: ['Caron et al. 2020, arXiv:2006.09882 (SwAV)'],
  towers: [{ ...view, name: 'graph' }, { ...view, name: 'view', weightsOf: 'graph' }],
  embeddingDimension: 128,
  losses: [{ objective: 'swav', between: ['graph', 'view'] }],
  sources: [{ file: 'molecules/zinc250k.smi.gz', limit: 100_000 }],
  validationMolecules: 1000,
  training: {
    steps: 4000, batchSize: 256, learningRate: 5e-4, warmupSteps: 200, finalFraction: 0.01, weightDecay: 1e-5, clipNorm: 5,
    precision: 'f32', validateEvery: 400, checkpointEvery: 200, logEvery: 20, seed: 1,
  },
});
