/** Packed fingerprints: bit i is bit (i & 7) of byte (i >> 3), as RDKit writes them. */

const POPULATION = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

export function popcount(bits: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bits.length; i++) count += POPULATION[bits[i]!]!;
  return count;
}

/** Intersection over union of two packed fingerprints of the same width; 0 where both are empty. */
export function tanimoto(a: Uint8Array, b: Uint8Array): number {
  let both = 0;
  let either = 0;
  for (let i = 0; i < a.length; i++) {
    both += POPULATION[a[i]! & b[i]!]!;
    either += POPULATION[a[i]! | b[i]!]!;
  }
  return either === 0 ? 0 : both / either;
}

export function setBits(bits: Uint8Array): number[] {
  const indices: number[] = [];
  for (let i = 0; i < bits.length * 8; i++) if ((bits[i >> 3]! >> (i & 7)) & 1) indices.push(i);
  return indices;
}
