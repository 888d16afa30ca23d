import { defineRecipe } from './define.ts';

/** Two views of one molecule without any picture: its graph, with atoms masked and bonds dropped, and its fingerprint. */
export const graphFingerprint = defineRecipe({
  id: 'graph-fingerprint',
  summary: 'Molecular graph (GIN, atoms masked and bonds dropped as in MolCLR) and fingerprint (MLP) under NT-Xent.',
  references: ['Wang et al. 2022, doi:10.1038/s42256-022-00447-x (MolCLR)', 'Chen et al. 2020, arXiv:2002.05709 (NT-Xent)'],
  towers: [
    {
      name: 'graph',
      modality: 'graph',
      encoder: 'gin',
      encoderConfig: 'base',
      projection: { layers: 2, hidden: 512 },
      augmentation: { maskAtoms: 0.25, dropBonds: 0.25 },
    },
    {
      name: 'structure',
      modality: 'fingerprint',
      modalityConfig: { radius: 2, bits: 4096, transform: 'log1p' },
      encoder: 'mlp',
      encoderConfig: 'base',
      projection: { layers: 2, hidden: 512 },
    },
  ],
  embeddingDimension: 256,
  losses: [{ objective: 'nt-xent', between: ['graph', 'structure'] }],
  sources: [{ file: 'molecules/zinc250k.smi.gz', limit: 100_000 }],
  validationMolecules: 1000,
  training: {
    steps: 4000, batchSize: 256, learningRate: 5e-4, warmupSteps: 200, finalFraction: 0.01, weightDecay: 1e-2, clipNorm: 5,
    precision: 'f32', validateEvery: 400, checkpointEvery: 200, logEvery: 20, seed: 1,
  },
});
