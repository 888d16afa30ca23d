export { cellsTable } from './report.ts';
export { cellsRetrieval } from './retrieval.ts';
export type { CellsFold, CellsRow } from './retrieval.ts';
