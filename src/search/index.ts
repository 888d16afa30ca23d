export type { ItemFailure, SearchHit, SearchOptions, SearchOutcome, SearchQuery, SearchResult } from './define.ts';
export { SearchEngine } from './engine.ts';
export type { SearchDependencies } from './engine.ts';
export type { Embedded } from './towers.ts';
export { warningText } from './warnings.ts';
