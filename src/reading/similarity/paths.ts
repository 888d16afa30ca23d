/** Counts of what a molecule is made of: atoms, bonds and short paths, hashed to 16 bits. */
import type { TypedGraph } from './typed-graph.ts';

/** Number of keys. */
export const KEYS = 1 << 16;

/** Keys ascend; counts are of equal length, saturated at 255. */
export interface PathCounts {
  readonly keys: Uint16Array;
  readonly counts: Uint8Array;
}

export const K = { e: 1, t: 2, b: 4, bt: 8, p2: 16, p2t: 32, p3: 64, p3t: 128, p4: 256, p4t: 512, c1: 1024, ring: 2048, c2: 4096, p2u: 8192, p5: 16384 };

/** Element, degree and unsaturation in 12 bits. */
export function typesOf({ element, unsaturation, offset }: TypedGraph): Uint32Array {
  return Uint32Array.from(element, (number, a) => (number << 5) | (Math.min(7, offset[a + 1]! - offset[a]!) << 2) | Math.min(3, unsaturation[a]!));
}

function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
function fin(h: number): number { h = Math.imul(h ^ (h >>> 16), 0x85ebca6b); h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35); return h ^ (h >>> 16); }

export class PathCounter {
  readonly count = new Uint8Array(KEYS);
  readonly touched = new Uint16Array(KEYS);
  size = 0;
  kinds: number;
  mask: number;
  constructor(kinds: number, mask = KEYS - 1) { this.kinds = kinds; this.mask = mask; }

  add(hash: number): void {
    const key = fin(hash) & this.mask;
    const n = this.count[key]!;
    if (n === 0) this.touched[this.size++] = key;
    if (n < 255) this.count[key] = n + 1;
  }

  two(kind: number, a: number, b: number): void {
    this.add(a < b ? mix(mix(kind, a), b) : mix(mix(kind, b), a));
  }
  three(kind: number, a: number, b: number, c: number): void {
    this.add(a < c ? mix(mix(mix(kind, a), b), c) : mix(mix(mix(kind, c), b), a));
  }
  four(kind: number, a: number, b: number, c: number, d: number): void {
    this.add(a < d || (a === d && b < c) ? mix(mix(mix(mix(kind, a), b), c), d) : mix(mix(mix(mix(kind, d), c), b), a));
  }
  five(kind: number, a: number, b: number, c: number, d: number, e: number): void {
    this.add(a < e || (a === e && b < d) ? mix(mix(mix(mix(mix(kind, a), b), c), d), e) : mix(mix(mix(mix(mix(kind, e), d), c), b), a));
  }

  of(graph: TypedGraph): PathCounts {
    const { element: E, offset, neighbour } = graph;
    const T = typesOf(graph);
    const k = this.kinds;
    const n = E.length;
    for (let a = 0; a < n; a++) {
      if (k & K.e) this.add(mix(1, E[a]!));
      if (k & K.t) this.add(mix(2, T[a]!));
      if (k & K.c1) { let h = mix(30, T[a]!); const s: number[] = []; for (let i = offset[a]!; i < offset[a + 1]!; i++) s.push(T[neighbour[i]!]!); s.sort((x, y) => x - y); for (const x of s) h = mix(h, x); this.add(h); }
      for (let i = offset[a]!; i < offset[a + 1]!; i++) {
        const b = neighbour[i]!;
        if (a < b) {
          if (k & K.b) this.two(3, E[a]!, E[b]!);
          if (k & K.bt) this.two(4, T[a]!, T[b]!);
          if (k & (K.p3 | K.p3t)) {
            for (let p = offset[a]!; p < offset[a + 1]!; p++) {
              const x = neighbour[p]!;
              if (x === b) continue;
              for (let q = offset[b]!; q < offset[b + 1]!; q++) {
                const y = neighbour[q]!;
                if (y === a || y === x) continue;
                if (k & K.p3) this.four(7, E[x]!, E[a]!, E[b]!, E[y]!);
                if (k & K.p3t) this.four(8, T[x]!, T[a]!, T[b]!, T[y]!);
              }
            }
          }
        }
        // a is the middle
        for (let j = i + 1; j < offset[a + 1]!; j++) {
          const c = neighbour[j]!;
          if (k & K.p2) this.three(5, E[b]!, E[a]!, E[c]!);
          if (k & K.p2t) this.three(6, T[b]!, T[a]!, T[c]!);
          if (k & (K.p4 | K.p4t)) {
            for (let p = offset[b]!; p < offset[b + 1]!; p++) {
              const x = neighbour[p]!;
              if (x === a || x === c) continue;
              for (let q = offset[c]!; q < offset[c + 1]!; q++) {
                const y = neighbour[q]!;
                if (y === a || y === b) continue;
                // x === y: a ring of four
                if (k & K.p4) this.five(9, E[x]!, E[b]!, E[a]!, E[c]!, E[y]!);
                if (k & K.p4t) this.five(10, T[x]!, T[b]!, T[a]!, T[c]!, T[y]!);
              }
            }
          }
        }
      }
    }
    if (k & K.ring) this.rings(graph);
    if (k & K.c2) {
      let c = T;
      for (let r = 0; r < 2; r++) {
        c = Uint32Array.from(c, (x, a) => { let h = mix(50 + r, x); const s: number[] = []; for (let i = offset[a]!; i < offset[a + 1]!; i++) s.push(c[neighbour[i]!]!); s.sort((p, q) => p - q); for (const v of s) h = mix(h, v); return h; });
      }
      for (const h of c) this.add(h);
    }
    return this.take();
  }

  /** Size of the smallest ring of each bond. */
  private rings({ element, offset, neighbour }: TypedGraph): void {
    const n = element.length;
    const dist = new Int32Array(n);
    for (let a = 0; a < n; a++) for (let i = offset[a]!; i < offset[a + 1]!; i++) {
      const b = neighbour[i]!;
      if (b < a) continue;
      dist.fill(-1); dist[a] = 0;
      const queue = [a]; let size = 0;
      for (let h = 0; h < queue.length && size === 0; h++) {
        const u = queue[h]!;
        if (dist[u]! >= 7) break;
        for (let p = offset[u]!; p < offset[u + 1]!; p++) {
          const v = neighbour[p]!;
          if (u === a && v === b) continue;
          if (dist[v] !== -1) continue;
          dist[v] = dist[u]! + 1;
          if (v === b) { size = dist[v]! + 1; break; }
          queue.push(v);
        }
      }
      this.add(mix(40, size));
    }
  }

  private take(): PathCounts {
    const keys = this.touched.slice(0, this.size).sort();
    const counts = new Uint8Array(this.size);
    for (let i = 0; i < keys.length; i++) { counts[i] = this.count[keys[i]!]!; this.count[keys[i]!] = 0; }
    this.size = 0;
    return { keys, counts };
  }
}
