import { defineReaderRecipe } from './define.ts';

/** The shipped reader: from a drawn structure to its molecular graph. */
export const structureReader = defineReaderRecipe({
  id: 'structure-reader',
  summary: 'Reads a drawn structure: atoms, bonds, charges, groups and stereo, place by place.',
  references: ['Zhou et al. 2019, arXiv:1904.07850 (objects as points)', 'Law and Deng 2018, arXiv:1808.01244 (focal loss of heat maps)'],
  reader: { id: 'structure', config: 'base' },
  sources: [
    { file: 'drugs/repurposing_hub.tsv.gz', column: 'smiles', repeat: 3 },
    { file: 'activity/moleculenet/sider.csv.gz', column: 'smiles', repeat: 2 },
    { file: 'activity/moleculenet/clintox.csv.gz', column: 'smiles', repeat: 2 },
    { file: 'activity/moleculenet/tox21.csv.gz', column: 'smiles', repeat: 2 },
    { file: 'activity/moleculenet/toxcast.csv.gz', column: 'smiles', repeat: 2 },
    { file: 'activity/moleculenet/hiv.csv.gz', column: 'smiles', limit: 14000 },
    { file: 'activity/fsmol_train.csv.gz', column: 'smiles', limit: 8000 },
    { file: 'molecules/zinc250k.smi.gz', limit: 3000 },
  ],
  counterIonShare: 0.05,
  validationMolecules: 500,
  training: {
    steps: 7000,
    batchSize: 24,
    learningRate: 2e-3,
    warmupSteps: 200,
    finalFraction: 0.01,
    weightDecay: 0.02,
    clipNorm: 5,
    precision: 'bf16',
    validateEvery: 1000,
    checkpointEvery: 200,
    logEvery: 20,
    seed: 1,
  },
});
