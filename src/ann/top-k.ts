import type { Neighbours } from './define.ts';

/** Keeps the k best (label, score) pairs seen, in a binary min-heap; the order of offers does not matter. */
export class TopK {
  private readonly capacity: number;
  private readonly labels: Int32Array;
  private readonly scores: Float32Array;
  private size = 0;

  constructor(k: number) {
    this.capacity = k;
    this.labels = new Int32Array(k);
    this.scores = new Float32Array(k);
  }

  /** No score below this can enter. */
  get floor(): number {
    return this.size < this.capacity ? Number.NEGATIVE_INFINITY : this.scores[0]!;
  }

  offer(label: number, score: number): void {
    if (this.capacity === 0) return;
    const rounded = Math.fround(score);
    if (this.size < this.capacity) {
      this.labels[this.size] = label;
      this.scores[this.size] = rounded;
      this.up(this.size++);
    } else if (this.isWorse(this.labels[0]!, this.scores[0]!, label, rounded)) {
      this.labels[0] = label;
      this.scores[0] = rounded;
      this.down(0);
    }
  }

  /** Best first. */
  take(): Neighbours {
    const order = Array.from({ length: this.size }, (_, i) => i);
    order.sort((a, b) => this.scores[b]! - this.scores[a]! || this.labels[a]! - this.labels[b]!);
    return { labels: Int32Array.from(order, (i) => this.labels[i]!), scores: Float32Array.from(order, (i) => this.scores[i]!) };
  }

  /** Equal scores: the larger label is worse. */
  private isWorse(labelA: number, scoreA: number, labelB: number, scoreB: number): boolean {
    return scoreA < scoreB || (scoreA === scoreB && labelA > labelB);
  }

  private worseAt(i: number, j: number): boolean {
    return this.isWorse(this.labels[i]!, this.scores[i]!, this.labels[j]!, this.scores[j]!);
  }

  private up(from: number): void {
    let i = from;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.worseAt(i, parent)) return;
      this.swap(i, parent);
      i = parent;
    }
  }

  private down(from: number): void {
    let i = from;
    for (;;) {
      let worst = i;
      const left = 2 * i + 1;
      if (left < this.size && this.worseAt(left, worst)) worst = left;
      if (left + 1 < this.size && this.worseAt(left + 1, worst)) worst = left + 1;
      if (worst === i) return;
      this.swap(i, worst);
      i = worst;
    }
  }

  private swap(i: number, j: number): void {
    const label = this.labels[i]!;
    const score = this.scores[i]!;
    this.labels[i] = this.labels[j]!;
    this.scores[i] = this.scores[j]!;
    this.labels[j] = label;
    this.scores[j] = score;
  }
}
