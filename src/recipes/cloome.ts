import { cellsView } from './cells.ts';
import { defineRecipe } from './define.ts';

/**
 * Sites of a laboratory's own: no set with raw images of many compounds is at hand. Several sites of one compound in a batch are each
 * other's negatives, as published. The encoder is smaller and younger than theirs (a ResNet-50, from nothing too), and learns at 128 pixels.
 */
const shared = {
  towers: [
    { ...cellsView, name: 'cells', augmentation: { ...cellsView.augmentation, varyValidation: false } },
    {
      name: 'structure',
      modality: 'fingerprint',
      modalityConfig: { radius: 3, bits: 8192, transform: 'log1p' },
      encoder: 'mlp',
      encoderConfig: 'base',
      encoderOverrides: { inputDropout: 0.1, dropout: 0.1 },
      projection: { layers: 1, hidden: 512 },
    },
  ],
  embeddingDimension: 512,
  images: { table: 'sites/sites.tsv', file: 'file', smiles: 'smiles', folds: 5, leaveOut: 0 },
  validationMolecules: 500,
  training: {
    steps: 20_000, batchSize: 256, learningRate: 5e-4, warmupSteps: 1000, finalFraction: 0.01, weightDecay: 0.1, clipNorm: 1,
    precision: 'bf16' as const, validateEvery: 500, checkpointEvery: 250, logEvery: 20, seed: 1,
  },
};

export const cloome = defineRecipe({
  ...shared,
  id: 'cloome',
  summary: 'A site of treated cells and the structure of what they were treated with: CNN and MLP under InfoLOOB with Hopfield retrieval.',
  references: ['Sanchez-Fernandez et al. 2023, doi:10.1038/s41467-023-42328-w (CLOOME)'],
  losses: [{ objective: 'info-loob', config: { hopfield: true }, between: ['cells', 'structure'] }],
});

export const cloomeClip = defineRecipe({
  ...shared,
  id: 'cloome-clip',
  summary: 'The towers of cloome under the objective of CLIP.',
  references: ['Radford et al. 2021, arXiv:2103.00020 (CLIP)', 'Sanchez-Fernandez et al. 2023, doi:10.1038/s41467-023-42328-w (CLOOME, its comparison)'],
  losses: [{ objective: 'clip', between: ['cells', 'structure'] }],
});
