/** What convolution and pooling share: windows over (N, C, H, W). */
import * as z from 'zod';
import { expectShape } from '../define.ts';
import { strideDim } from '../dims.ts';
import type { Dim, Shape } from '../dims.ts';

export const pair = z.tuple([z.int().positive(), z.int().positive()]);
/** Top, left, bottom, right. */
export const pads = z.tuple([z.int().min(0), z.int().min(0), z.int().min(0), z.int().min(0)]);

export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
}

/** (P, Q) of a window over an image. A symbolic height or width stands for multiples of the stride and is divided by it. */
export function windowOutput(shape: Shape, { kernel, strides, pads: [top, left, bottom, right] }: Window): [Dim, Dim] {
  return [alongAxis(shape[2]!, kernel[0], strides[0], top + bottom), alongAxis(shape[3]!, kernel[1], strides[1], left + right)];
}

function alongAxis(size: Dim, kernel: number, stride: number, padding: number): Dim {
  if (typeof size === 'string') {
    // floor((stride m + padding - kernel) / stride) + 1 = m
    expectShape(kernel - stride <= padding && padding < kernel, `a padding with which a window of ${kernel} divides a size that is not known (${size}) by its stride ${stride}`);
    return strideDim(size, stride);
  }
  const windows = Math.floor((size + padding - kernel) / stride) + 1;
  expectShape(windows >= 1, `a window of ${kernel} that fits the padded image`);
  return windows;
}
