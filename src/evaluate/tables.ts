/** Features of a list of molecules in flat arrays, so that a query meets many thousand candidates in a few milliseconds. */
import type { Similarities } from './define.ts';

/** Unit vectors, compared by their cosine. Rows come in any order; the width shows with the first. */
export class VectorTable implements Similarities {
  readonly count: number;
  failed: number;
  private data = new Float32Array(0);
  private width = 0;
  private readonly known: Uint8Array;

  constructor(count: number) {
    this.count = count;
    this.failed = count;
    this.known = new Uint8Array(count);
  }

  set(index: number, vector: Float32Array): void {
    if (this.width === 0) {
      this.width = vector.length;
      this.data = new Float32Array(this.count * this.width);
    }
    this.data.set(vector, index * this.width);
    this.failed -= this.known[index] === 0 ? 1 : 0;
    this.known[index] = 1;
  }

  isKnown(item: number): boolean {
    return this.known[item] === 1;
  }

  between(a: number, b: number): number {
    return this.known[a] === 1 && this.known[b] === 1 ? this.product(a, b) : -1;
  }

  /** Four sums, because one would wait for each addition to finish. */
  product(a: number, b: number): number {
    const { data, width } = this;
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    let i = a * width;
    let j = b * width;
    const end = i + width - 3;
    for (; i < end; i += 4, j += 4) {
      s0 += data[i]! * data[j]!;
      s1 += data[i + 1]! * data[j + 1]!;
      s2 += data[i + 2]! * data[j + 2]!;
      s3 += data[i + 3]! * data[j + 3]!;
    }
    for (; i < end + 3; i++, j++) s0 += data[i]! * data[j]!;
    return s0 + s1 + s2 + s3;
  }
}

/** Packed fingerprints as 32-bit words, compared by their Tanimoto similarity. */
export class BitTable implements Similarities {
  readonly count: number;
  failed: number;
  /** (count, perItem) */
  private readonly words: Int32Array;
  private readonly perItem: number;
  /** Bits set; -1 for what could not be read. */
  private readonly sizes: Int32Array;

  constructor(count: number, bits: number) {
    this.count = count;
    this.failed = count;
    this.perItem = Math.ceil(bits / 32);
    this.words = new Int32Array(count * this.perItem);
    this.sizes = new Int32Array(count).fill(-1);
  }

  set(index: number, packed: Uint8Array): void {
    new Uint8Array(this.words.buffer).set(packed, index * this.perItem * 4);
    this.failed -= this.sizes[index]! < 0 ? 1 : 0;
    this.sizes[index] = this.product(index, index);
  }

  isKnown(item: number): boolean {
    return this.sizes[item]! >= 0;
  }

  between(a: number, b: number): number {
    const own = this.sizes[a]!;
    const other = this.sizes[b]!;
    if (own < 0 || other < 0) return 0;
    const both = this.product(a, b);
    const either = own + other - both;
    return either === 0 ? 0 : both / either;
  }

  /** Bits that both have. */
  product(a: number, b: number): number {
    const { words, perItem } = this;
    let count = 0;
    for (let w = 0, i = a * perItem, j = b * perItem; w < perItem; w++, i++, j++) count += bitsOf(words[i]! & words[j]!);
    return count;
  }
}

/** Count vectors, compared by a b / (a a + b b - a b). */
export class CountTable implements Similarities {
  readonly count: number;
  failed: number;
  private readonly data: Uint8Array;
  private readonly width: number;
  /** Squared lengths; -1 for what could not be read. */
  private readonly sizes: Float64Array;

  constructor(count: number, width: number) {
    this.count = count;
    this.failed = count;
    this.width = width;
    this.data = new Uint8Array(count * width);
    this.sizes = new Float64Array(count).fill(-1);
  }

  set(index: number, counts: Uint8Array): void {
    this.data.set(counts, index * this.width);
    this.failed -= this.sizes[index]! < 0 ? 1 : 0;
    this.sizes[index] = this.product(index, index);
  }

  isKnown(item: number): boolean {
    return this.sizes[item]! >= 0;
  }

  between(a: number, b: number): number {
    const own = this.sizes[a]!;
    const other = this.sizes[b]!;
    if (own < 0 || other < 0) return 0;
    const both = this.product(a, b);
    const either = own + other - both;
    return either === 0 ? 0 : both / either;
  }

  product(a: number, b: number): number {
    const { data, width } = this;
    let sum = 0;
    for (let w = 0, i = a * width, j = b * width; w < width; w++, i++, j++) sum += data[i]! * data[j]!;
    return sum;
  }
}

/** Bits set in a 32-bit word. */
function bitsOf(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
