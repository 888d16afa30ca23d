import { defineRecipe } from './define.ts';
import { drawingStructure } from './drawing-structure.ts';

/** The same towers under CLOOME's objective. */
export const drawingStructureLoob = defineRecipe({
  ...drawingStructure,
  id: 'drawing-structure-loob',
  summary: 'The towers of drawing-structure under InfoLOOB with Hopfield retrieval, the objective of CLOOB and CLOOME.',
  references: ['Fürst et al. 2022, arXiv:2110.11316 (CLOOB)', 'Sanchez-Fernandez et al. 2023, doi:10.1038/s41467-023-42328-w (CLOOME)'],
  losses: [{ objective: 'info-loob', config: { hopfield: true }, between: ['drawing', 'structure'] }],
});
