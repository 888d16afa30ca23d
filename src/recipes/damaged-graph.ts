/** What recipes over two damaged views of one molecular graph share. */

/** Atoms masked and bonds deleted, other ones in each view; MolCLR's published shares. */
export const damagedGraph = {
  modality: 'graph',
  encoder: 'gin',
  encoderConfig: 'base',
  projection: { layers: 2, hidden: 512 },
  augmentation: { maskAtoms: 0.25, dropBonds: 0.25, varyValidation: true },
} as const;

/** The molecules and the schedule. */
export const damagedGraphTraining = {
  sources: [{ file: 'molecules/zinc250k.smi.gz', limit: 100_000 }],
  validationMolecules: 1000,
  training: {
    steps: 4000, batchSize: 256, learningRate: 5e-4, warmupSteps: 200, finalFraction: 0.01, weightDecay: 1e-5, clipNorm: 5,
    precision: 'f32' as const, validateEvery: 400, checkpointEvery: 200, logEvery: 20, seed: 1,
  },
};
