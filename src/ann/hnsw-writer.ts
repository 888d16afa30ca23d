/** Builds the files of the `hnsw` backend without the table of vectors beside the graph, which holds them already. */
import { createHash } from 'node:crypto';
import type { Matrix } from '../core/index.ts';
import type { IndexWriter } from './define.ts';
import { DuplicateMap } from './duplicates.ts';
import type { Graph } from './graphs.ts';
import { payloadPath, writeHeader } from './header.ts';
import { unitRows } from './vector-table.ts';

export interface WrittenAs {
  readonly backend: string;
  readonly dimension: number;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export class HnswWriter implements IndexWriter {
  private readonly graph: Graph;
  private readonly as: WrittenAs;
  private readonly duplicates = new DuplicateMap();
  /** Labels of rows that equal an earlier one, ascending: all others are nodes, in order. */
  private readonly repeated: number[] = [];
  /** Of the bytes of all rows: ties the files to the vectors they were built over. */
  private readonly hash = createHash('sha256');
  private rows = 0;

  constructor(graph: Graph, as: WrittenAs) {
    this.graph = graph;
    this.as = as;
  }

  get count(): number {
    return this.rows;
  }

  add(vectors: Matrix): number {
    const { dimension } = this.as;
    const first = this.rows;
    const unit = unitRows(vectors, dimension, first);
    const rowAt = (label: number): Float32Array => unit.subarray((label - first) * dimension, (label - first + 1) * dimension);
    const known = (label: number): Float32Array => (label >= first ? rowAt(label) : this.graph.vector(this.placeOf(label)));
    const labels: number[] = [];
    for (let label = first; label < first + vectors.rows; label++) {
      if (this.duplicates.isDuplicate(label, rowAt(label), known)) this.repeated.push(label);
      else labels.push(label);
    }
    const distinct = new Float32Array(labels.length * dimension);
    labels.forEach((label, i) => distinct.set(rowAt(label), i * dimension));
    this.graph.add(distinct, Int32Array.from(labels));
    this.hash.update(new Uint8Array(unit.buffer));
    this.rows += vectors.rows;
    return first;
  }

  async save(path: string): Promise<string[]> {
    this.graph.save(payloadPath(path));
    const { backend, dimension, parameters } = this.as;
    const vectorsSha256 = this.hash.copy().digest('hex');
    return writeHeader(path, { backend, dimension, count: this.rows, parameters, vectorsSha256, deleted: [], duplicates: this.duplicates.flatten() }, true);
  }

  /** Of a row that is a node. */
  private placeOf(label: number): number {
    let [low, high] = [0, this.repeated.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.repeated[middle]! < label) low = middle + 1;
      else high = middle;
    }
    return label - low;
  }
}
