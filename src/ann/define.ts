/**
 * What a vector index backend declares. An index holds unit vectors under dense labels 0, 1, 2, ... (the row of the matrix they
 * came from) and finds those with the largest cosine. Scores are always recomputed from the stored vectors, so two backends
 * that find the same rows report the same numbers.
 */
import type * as z from 'zod';
import type { Matrix, Progress } from '../core/index.ts';
import type { Bitset } from './bitset.ts';

export interface NeighbourOptions {
  /** Breadth of an approximate search; backends without it ignore it. */
  readonly efSearch?: number | undefined;
  /** Only labels whose bit is set can be returned. */
  readonly filter?: Bitset | undefined;
}

/** Best first; equal scores in the order of their labels. At most k, fewer where fewer exist. */
export interface Neighbours {
  readonly labels: Int32Array;
  /** Cosines, parallel to `labels`. */
  readonly scores: Float32Array;
}

export interface IndexStats {
  readonly backend: string;
  readonly dimension: number;
  /** Labels ever given. */
  readonly count: number;
  readonly deleted: number;
  /** Rows equal, bit for bit, to an earlier row. */
  readonly duplicates: number;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface VectorIndex {
  readonly dimension: number;
  /** Labels ever given, deleted ones included. */
  readonly count: number;
  /** Appends rows, normalising each; refuses the whole batch where one is zero or not finite. Returns the first new label. */
  add(vectors: Matrix): number;
  /** Deleting twice is no error; a label that was never given is one. */
  delete(label: number): void;
  search(query: Float32Array, k: number, options?: NeighbourOptions): Neighbours;
  /** The stored unit vector; not to be written to. */
  vector(label: number): Float32Array;
  stats(): IndexStats;
  /** Writes `path` and perhaps files named `path.*`; returns all of them. Vectors are not part of them: the caller stores those. */
  save(path: string): Promise<string[]>;
}

/** An index that is built to be saved, and not asked before. */
export type IndexWriter = Pick<VectorIndex, 'count' | 'add' | 'save'>;

export interface LoadOptions {
  /** The files and the vectors were verified, and have not changed since: nothing is hashed. */
  readonly isProven?: boolean;
}

export interface IndexBackend<Id extends string = string, Parameters extends z.ZodObject = z.ZodObject> {
  readonly id: Id;
  readonly summary: string;
  readonly references: readonly string[];
  /** Every field has a default. */
  readonly parameters: Parameters;
  create(dimension: number, parameters: z.output<Parameters>): VectorIndex;
  /** The same files in less memory; where absent, an index of `create` is saved. */
  write?(dimension: number, parameters: z.output<Parameters>): IndexWriter;
  /** Opens what `save` wrote over the same vectors; refuses foreign, truncated or changed files with INDEX_CORRUPT. */
  load(path: string, vectors: Matrix, options?: LoadOptions): Promise<VectorIndex>;
}

export function defineBackend<const Id extends string, Parameters extends z.ZodObject>(backend: IndexBackend<Id, Parameters>): IndexBackend<Id, Parameters> {
  return Object.freeze(backend);
}

const BATCH_ROWS = 256;

/** Creates an index over all rows of a matrix, reporting progress. */
export function buildIndex(backend: IndexBackend, vectors: Matrix, parameters: Readonly<Record<string, unknown>>, progress: Progress): VectorIndex {
  const index = backend.create(vectors.cols, backend.parameters.parse(parameters));
  progress.start(`${backend.id} index`, vectors.rows);
  for (let from = 0; from < vectors.rows; from += BATCH_ROWS) {
    const to = Math.min(from + BATCH_ROWS, vectors.rows);
    index.add({ data: vectors.data.subarray(from * vectors.cols, to * vectors.cols), rows: to - from, cols: vectors.cols });
    progress.update(to);
  }
  progress.finish(`${vectors.rows} vectors`);
  return index;
}
