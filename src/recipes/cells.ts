/** What recipes over views of one site of cells share. */

/** A crop of the site, turned, and lit otherwise in every channel; half of the area at least, for cells are small beside it. */
const wholeView = { crop: { minimum: 0.5, maximum: 1 }, strength: 1, varyValidation: true } as const;

/** A residual CNN with a head of two layers, as of SimCLR and of what came after it. */
export const cellsView = {
  modality: 'cells',
  encoder: 'resnet',
  encoderConfig: 'cells',
  projection: { layers: 2, hidden: 128 },
  augmentation: wholeView,
} as const;

/**
 * The sites of Cell Painting and the schedule: short and in small batches, for there are 121 sites. The plates are dealt into five folds;
 * the fold that is left out is for probes.
 */
export const cellsTraining = {
  images: { table: 'sites/sites.tsv', file: 'file', group: 'plate', class: 'figure', folds: 5, leaveOut: 0 },
  validationMolecules: 16,
  embeddingDimension: 64,
  training: {
    steps: 400, batchSize: 32, learningRate: 1e-3, warmupSteps: 20, finalFraction: 0.01, weightDecay: 1e-4, clipNorm: 5,
    precision: 'bf16' as const, validateEvery: 100, checkpointEvery: 100, logEvery: 10, seed: 1,
  },
};
