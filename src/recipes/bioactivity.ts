import { defineRecipe } from './define.ts';

/** What is alike to a protein shows in environments, in the same with roles in place of elements, and in pairs of roles. */
const view = {
  modality: 'fingerprint',
  modalityConfig: {
    radius: 2, bits: 4096, transform: 'log1p',
    beside: [{ kind: 'feature-morgan', radius: 2, bits: 2048 }, { kind: 'pharmacophore-pair', bits: 560 }],
  },
  encoder: 'mlp',
  encoderConfig: 'base',
  encoderOverrides: { hidden: [576, 512], inputDropout: 0.2, dropout: 0.2 },
  projection: { layers: 1, hidden: 512 },
} as const;

/**
 * A structure encoder that knows activity: actives of one assay attract each other, everything else repels. Few inactives: as
 * anchors they have nothing but themselves to be close to, and teach the encoder to tell molecules apart rather than to bring
 * them together.
 */
export const bioactivity = defineRecipe({
  id: 'bioactivity',
  summary: 'Actives of one assay side by side: supervised contrast over measured activities, two dropout views of every molecule.',
  references: ['Khosla et al. 2020, arXiv:2004.11362 (SupCon)', 'Seidl et al. 2023, arXiv:2303.03363 (CLAMP)', 'Stanley et al. 2021, FS-Mol'],
  towers: [{ ...view, name: 'activity' }, { ...view, name: 'view', weightsOf: 'activity', augmentation: { evalDrop: 0.3 } }],
  embeddingDimension: 128,
  losses: [{ objective: 'sup-con', config: { temperature: 0.1 }, between: ['activity', 'view'] }],
  sources: [{ file: 'activity/fsmol_train.csv.gz', column: 'smiles' }],
  measurements: {
    file: 'activity/fsmol_train.csv.gz', molecule: 'smiles', assay: 'assay', active: 'active', perAssay: 32, actives: 26, leaveOut: 0.1,
    measuredOn: ['activity/fsmol_valid.csv.gz'],
  },
  validationMolecules: 1000,
  training: {
    steps: 3000, batchSize: 768, learningRate: 1e-3, warmupSteps: 100, finalFraction: 0.01, weightDecay: 0.02, clipNorm: 5,
    precision: 'bf16', validateEvery: 3000, checkpointEvery: 50, logEvery: 10, seed: 1,
  },
});
