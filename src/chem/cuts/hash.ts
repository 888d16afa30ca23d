/** Hashes of 53 bits in plain numbers: exact as integers, good as map keys, and wide enough for tens of millions of them. */
const HIGH = 0x1_0000_0000;

/** Mixes `value` (an integer below 2^53) into `seed`. Order matters; sort first where it must not. */
export function combine(seed: number, value: number): number {
  let low = (seed >>> 0) ^ Math.imul(value >>> 0, 0xcc9e2d51);
  let high = Math.floor(seed / HIGH) ^ Math.imul(Math.floor(value / HIGH), 0x1b873593);
  low = finish(low + Math.imul(high, 0x85ebca6b) + 0x9e3779b9);
  high = finish(high + Math.imul(low, 0xc2b2ae35) + 0x7f4a7c15);
  return (high & 0x1fffff) * HIGH + low;
}

/** Murmur3's last step: every bit of the input reaches every bit of the output. */
function finish(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Hash of a bag of hashes; sorts it in place. */
export function combineBag(seed: number, bag: number[]): number {
  if (bag.length > 1) bag.sort(ascending);
  let hash = combine(seed, bag.length);
  for (const value of bag) hash = combine(hash, value);
  return hash;
}

export function combineText(seed: number, text: string): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = combine(hash, text.charCodeAt(i));
  return hash;
}

/** Folded to 32 bits, where a column of them is stored. */
export function fold32(hash: number): number {
  return ((hash >>> 0) ^ Math.floor(hash / HIGH)) >>> 0;
}

export function ascending(a: number, b: number): number {
  return a - b;
}
