import { defineRecipe } from './define.ts';

/** Atoms masked and bonds deleted, other ones in each view; the published shares. */
const view = {
  modality: 'graph',
  encoder: 'gin',
  encoderConfig: 'base',
  projection: { layers: 2, hidden: 512 },
  augmentation: { maskAtoms: 0.25, dropBonds: 0.25, varyValidation: true },
} as const;

/** Two damaged views of one molecular graph through one encoder. */
export const molclr = defineRecipe({
  id: 'molclr',
  summary: 'Two views of one molecular graph through one GIN, a quarter of its atoms masked and of its bonds deleted in each.',
  references: ['Wang et al. 2022, doi:10.1038/s42256-022-00447-x (MolCLR)'],
  towers: [{ ...view, name: 'graph' }, { ...view, name: 'view', weightsOf: 'graph' }],
  embeddingDimension: 256,
  losses: [{ objective: 'nt-xent', config: { temperature: 0.1 }, between: ['graph', 'view'] }],
  sources: [{ file: 'molecules/zinc250k.smi.gz', limit: 100_000 }],
  validationMolecules: 1000,
  training: {
    steps: 4000, batchSize: 256, learningRate: 5e-4, warmupSteps: 200, finalFraction: 0.01, weightDecay: 1e-5, clipNorm: 5,
    precision: 'f32', validateEvery: 400, checkpointEvery: 200, logEvery: 20, seed: 1,
  },
});
