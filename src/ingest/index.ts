export { defineReader } from './define.ts';
export type { ColumnChoice, LibraryRecord, ReadItem, ReadOptions, ReaderDefinition, RejectedRecord } from './define.ts';
export { READERS, readLibrary, readerFor } from './read.ts';
export type { LibraryReadOptions, LibrarySource, ReaderId } from './read.ts';
