import { createHash } from 'node:crypto';
import { IsoLensError } from '../core/index.ts';
import type { Matrix } from '../core/index.ts';
import type { Bitset } from './bitset.ts';
import type { LoadOptions, Neighbours } from './define.ts';
import { TopK } from './top-k.ts';

/** Rows this close to unit length are kept bit for bit, so that the caller's own copy stays the one the index was built over. */
const KEPT_TOLERANCE = 1e-6;
/** |norm - 1| up to this counts as unit length: float32 rounding over some thousand dimensions stays below it. */
const UNIT_TOLERANCE = 1e-4;

/**
 * The unit vectors of an index, one row a label, with the labels that were deleted. Every backend keeps one: it is what
 * exact search, re-scoring and duplicate detection read.
 */
export class VectorTable {
  readonly dimension: number;
  private data: Float32Array;
  private rows: number;
  private readonly gone = new Set<number>();

  /** `adopted` is shared, not copied; its rows are checked to be of unit length unless that is proven. */
  constructor(dimension: number, adopted?: Matrix, { isProven = false }: LoadOptions = {}) {
    if (!Number.isInteger(dimension) || dimension < 1) {
      throw new IsoLensError('ARGUMENT_INVALID', `Expected a dimension of at least 1 but received ${dimension}.`);
    }
    this.dimension = dimension;
    this.data = adopted?.data ?? new Float32Array(0);
    this.rows = adopted?.rows ?? 0;
    if (adopted !== undefined && !isProven) assertUnitRows(adopted);
  }

  get count(): number {
    return this.rows;
  }

  get deleted(): ReadonlySet<number> {
    return this.gone;
  }

  get live(): number {
    return this.rows - this.gone.size;
  }

  row(label: number): Float32Array {
    this.assertLabel(label);
    return this.data.subarray(label * this.dimension, (label + 1) * this.dimension);
  }

  /** Copies rows in at unit length; all or nothing. Returns the first label. */
  append(vectors: Matrix): number {
    const first = this.rows;
    const unit = unitRows(vectors, this.dimension, first);
    this.reserve(first + vectors.rows);
    this.data.set(unit, first * this.dimension);
    this.rows += vectors.rows;
    return first;
  }

  delete(label: number): void {
    this.assertLabel(label);
    this.gone.add(label);
  }

  isLive(label: number, filter: Bitset | undefined): boolean {
    return !this.gone.has(label) && (filter === undefined || filter.has(label));
  }

  /** A unit copy of a query. */
  unitQuery(query: Float32Array): Float32Array {
    if (query.length !== this.dimension) throw wrongDimension(this.dimension, query.length);
    const unit = new Float32Array(this.dimension);
    copyScaled(query, 0, unit, 0, this.dimension, 1 / usableNorm(query, 0, this.dimension, 'the query'));
    return unit;
  }

  /** Cosine of one row and a unit query. */
  score(query: Float32Array, label: number): number {
    return dotAt(this.data, label * this.dimension, query, this.dimension);
  }

  /** Compares with every live row that passes the filter. */
  exact(query: Float32Array, k: number, filter: Bitset | undefined): Neighbours {
    const best = new TopK(Math.min(k, this.live));
    const everything = filter === undefined && this.gone.size === 0;
    for (let label = 0; label < this.rows; label++) {
      if (!everything && !this.isLive(label, filter)) continue;
      const score = dotAt(this.data, label * this.dimension, query, this.dimension);
      if (score >= best.floor) best.offer(label, score);
    }
    return best.take();
  }

  /** Of the bytes of all rows: ties an index file to the vectors it was built over. */
  sha256(): string {
    return createHash('sha256').update(new Uint8Array(this.data.buffer, this.data.byteOffset, this.rows * this.dimension * 4)).digest('hex');
  }

  private reserve(rows: number): void {
    if (rows * this.dimension <= this.data.length) return;
    const grown = new Float32Array(Math.max(rows, Math.ceil((this.data.length / this.dimension) * 1.5), 1024) * this.dimension);
    grown.set(this.data.subarray(0, this.rows * this.dimension));
    this.data = grown;
  }

  private assertLabel(label: number): void {
    if (!Number.isInteger(label) || label < 0 || label >= this.rows) {
      throw new IsoLensError('NOT_FOUND', `Expected a label from 0 to ${this.rows - 1} but received ${label}.`);
    }
  }
}

/** A copy at unit length; refuses all where one row is zero or not finite. first: the number of the first row, for messages. */
export function unitRows({ data, rows, cols }: Matrix, dimension: number, first: number): Float32Array {
  if (cols !== dimension) throw wrongDimension(dimension, cols);
  const unit = new Float32Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    const norm = usableNorm(data, r * cols, cols, `row ${first + r}`);
    copyScaled(data, r * cols, unit, r * cols, cols, Math.abs(norm - 1) <= KEPT_TOLERANCE ? 1 : 1 / norm);
  }
  return unit;
}

/** Refuses k that is no positive integer. */
export function assertK(k: number): void {
  if (!Number.isInteger(k) || k < 1) throw new IsoLensError('ARGUMENT_INVALID', `Expected k to be an integer of at least 1 but received ${k}.`);
}

/** Four accumulators, because one would wait for each addition to finish. */
function dotAt(data: Float32Array, offset: number, query: Float32Array, dimension: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < dimension; i += 4) {
    a += data[offset + i]! * query[i]!;
    b += data[offset + i + 1]! * query[i + 1]!;
    c += data[offset + i + 2]! * query[i + 2]!;
    d += data[offset + i + 3]! * query[i + 3]!;
  }
  for (; i < dimension; i++) a += data[offset + i]! * query[i]!;
  return a + b + c + d;
}

function copyScaled(from: Float32Array, fromOffset: number, to: Float32Array, toOffset: number, length: number, scale: number): void {
  for (let i = 0; i < length; i++) to[toOffset + i] = from[fromOffset + i]! * scale;
}

function usableNorm(data: Float32Array, offset: number, dimension: number, what: string): number {
  let sum = 0;
  for (let i = 0; i < dimension; i++) sum += data[offset + i]! * data[offset + i]!;
  if (sum > 0 && Number.isFinite(sum)) return Math.sqrt(sum);
  const found = sum === 0 ? 'only zeros' : 'NaN or infinity';
  throw new IsoLensError('VECTOR_INVALID', `Expected finite numbers, not all zero, in ${what} but received ${found}; a cosine is not defined for it.`);
}

function assertUnitRows(vectors: Matrix): void {
  for (let r = 0; r < vectors.rows; r++) {
    const norm = usableNorm(vectors.data, r * vectors.cols, vectors.cols, `row ${r}`);
    if (Math.abs(norm - 1) > UNIT_TOLERANCE) {
      throw new IsoLensError('INDEX_CORRUPT', `Expected stored vectors of unit length but row ${r} has length ${norm.toFixed(6)}; build the index again.`);
    }
  }
}

function wrongDimension(expected: number, received: number): IsoLensError {
  return new IsoLensError('VECTOR_INVALID', `Expected a vector of ${expected} numbers but received ${received}; it comes from another model.`);
}
