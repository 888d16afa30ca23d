import { drawingStructure } from './drawing-structure.ts';
import { defineRecipe } from './define.ts';

const [drawing] = drawingStructure.towers;
const view = { ...drawing!, projection: { layers: 2, hidden: 512 } } as const;

/** SimCLR on drawings: a molecule drawn twice, in other hands and styles and scanned anew, through one encoder with a head of two layers. */
export const simclr = defineRecipe({
  id: 'simclr',
  summary: 'Two drawings of one molecule, in other hands, styles and scans, through one residual CNN under NT-Xent.',
  references: ['Chen et al. 2020, arXiv:2002.05709 (SimCLR)', 'Chen et al. 2020, arXiv:2006.10029 (v2: a deeper head)'],
  towers: [{ ...view, name: 'drawing' }, { ...view, name: 'view', weightsOf: 'drawing' }],
  embeddingDimension: 128,
  losses: [{ objective: 'nt-xent', config: { temperature: 0.1 }, between: ['drawing', 'view'] }],
  sources: drawingStructure.sources,
  pictures: drawingStructure.pictures,
  validationMolecules: 2000,
  training: drawingStructure.training,
});
