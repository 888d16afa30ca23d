import { exactOver } from '../ann/index.ts';
import type { NeighbourOptions, Neighbours, VectorIndex } from '../ann/index.ts';
import type { Matrix } from '../core/index.ts';

export interface NearestOptions extends NeighbourOptions {
  /** Compares with every vector. */
  readonly exact?: boolean | undefined;
}

/** The library's molecules as one tower sees them. */
export class Gallery {
  readonly tower: string;
  /** (count, dimension), unit rows; shared with the index, not to be written to. */
  readonly vectors: Matrix;
  readonly index: VectorIndex;
  private exactIndex: VectorIndex | undefined;

  constructor(tower: string, vectors: Matrix, index: VectorIndex) {
    this.tower = tower;
    this.vectors = vectors;
    this.index = index;
  }

  /** By the graph; where a filter leaves little of it, by every allowed row. */
  nearest(vector: Float32Array, k: number, { exact = false, filter, efSearch }: NearestOptions = {}): Neighbours {
    if (!exact && filter === undefined) return this.index.search(vector, k, { efSearch });
    return (this.exactIndex ??= exactOver(this.vectors)).search(vector, k, { filter });
  }
}
