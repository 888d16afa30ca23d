export { databasePlace, libraryPlace } from './place.ts';
export type { DatabasePlace } from './place.ts';
export { pushBundle } from './push.ts';
export type { PushOptions, PushOutcome } from './push.ts';
export { pullBundle } from './pull.ts';
export type { PullOptions, PullOutcome } from './pull.ts';
export { PostgresLibrary } from './library.ts';
export type { LibraryNearestOptions } from './nearest.ts';
export type { DescriptorRange, LibraryFilters } from './filters.ts';
