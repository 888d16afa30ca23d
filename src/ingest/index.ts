export { defineReader } from './define.ts';
export type { ColumnChoice, LibraryRecord, ReadItem, ReadOptions, ReaderDefinition, RejectedRecord } from './define.ts';
export { parseTable } from './table.ts';
export { READERS, readLibrary, readerFor } from './read.ts';
export type { LibraryReadOptions, LibrarySource, ReaderId } from './read.ts';
export { buildBundle } from './build/build.ts';
export type { BuildBundleOptions, BuildReport } from './build/build.ts';
export { REJECTS_FILE } from './build/assembly.ts';
export { SHARD_RECORDS } from './build/shard.ts';
