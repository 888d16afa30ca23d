/** Exact ranks in a gallery whose rows belong to classes (the skeletons of molecules): a class is as near as its nearest row. */
import { setImmediate as breathe } from 'node:timers/promises';
import { matrixOf, rowOf } from '../core/index.ts';
import type { Matrix } from '../core/index.ts';
import { plainProducts } from './products.ts';
import type { Products } from './products.ts';

export interface Gallery {
  /** Unit vectors. */
  readonly vectors: Matrix;
  /** Class of each row, 0 to classes - 1. */
  readonly classOf: Int32Array;
  readonly classes: number;
}

/** A block of queries meets the gallery piece by piece, so that neither the products nor what is copied grows with the gallery. */
const QUERIES = 256;
const PIECE_ROWS = 4096;
/** Cosines nearer than this are equal: the same molecule in two batches differs in the last digits. */
const EQUAL = 1e-6;

/**
 * Rank of each query's wanted class among all, best cosine first, equal ones at their mean rank.
 * queries: (n, D), unit vectors; wanted: (n).
 */
export async function rankClasses(gallery: Gallery, queries: Matrix, wanted: Int32Array, products: Products = plainProducts, onDone: (done: number) => void = () => {}): Promise<number[]> {
  const sorted = sortByClass(gallery);
  const ranks: number[] = [];
  for (let from = 0; from < queries.rows; from += QUERIES) {
    const to = Math.min(from + QUERIES, queries.rows);
    const block = matrixOf(queries.data.subarray(from * queries.cols, to * queries.cols), queries.cols);
    const own = Float64Array.from({ length: to - from }, (_, q) => bestOf(sorted, rowOf(block, q), wanted[from + q]!));
    const counts = new Counts(own);
    for (const piece of sorted.pieces) counts.add(products(block, piece.vectors), piece);
    ranks.push(...counts.ranks());
    onDone(to);
    await breathe();
  }
  return ranks;
}

/** Rows of whole classes, one class after the other. */
interface Piece {
  readonly vectors: Matrix;
  /** Where each class ends, in rows of the piece. */
  readonly ends: Int32Array;
}

interface SortedGallery {
  readonly vectors: Matrix;
  /** (classes + 1): the rows of class c are [starts[c], starts[c + 1]). */
  readonly starts: Int32Array;
  readonly pieces: readonly Piece[];
}

function sortByClass({ vectors, classOf, classes }: Gallery): SortedGallery {
  const starts = new Int32Array(classes + 1);
  for (const number of classOf) starts[number + 1]!++;
  for (let c = 0; c < classes; c++) starts[c + 1]! += starts[c]!;
  const next = starts.slice(0, classes);
  const data = new Float32Array(vectors.data.length);
  classOf.forEach((number, row) => data.set(rowOf(vectors, row), next[number]!++ * vectors.cols));
  const sorted = matrixOf(data, vectors.cols);
  const pieces: Piece[] = [];
  for (let first = 0; first < classes;) {
    let last = first + 1;
    while (last < classes && starts[last + 1]! - starts[first]! <= PIECE_ROWS) last++;
    const begin = starts[first]!;
    pieces.push({ vectors: matrixOf(data.subarray(begin * vectors.cols, starts[last]! * vectors.cols), vectors.cols), ends: starts.slice(first + 1, last + 1).map((end) => end - begin) });
    first = last;
  }
  return { vectors: sorted, starts, pieces };
}

/** Largest cosine of a query with a row of the class. */
function bestOf({ vectors, starts }: SortedGallery, query: Float32Array, wanted: number): number {
  let best = -2;
  for (let row = starts[wanted]!; row < starts[wanted + 1]!; row++) {
    let sum = 0;
    for (let d = 0, at = row * vectors.cols; d < query.length; d++) sum += query[d]! * vectors.data[at + d]!;
    best = Math.max(best, sum);
  }
  return best;
}

/** How many classes are nearer to each query of a block than its own, and how many are as near. */
class Counts {
  private readonly own: Float64Array;
  private readonly better: Int32Array;
  private readonly equal: Int32Array;

  constructor(own: Float64Array) {
    this.own = own;
    this.better = new Int32Array(own.length);
    this.equal = new Int32Array(own.length);
  }

  /** scores: (queries, rows of the piece) */
  add(scores: Float32Array, { ends }: Piece): void {
    const rows = ends.at(-1)!;
    for (let q = 0; q < this.own.length; q++) {
      const high = this.own[q]! + EQUAL;
      const low = this.own[q]! - EQUAL;
      let better = 0;
      let equal = 0;
      for (let c = 0, at = q * rows; c < ends.length; c++) {
        const end = q * rows + ends[c]!;
        let best = scores[at++]!;
        for (; at < end; at++) if (scores[at]! > best) best = scores[at]!;
        if (best > high) better++;
        else if (best >= low) equal++;
      }
      this.better[q]! += better;
      this.equal[q]! += equal;
    }
  }

  ranks(): number[] {
    return Array.from(this.better, (better, q) => 1 + better + (this.equal[q]! - 1) / 2);
  }
}
