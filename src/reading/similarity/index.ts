export { PathCounter } from './paths.ts';
export type { PathCounts } from './paths.ts';
export { graphOfSmiles } from './smiles.ts';
export { ReadingTable, ReadingTableBuilder } from './table.ts';
export type { Neighbour, QueryCounts, TableColumns } from './table.ts';
export { READINGS_FILE, READING_TABLE_VERSION, decodeTable, encodeTable, tableParts } from './table-file.ts';
export { largerFragments, largestFragment, typedGraph } from './typed-graph.ts';
export type { KekuleGraph, TypedGraph } from './typed-graph.ts';
