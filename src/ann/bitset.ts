/** A fixed-size set of labels, 32 to a word; the form in which filters reach an index. */
export class Bitset {
  readonly size: number;
  private readonly words: Uint32Array;

  constructor(size: number) {
    this.size = size;
    this.words = new Uint32Array((size + 31) >>> 5);
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
