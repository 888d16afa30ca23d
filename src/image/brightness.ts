/** How bright the pixels of many images are, under even light; from a sample that stays of one size, however many there are. */
import { createRng } from '../core/index.ts';
import { GRID } from './illumination.ts';
import type { Illumination } from './illumination.ts';
import type { Channel } from './site.ts';

/** Half a million pixels: a few hundred lie above the 99.9th percentile. */
const CAPACITY = 2 ** 19;

/** Pixels of one channel with the place of each, as the light is not known before the last image was seen. */
export class BrightnessSample {
  private readonly values = new Uint16Array(CAPACITY);
  /** Cell of the grid of the light. */
  private readonly cells = new Uint16Array(CAPACITY);
  private readonly rng = createRng(1);
  private size = 0;
  /** One pixel is taken of so many. */
  private stride = 1;

  get isEmpty(): boolean {
    return this.size === 0;
  }

  add({ pixels, height, width }: Channel): void {
    for (let from = 0; from < pixels.length; from += this.stride) {
      // Anywhere within the stride: every fourth pixel would be every fourth column.
      const at = from + (this.stride === 1 ? 0 : Math.floor(this.rng.next() * this.stride));
      if (at >= pixels.length) break;
      if (this.size === CAPACITY) this.thin();
      this.values[this.size] = pixels[at]!;
      const row = Math.floor((Math.floor(at / width) / height) * GRID);
      this.cells[this.size++] = row * GRID + Math.floor(((at % width) / width) * GRID);
    }
  }

  /** Brightness below which each share of the pixels lies. */
  quantiles(shares: readonly number[], illumination: Illumination): number[] {
    const even = Float32Array.from({ length: this.size }, (_, i) => this.values[i]! / illumination[this.cells[i]!]!).sort();
    return shares.map((share) => even[Math.min(even.length - 1, Math.floor(share * even.length))] ?? 0);
  }

  /** Every second one stays. */
  private thin(): void {
    this.size = CAPACITY / 2;
    for (let i = 0; i < this.size; i++) {
      this.values[i] = this.values[2 * i]!;
      this.cells[i] = this.cells[2 * i]!;
    }
    this.stride *= 2;
  }
}

const BINS = 2 ** 16;

/** Of one image, to a 65,536th of its range: the values below which the shares lie. */
export function imageQuantiles(values: Float32Array, shares: readonly number[]): number[] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(high > low)) return shares.map(() => low);
  const counts = new Uint32Array(BINS);
  const step = (high - low) / (BINS - 1);
  const perValue = 1 / step;
  for (let i = 0; i < values.length; i++) counts[((values[i]! - low) * perValue + 0.5) | 0]!++;
  return shares.map((share) => {
    let seen = 0;
    return low + step * counts.findIndex((count) => (seen += count) > share * values.length);
  });
}
