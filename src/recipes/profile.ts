import { frozenStructure } from './crd.ts';
import { defineRecipe } from './define.ts';

/**
 * Profiles of JUMP's pilot: one annotated plate under seven settings of microscopes. With 75 compounds no space of structures can be
 * learned: the encoder of profiles learns to point into one that is there already, that of the shipped model.
 */
export const profile = defineRecipe({
  id: 'profile',
  summary: 'What CellProfiler measured of treated cells is drawn to the structure of what they were treated with, in the space of a trained encoder of structures.',
  references: ['Sanchez-Fernandez et al. 2023, doi:10.1038/s41467-023-42328-w (CLOOME)', 'Khosla et al. 2020, arXiv:2004.11362 (SupCon)', 'Fradkin et al. 2024, arXiv:2409.08302 (MolPhenix: one encoder stays as it is)'],
  towers: [
    {
      name: 'profile', modality: 'profile', encoder: 'mlp', encoderConfig: 'base',
      encoderOverrides: { hidden: [256], norm: 'layer', inputDropout: 0.3, dropout: 0.3 }, projection: { layers: 1, hidden: 256 },
    },
    frozenStructure,
  ],
  gallery: 'structure',
  embeddingDimension: 256,
  // All wells of a compound are its positives.
  losses: [{ objective: 'sup-con', config: { temperature: 0.2, form: 'symmetric' }, between: ['profile', 'structure'] }],
  profiles: {
    tables: ['Japan_20X', 'US_10X', 'US_20X_5Ch', 'US_20X_Ch5_12Z', 'US_20X_Ch6_plate1', 'US_20X_Ch6_plate2', 'US_40X'].map((name) => `profiles/Yokogawa_${name}.csv.gz`),
    folds: 5, leaveOut: 0,
  },
  validationMolecules: 8,
  training: {
    steps: 300, batchSize: 256, learningRate: 1e-3, warmupSteps: 20, finalFraction: 0.01, weightDecay: 0.1, clipNorm: 1,
    precision: 'f32', validateEvery: 300, checkpointEvery: 300, logEvery: 20, seed: 1,
  },
});
