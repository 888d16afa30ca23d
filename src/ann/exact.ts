import * as z from 'zod';
import type { Matrix } from '../core/index.ts';
import { defineBackend } from './define.ts';
import type { IndexStats, NeighbourOptions, Neighbours, VectorIndex } from './define.ts';
import { corrupt, readHeader, writeHeader } from './header.ts';
import { VectorTable, assertK } from './vector-table.ts';

class ExactIndex implements VectorIndex {
  private readonly table: VectorTable;

  constructor(table: VectorTable) {
    this.table = table;
  }

  get dimension(): number {
    return this.table.dimension;
  }

  get count(): number {
    return this.table.count;
  }

  add(vectors: Matrix): number {
    return this.table.append(vectors);
  }

  delete(label: number): void {
    this.table.delete(label);
  }

  vector(label: number): Float32Array {
    return this.table.row(label);
  }

  search(query: Float32Array, k: number, options: NeighbourOptions = {}): Neighbours {
    assertK(k);
    return this.table.exact(this.table.unitQuery(query), k, options.filter);
  }

  stats(): IndexStats {
    return { backend: exact.id, dimension: this.dimension, count: this.count, deleted: this.table.deleted.size, duplicates: 0, parameters: {} };
  }

  save(path: string): Promise<string[]> {
    const { dimension, count } = this;
    return writeHeader(path, { backend: exact.id, dimension, count, parameters: {}, vectorsSha256: this.table.sha256(), deleted: [...this.table.deleted], duplicates: [] }, false);
  }
}

/** The oracle: every other backend is judged by what this one finds. */
export const exact = defineBackend({
  id: 'exact',
  summary: 'Compares the query with every vector; never misses.',
  references: [],
  parameters: z.strictObject({}),
  create: (dimension) => new ExactIndex(new VectorTable(dimension)),
  load: async (path, vectors, options = {}) => {
    const header = await readHeader(path, exact.id, options);
    if (header.dimension !== vectors.cols || header.count !== vectors.rows) throw corrupt(path, `it describes ${header.count} x ${header.dimension} vectors, not ${vectors.rows} x ${vectors.cols}`);
    const table = new VectorTable(vectors.cols, vectors, options);
    if (options.isProven !== true && table.sha256() !== header.vectorsSha256) throw corrupt(path, 'it was built over other vectors');
    for (const label of header.deleted) table.delete(label);
    return new ExactIndex(table);
  },
});

/** Exact search over vectors that another index holds already; nothing is copied. */
export function exactOver(vectors: Matrix): VectorIndex {
  return new ExactIndex(new VectorTable(vectors.cols, vectors));
}
