import { defineRecipe } from './define.ts';

/** The shipped model: drawn structures and structures in one space. */
export const drawingStructure = defineRecipe({
  id: 'drawing-structure',
  summary: 'Drawn structures and molecules in one space: residual CNN and fingerprint MLP under CLIP, with a fingerprint head.',
  references: ['Radford et al. 2021, arXiv:2103.00020 (CLIP)', 'Sanchez-Fernandez et al. 2023, doi:10.1038/s41467-023-42328-w (CLOOME: structure tower)'],
  towers: [
    {
      name: 'drawing',
      modality: 'drawing',
      // Read at a second size as well, queries find 5 in 100 more: some labels are too small at the first.
      modalityConfig: { height: 128, width: 192, views: [{ height: 144, width: 216 }] },
      encoder: 'resnet',
      encoderConfig: 'drawing',
      // Depth where bonds and labels are read, less at full width.
      encoderOverrides: { depths: [1, 2, 3, 2] },
      projection: { layers: 1, hidden: 512 },
      augmentation: { strength: 1, evalStrength: 0.7 },
    },
    {
      name: 'structure',
      modality: 'fingerprint',
      modalityConfig: { radius: 2, bits: 4096, transform: 'log1p' },
      encoder: 'mlp',
      encoderConfig: 'base',
      // Few molecules are seen often: without it the tower learns them by heart.
      encoderOverrides: { inputDropout: 0.2 },
      projection: { layers: 1, hidden: 512 },
    },
  ],
  embeddingDimension: 256,
  losses: [{ objective: 'clip', between: ['drawing', 'structure'] }],
  auxiliary: [{ id: 'fingerprint', tower: 'drawing', target: 'fingerprint', targetConfig: { radius: 2, bits: 4096, transform: 'binary' }, weight: 1 }],
  sources: [
    { file: 'drugs/repurposing_hub.tsv.gz', column: 'smiles', repeat: 2 },
    { file: 'activity/moleculenet/tox21.csv.gz', column: 'smiles' },
    { file: 'activity/moleculenet/toxcast.csv.gz', column: 'smiles' },
    { file: 'activity/moleculenet/sider.csv.gz', column: 'smiles' },
    { file: 'activity/moleculenet/hiv.csv.gz', column: 'smiles' },
    { file: 'activity/fsmol_train.csv.gz', column: 'smiles', limit: 130000 },
    { file: 'molecules/jump_compounds.csv.gz', column: 'smiles', limit: 60000 },
    { file: 'molecules/zinc250k.smi.gz', limit: 40000 },
  ],
  counterIonShare: 0.1,
  pictures: { molecules: 6000, repeat: 3 },
  // Molecules that differ in one place are what a drawing is most easily mistaken for.
  neighbours: { tower: 'structure', group: 8 },
  validationMolecules: 2000,
  training: {
    steps: 6000,
    batchSize: 256,
    learningRate: 1e-3,
    warmupSteps: 200,
    finalFraction: 0.01,
    weightDecay: 0.05,
    clipNorm: 5,
    precision: 'bf16',
    validateEvery: 200,
    checkpointEvery: 100,
    logEvery: 20,
    seed: 1,
  },
});
