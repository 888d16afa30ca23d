import { bioactivity } from './bioactivity.ts';
import { defineRecipe } from './define.ts';

const view = {
  modality: 'fingerprint',
  modalityConfig: { radius: 2, bits: 4096, transform: 'log1p' },
  encoder: 'mlp',
  encoderConfig: 'base',
  encoderOverrides: { inputDropout: 0.1, dropout: 0.1 },
  projection: { layers: 1, hidden: 512 },
} as const;

/** As published but for the data: for premise, entailed and contradicting sentence stand two actives of an assay and its inactives. */
export const simcseSupervised = defineRecipe({
  id: 'simcse-supervised',
  summary: 'Actives of one assay are each other\'s positives and its inactives hard negatives, under supervised contrast at temperature 0.05.',
  references: ['Gao et al. 2021, arXiv:2104.08821 (SimCSE, section 4: hard negatives)'],
  towers: [{ ...view, name: 'structure' }, { ...view, name: 'view', weightsOf: 'structure', augmentation: { evalDrop: 0.5 } }],
  embeddingDimension: 256,
  losses: [{ objective: 'sup-con', config: { temperature: 0.05 }, between: ['structure', 'view'] }],
  sources: bioactivity.sources,
  // As many inactives as actives: each active meets the molecules that were tested beside it and failed.
  measurements: { ...bioactivity.measurements!, perAssay: 32, actives: 16 },
  validationMolecules: 1000,
  training: { ...bioactivity.training, batchSize: 512 },
});

/** Training needs no damage but dropout; it is off in validation, where the second view lacks some environments instead. */
export const simcse = defineRecipe({
  id: 'simcse',
  summary: 'One fingerprint twice through one MLP: two masks of dropout are all that tells the views apart.',
  references: ['Gao et al. 2021, arXiv:2104.08821 (SimCSE)'],
  towers: [{ ...view, name: 'structure' }, { ...view, name: 'view', weightsOf: 'structure', augmentation: { evalDrop: 0.5 } }],
  embeddingDimension: 256,
  losses: [{ objective: 'nt-xent', config: { temperature: 0.05 }, between: ['structure', 'view'] }],
  sources: [{ file: 'molecules/zinc250k.smi.gz', limit: 100_000 }],
  validationMolecules: 1000,
  training: {
    steps: 4000, batchSize: 256, learningRate: 5e-4, warmupSteps: 200, finalFraction: 0.01, weightDecay: 1e-2, clipNorm: 5,
    precision: 'f32', validateEvery: 400, checkpointEvery: 200, logEvery: 20, seed: 1,
  },
});
