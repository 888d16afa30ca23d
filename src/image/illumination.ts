/**
 * Uneven light: microscopes lay more of it on the middle of a field than on its corners. What all images of a plate have in common is no
 * cell, so their mean, smoothed, is that light, and every image is divided by it (Singh et al. 2014, doi:10.1111/jmi.12178; Bray et al. 2016,
 * doi:10.1038/nprot.2016.105).
 */
import { resample } from './resample.ts';
import type { Channel } from './site.ts';

/** Cells of the reduced image along each side: the light has no detail finer than what is left after smoothing. */
export const GRID = 64;
/** Standard deviation of the smoothing, in sides of the image. */
const BLUR = 0.1;
/** Degree of the surface: of many images the fourth, which follows the cos^4 law of lenses; of few, whose cells still show, a paraboloid. */
const DEGREES = { few: 2, many: 4 } as const;
const MANY = 300;
/** Of the mean: where there is less light than that, an image holds noise. */
const LEAST = 0.1;

/** (GRID, GRID) over the whole image, whatever its size: the light, of mean 1. */
export type Illumination = Float32Array;

/** Sums the images of one channel of one plate. */
export class IlluminationSum {
  private readonly sum = new Float64Array(GRID * GRID);
  private count = 0;

  add({ pixels, height, width }: Channel): void {
    const reduced = resample(pixels, height, width, GRID, GRID);
    for (let i = 0; i < reduced.length; i++) this.sum[i]! += reduced[i]!;
    this.count++;
  }

  /** Even light where nothing was added, and where all is dark. */
  illumination(): Illumination {
    const mean = meanOf(this.sum);
    if (this.count === 0 || !(mean > 0)) return new Float32Array(GRID * GRID).fill(1);
    // A blur takes light that falls off to an edge for brighter there: it smooths what a simple surface leaves.
    const bowl = surface(this.sum, this.count < MANY ? DEGREES.few : DEGREES.many).map((value) => Math.max(LEAST * mean, value));
    const weights = gaussian(GRID, BLUR * GRID);
    const rest = transposed(along(transposed(along(this.sum.map((value, i) => value / bowl[i]!), weights)), weights));
    const light = rest.map((value, i) => value * bowl[i]!);
    const level = meanOf(light);
    return Float32Array.from(light, (value) => Math.max(LEAST, value / level));
  }
}

/** A channel under even light: (height, width), of the same mean brightness. */
export function evenOut({ pixels, height, width }: Channel, illumination: Illumination): Float32Array {
  const light = resample(illumination, GRID, GRID, height, width);
  for (let i = 0; i < light.length; i++) light[i] = pixels[i]! / light[i]!;
  return light;
}

/** The nearest surface of that degree, by least squares. */
function surface(square: Float64Array, degree: number): Float64Array {
  const basis = polynomials(GRID, degree);
  const out = new Float64Array(square.length);
  for (const [i, across] of basis.entries()) {
    for (const down of basis.slice(0, degree - i + 1)) {
      const shape = out.map((_, at) => across[at % GRID]! * down[Math.floor(at / GRID)]!);
      const weight = shape.reduce((sum, value, at) => sum + value * square[at]!, 0);
      for (let at = 0; at < out.length; at++) out[at]! += weight * shape[at]!;
    }
  }
  return out;
}

/** Of degrees 0 to `degree` on `size` points, of length 1 and orthogonal (Gram-Schmidt): each is fitted by itself. */
function polynomials(size: number, degree: number): Float64Array[] {
  const found: Float64Array[] = [];
  for (let k = 0; k <= degree; k++) {
    const own = Float64Array.from({ length: size }, (_, i) => ((2 * i) / (size - 1) - 1) ** k);
    for (const before of found) {
      const share = own.reduce((sum, value, i) => sum + value * before[i]!, 0);
      for (let i = 0; i < size; i++) own[i]! -= share * before[i]!;
    }
    const length = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    found.push(own.map((value) => value / length));
  }
  return found;
}

/** Weights (size, size) of a blur along a line, cut off at its ends; those of each output sum to 1. */
function gaussian(size: number, sigma: number): Float64Array {
  const out = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const own = Array.from({ length: size }, (_, j) => Math.exp(-((j - i) ** 2) / (2 * sigma * sigma)));
    const total = own.reduce((sum, weight) => sum + weight, 0);
    out.set(own.map((weight) => weight / total), i * size);
  }
  return out;
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Every row of a square by the weights. */
function along(square: Float64Array, weights: Float64Array): Float64Array {
  const size = Math.sqrt(square.length);
  const out = new Float64Array(square.length);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += weights[x * size + k]! * square[y * size + k]!;
      out[y * size + x] = sum;
    }
  }
  return out;
}

function transposed(square: Float64Array): Float64Array {
  const size = Math.sqrt(square.length);
  return square.map((_, i) => square[(i % size) * size + Math.floor(i / size)]!);
}
