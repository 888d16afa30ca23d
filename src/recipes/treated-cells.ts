import { cellsView } from './cells.ts';

/** What recipes over sites of treated cells and the molecules that cells were treated with share. */

/** One site through a residual CNN; validation sees it whole. */
export const treatedSite = { ...cellsView, name: 'cells', augmentation: { ...cellsView.augmentation, varyValidation: false } };

/** The table and the schedule: sites of a laboratory's own, for no set with raw images of many compounds is at hand. */
export const treatedCells = {
  embeddingDimension: 512,
  images: { table: 'sites/sites.tsv', file: 'file', smiles: 'smiles', folds: 5, leaveOut: 0 },
  validationMolecules: 500,
  training: {
    steps: 20_000, batchSize: 256, learningRate: 5e-4, warmupSteps: 1000, finalFraction: 0.01, weightDecay: 0.1, clipNorm: 1,
    precision: 'bf16' as const, validateEvery: 500, checkpointEvery: 250, logEvery: 20, seed: 1,
  },
};
