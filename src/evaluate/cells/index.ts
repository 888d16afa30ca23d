export { cellsFact, cellsTable } from './report.ts';
export { cellsRetrieval } from './retrieval.ts';
export type { CellsFold, CellsRow } from './retrieval.ts';
export { SYNTHETIC_CHANNELS, TRAITS, perfectRetrieval, phenotypes, renderSite, shownPhenotype } from './synthetic.ts';
export type { SparseCounts } from './synthetic.ts';
