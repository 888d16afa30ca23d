/** What convolution and pooling share: windows over (N, C, H, W). */
import * as z from 'zod';
import { expectShape } from '../define.ts';
import type { Dim, Shape } from '../dims.ts';

export const pair = z.tuple([z.int().positive(), z.int().positive()]);
/** Top, left, bottom, right. */
export const pads = z.tuple([z.int().min(0), z.int().min(0), z.int().min(0), z.int().min(0)]);

export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
}

/** (P, Q) of a window over an image whose height and width are numbers. */
export function windowOutput(shape: Shape, { kernel, strides, pads: [top, left, bottom, right] }: Window): [Dim, Dim] {
  const [height, width] = [shape[2], shape[3]];
  expectShape(typeof height === 'number' && typeof width === 'number', 'a height and a width that are numbers');
  const p = Math.floor((height + top + bottom - kernel[0]) / strides[0]) + 1;
  const q = Math.floor((width + left + right - kernel[1]) / strides[1]) + 1;
  expectShape(p >= 1 && q >= 1, `a window ${kernel[0]}x${kernel[1]} that fits the padded image`);
  return [p, q];
}
