import { defineRecipe } from './define.ts';
import { treatedCells, treatedSite } from './treated-cells.ts';

/**
 * Several sites of one compound in a batch are each other's negatives, as published. The encoder is smaller and younger than theirs (a
 * ResNet-50, from nothing too), and learns at 128 pixels.
 */
const shared = {
  ...treatedCells,
  towers: [
    treatedSite,
    {
      name: 'structure',
      modality: 'fingerprint',
      modalityConfig: { radius: 3, bits: 8192, transform: 'log1p' },
      encoder: 'mlp',
      encoderConfig: 'base',
      encoderOverrides: { inputDropout: 0.1, dropout: 0.1 },
      projection: { layers: 1, hidden: 512 },
    },
  ],
};

export const cloome = defineRecipe({
  ...shared,
  id: 'cloome',
  summary: 'A site of treated cells and the structure of what they were treated with: CNN and MLP under InfoLOOB with Hopfield retrieval.',
  references: ['Sanchez-Fernandez et al. 2023, doi:10.1038/s41467-023-42328-w (CLOOME)'],
  losses: [{ objective: 'info-loob', config: { hopfield: true }, between: ['cells', 'structure'] }],
});

export const cloomeClip = defineRecipe({
  ...shared,
  id: 'cloome-clip',
  summary: 'The towers of cloome under the objective of CLIP.',
  references: ['Radford et al. 2021, arXiv:2103.00020 (CLIP)', 'Sanchez-Fernandez et al. 2023, doi:10.1038/s41467-023-42328-w (CLOOME, its comparison)'],
  losses: [{ objective: 'clip', between: ['cells', 'structure'] }],
});
