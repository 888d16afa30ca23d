import { damagedGraph } from './damaged-graph.ts';
import { defineRecipe } from './define.ts';
import { treatedCells, treatedSite } from './treated-cells.ts';

const graph = { modality: 'graph', encoder: 'gin', encoderConfig: 'base', projection: damagedGraph.projection } as const;

/**
 * Three of the published losses, of equal weight: contrast of graph and image, whether the two belong together (negatives are hard ones of
 * the batch), and the attributes of masked atoms, predicted by the encoder of graphs. The fourth, which generates an embedding of one side
 * from the other's by a variational model, is left out. Bonds are not masked, and every attribute of a masked atom is. The CNN is smaller,
 * sees 128 pixels, and learns from nothing. The table and the schedule are those of `cloome`; sites of one compound are strangers here too.
 */
export const miga = defineRecipe({
  ...treatedCells,
  id: 'miga',
  summary: 'A site of treated cells and the graph of what they were treated with: CNN and GIN under CLIP, matching of hard pairs, and masked atoms.',
  references: ['Zheng et al. 2022, doi:10.1101/2022.06.05.494905 (MIGA)', 'Hu et al. 2020, arXiv:1905.12265 (masked attributes)'],
  towers: [
    treatedSite,
    { ...graph, name: 'structure' },
    { ...graph, name: 'masked', weightsOf: 'structure', augmentation: { maskAtoms: 0.15, varyValidation: true } },
  ],
  losses: [
    { objective: 'clip', config: { temperature: 0.1 }, between: ['cells', 'structure'] },
    { objective: 'matching', between: ['cells', 'structure'] },
  ],
  auxiliary: [{ id: 'masked-atoms', tower: 'masked', whole: 'structure', weight: 1 }],
});
