import { defineRecipe } from './define.ts';

const view = {
  modality: 'smiles',
  // No SMILES of ZINC 250k has more than 72 tokens.
  modalityConfig: { length: 80 },
  encoder: 'transformer',
  encoderConfig: 'base',
  projection: { layers: 1, hidden: 512 },
} as const;

/** Up to whole SMILES, which is what is embedded later: no place would be left that training has not seen. */
const span = { minimum: 0.25, maximum: 1 } as const;

/**
 * As published: lengths of spans by Beta distributions, positives that overlap or touch their anchor, the mean over tokens, temperature
 * 0.05, weight decay 0.1, gradients clipped at 1, a tenth of the steps warming up. Otherwise here: spans are shares of a SMILES (there 32 to
 * 512 tokens of a text of 2048 or more), a molecule has one anchor and one positive (there two of each), a linear map follows the mean, and
 * the encoder begins from nothing and without masked language modelling beside it (there from RoBERTa, with it).
 */
export const declutr = defineRecipe({
  id: 'declutr',
  summary: 'Two spans of one SMILES that overlap or touch, through one transformer under NT-Xent.',
  references: ['Giorgi et al. 2021, arXiv:2006.03659 (DeCLUTR)'],
  towers: [
    { ...view, name: 'smiles', augmentation: { span: { ...span, of: 'anchor' }, varyValidation: true } },
    { ...view, name: 'view', weightsOf: 'smiles', augmentation: { span: { ...span, of: 'beside' }, varyValidation: true } },
  ],
  embeddingDimension: 256,
  losses: [{ objective: 'nt-xent', config: { temperature: 0.05 }, between: ['smiles', 'view'] }],
  sources: [{ file: 'molecules/zinc250k.smi.gz', limit: 100_000 }],
  validationMolecules: 1000,
  training: {
    steps: 4000, batchSize: 256, learningRate: 5e-4, warmupSteps: 400, finalFraction: 0.01, weightDecay: 0.1, clipNorm: 1,
    precision: 'f32', validateEvery: 400, checkpointEvery: 200, logEvery: 20, seed: 1,
  },
});
