import { drawingStructure } from './drawing-structure.ts';
import { defineRecipe } from './define.ts';

const [drawing, structure] = drawingStructure.towers;

/** One space for a drawing, a fingerprint, a graph and a text: what is near in one is near in all. */
export const fourModalities = defineRecipe({
  id: 'four-modalities',
  summary: 'Drawing, fingerprint, molecular graph and SMILES of one molecule in one space: CLIP between four pairs of them.',
  references: ['Radford et al. 2021, arXiv:2103.00020 (CLIP)', 'Girdhar et al. 2023, arXiv:2305.05665 (ImageBind)', 'Guo et al. 2022, arXiv:2109.08830 (MM-Deacon)'],
  towers: [
    drawing!,
    structure!,
    { name: 'graph', modality: 'graph', encoder: 'gin', encoderConfig: 'base', projection: { layers: 1, hidden: 512 }, augmentation: { maskAtoms: 0.15, dropBonds: 0.15 } },
    { name: 'smiles', modality: 'smiles', encoder: 'transformer', encoderConfig: 'base', projection: { layers: 1, hidden: 512 }, augmentation: { maskTokens: 0.1 } },
  ],
  gallery: 'structure',
  embeddingDimension: 256,
  // The fingerprint sees a whole molecule exactly: all others are drawn to it, and the two that are read to each other.
  losses: [
    { objective: 'clip', between: ['drawing', 'structure'] },
    { objective: 'clip', between: ['graph', 'structure'] },
    { objective: 'clip', between: ['smiles', 'structure'] },
    { objective: 'clip', between: ['drawing', 'smiles'], weight: 0.5 },
  ],
  sources: drawingStructure.sources,
  counterIonShare: drawingStructure.counterIonShare,
  pictures: drawingStructure.pictures,
  validationMolecules: 2000,
  training: { ...drawingStructure.training, batchSize: 128 },
});
