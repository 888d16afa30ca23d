import { drawingStructure } from './drawing-structure.ts';
import { defineRecipe } from './define.ts';

const [drawing, structure] = drawingStructure.towers;
/** Dropout is for towers that learn. */
export const frozenStructure = { ...structure!, frozenAs: 'structure', encoderOverrides: { inputDropout: 0, dropout: 0 } };
const crd = { temperature: 0.07, queue: 4096 };
const { sources, counterIonShare, pictures, validationMolecules, training } = drawingStructure;
const molecules = { sources, counterIonShare, validationMolecules };

/**
 * CRD as compression: a drawing tower of half the size learns from the whole one. Both see the same drawing; the library stays as it is
 * embedded. Of the published bounds of what both know, InfoNCE in the teacher's own space, over the batch: behind learned maps and a queue
 * (`crd`) nothing is learned in the first 100,000 drawings. The fingerprint head is the teacher's own recipe's.
 */
export const crdCompression = defineRecipe({
  id: 'crd-compression',
  summary: 'A drawing encoder of half the size learns from a trained one: CLIP to its frozen library encoder, and InfoNCE to what it makes of the same drawing.',
  references: ['Tian et al. 2020, arXiv:1910.10699 (CRD, section 4.1: compression)'],
  towers: [
    {
      ...drawing!, name: 'small',
      encoderOverrides: { depths: [1, 2, 3, 2], stem: { kernel: 7, stride: 4, width: 24 }, widths: [24, 48, 88, 176] },
    },
    { ...drawing!, name: 'teacher', frozenAs: 'drawing', inputsOf: 'small', augmentation: {} },
    frozenStructure,
  ],
  gallery: 'structure',
  embeddingDimension: 256,
  losses: [
    { objective: 'clip', between: ['small', 'structure'] },
    { objective: 'info-nce', config: { temperature: 0.07 }, between: ['small', 'teacher'] },
  ],
  auxiliary: drawingStructure.auxiliary.map((head) => ({ ...head, tower: 'small' })),
  ...molecules,
  pictures,
  training,
});

/** CRD across modalities: what is known of fingerprints is handed to an encoder of text. */
export const crdTransfer = defineRecipe({
  id: 'crd-transfer',
  summary: 'A transformer of SMILES learns from a trained encoder of fingerprints by contrastive distillation.',
  references: ['Tian et al. 2020, arXiv:1910.10699 (CRD, section 4.2: cross-modal transfer)'],
  towers: [
    { name: 'smiles', modality: 'smiles', encoder: 'transformer', encoderConfig: 'base', projection: { layers: 1, hidden: 512 }, augmentation: { maskTokens: 0.1 } },
    { ...frozenStructure, name: 'teacher' },
  ],
  embeddingDimension: 256,
  losses: [{ objective: 'crd', config: crd, between: ['smiles', 'teacher'] }],
  ...molecules,
  training,
});

/** CRD from an ensemble: one student, a loss to each teacher. */
export const crdEnsemble = defineRecipe({
  id: 'crd-ensemble',
  summary: 'A graph network learns from two trained encoders at once, of drawings and of fingerprints, by contrastive distillation from each.',
  references: ['Tian et al. 2020, arXiv:1910.10699 (CRD, section 4.3: an ensemble of teachers)'],
  towers: [
    { name: 'graph', modality: 'graph', encoder: 'gin', encoderConfig: 'base', projection: { layers: 1, hidden: 512 }, augmentation: { maskAtoms: 0.1 } },
    { ...frozenStructure, name: 'fingerprint-teacher' },
    // Neatly drawn: a teacher need not guess.
    { ...drawing!, name: 'drawing-teacher', frozenAs: 'drawing', augmentation: { strength: 0, evalStrength: 0, pictureShare: 0 } },
  ],
  embeddingDimension: 256,
  losses: [
    { objective: 'crd', config: crd, between: ['graph', 'fingerprint-teacher'] },
    { objective: 'crd', config: crd, between: ['graph', 'drawing-teacher'] },
  ],
  ...molecules,
  training: { ...training, batchSize: 128 },
});
