/** A fixed-size set of labels, 32 to a word; the form in which filters reach an index. */
export class Bitset {
  readonly size: number;
  /** Label i is bit i % 32 of word i / 32. */
  readonly words: Uint32Array;

  /** words: those of a set of this size, which are used and not copied. */
  constructor(size: number, words: Uint32Array = new Uint32Array((size + 31) >>> 5)) {
    this.size = size;
    this.words = words;
  }

  static of(size: number, labels: Iterable<number>): Bitset {
    const set = new Bitset(size);
    for (const label of labels) set.add(label);
    return set;
  }

  add(label: number): void {
    if (label >= 0 && label < this.size) this.words[label >>> 5]! |= 1 << (label & 31);
  }

  delete(label: number): void {
    if (label >= 0 && label < this.size) this.words[label >>> 5]! &= ~(1 << (label & 31));
  }

  has(label: number): boolean {
    return label >= 0 && label < this.size && (this.words[label >>> 5]! & (1 << (label & 31))) !== 0;
  }

  /** Rising. */
  toRows(): Int32Array {
    const rows = new Int32Array(this.count());
    let at = 0;
    this.words.forEach((word, w) => {
      for (let open = word; open !== 0; open = (open & (open - 1)) >>> 0) rows[at++] = w * 32 + 31 - Math.clz32(open & -open);
    });
    return rows;
  }

  count(): number {
    let total = 0;
    for (const word of this.words) total += popcount(word);
    return total;
  }
}

function popcount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
