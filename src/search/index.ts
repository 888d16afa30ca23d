export { SEARCH_MODES } from './define.ts';
export type { ItemFailure, SearchHit, SearchMode, SearchOptions, SearchOutcome, SearchQuery, SearchResult } from './define.ts';
export { SearchEngine } from './engine.ts';
export type { SearchDependencies } from './engine.ts';
export type { Embedded } from './towers.ts';
export { parseWindow } from './filters.ts';
export type { FilterStep, SearchFilters } from './filters.ts';
export type { Reason } from './reasons.ts';
export { warningText } from './warnings.ts';
