/**
 * What is compared, as 16-bit keys. Everything stands twice: by elements alone, which survive a lost neighbour or a wrong bond
 * order, and by types (element, degree, unsaturation), which tell molecules apart.
 */
import type { TypedGraph } from './typed-graph.ts';

/** Number of keys. */
export const KEYS = 1 << 16;

const [ELEMENT, TYPE, BOND, TYPED_BOND, PATH3, TYPED_PATH3, PATH4, TYPED_PATH4, STAR, RING] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const;
const [MOST_NEIGHBOURS, MOST_UNSATURATION] = [7, 3] as const;

/** Element, degree and unsaturation in 13 bits. */
export function typeOf(element: number, degree: number, unsaturation: number): number {
  return (element << 5) | (Math.min(MOST_NEIGHBOURS, degree) << 2) | Math.min(MOST_UNSATURATION, unsaturation);
}

export function elementOf(type: number): number {
  return type >> 5;
}

/** (atoms) */
export function typesOf({ element, unsaturation, offset }: TypedGraph): Uint32Array {
  return Uint32Array.from(element, (number, a) => typeOf(number, offset[a + 1]! - offset[a]!, unsaturation[a]!));
}

function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** The last rounds of MurmurHash3, so that the low bits depend on all. */
function finish(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const whole = Math.imul(half ^ (half >>> 13), 0xc2b2ae35);
  return (whole ^ (whole >>> 16)) & (KEYS - 1);
}

function two(kind: number, a: number, b: number): number {
  return finish(a < b ? mix(mix(kind, a), b) : mix(mix(kind, b), a));
}

function three(kind: number, a: number, b: number, c: number): number {
  return finish(a < c ? mix(mix(mix(kind, a), b), c) : mix(mix(mix(kind, c), b), a));
}

function four(kind: number, a: number, b: number, c: number, d: number): number {
  const forth = a < d || (a === d && b < c);
  return finish(forth ? mix(mix(mix(mix(kind, a), b), c), d) : mix(mix(mix(mix(kind, d), c), b), a));
}

/** Keys from the types of the atoms, in either direction. */
export const keyOf = {
  element: (a: number): number => finish(mix(ELEMENT, elementOf(a))),
  type: (a: number): number => finish(mix(TYPE, a)),
  bond: (a: number, b: number): number => two(BOND, elementOf(a), elementOf(b)),
  typedBond: (a: number, b: number): number => two(TYPED_BOND, a, b),
  path3: (a: number, b: number, c: number): number => three(PATH3, elementOf(a), elementOf(b), elementOf(c)),
  typedPath3: (a: number, b: number, c: number): number => three(TYPED_PATH3, a, b, c),
  path4: (a: number, b: number, c: number, d: number): number => four(PATH4, elementOf(a), elementOf(b), elementOf(c), elementOf(d)),
  typedPath4: (a: number, b: number, c: number, d: number): number => four(TYPED_PATH4, a, b, c, d),
  /** Size of the smallest ring through a bond. */
  ring: (size: number): number => finish(mix(RING, size)),
};

/** An atom of this type among neighbours of the types in `graph`. The sum makes their order not matter. */
export function starKey(type: number, a: number, { offset, neighbour }: TypedGraph, types: Uint32Array): number {
  let sum = 0;
  for (let i = offset[a]!; i < offset[a + 1]!; i++) sum = (sum + Math.imul(mix(mix(STAR, types[neighbour[i]!]!), 0x2c1b3c6d), 0x297a2d39)) | 0;
  return finish(mix(mix(STAR, type), sum));
}
