import { drawingStructure } from './drawing-structure.ts';
import { defineRecipe } from './define.ts';

const [drawing] = drawingStructure.towers;
const view = { ...drawing!, projection: { layers: 2, hidden: 512 } } as const;

/** SimCLR on drawings: a molecule drawn twice, in other hands and styles and scanned anew, through one encoder with a head of two layers. */
const first = {
  id: 'simclr',
  summary: 'Two drawings of one molecule, in other hands, styles and scans, through one residual CNN under NT-Xent.',
  references: ['Chen et al. 2020, arXiv:2002.05709 (SimCLR)'],
  towers: [{ ...view, name: 'drawing' }, { ...view, name: 'view', weightsOf: 'drawing' }],
  embeddingDimension: 128,
  losses: [{ objective: 'nt-xent', config: { temperature: 0.1 }, between: ['drawing', 'view'] as [string, string] }],
  sources: drawingStructure.sources,
  pictures: drawingStructure.pictures,
  validationMolecules: 2000,
  training: drawingStructure.training,
};

export const simclr = defineRecipe(first);

/** The second version: a deeper head; what is kept of it beyond the trunk is for who takes the features. */
export const simclrV2 = defineRecipe({
  ...first,
  id: 'simclr-v2',
  summary: 'Two drawings of one molecule, in other hands, styles and scans, through one residual CNN and a head of three layers under NT-Xent.',
  references: ['Chen et al. 2020, arXiv:2006.10029 (SimCLR v2)'],
  towers: first.towers.map((tower) => ({ ...tower, projection: { layers: 3, hidden: 512 } })),
});
