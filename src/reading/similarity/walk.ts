/** Visits what a typed graph is made of, each thing once in one of its two directions. */
import type { TypedGraph } from './typed-graph.ts';

export interface Visitor {
  atom(a: number): void;
  /** Atom `a` with all its neighbours. */
  star(a: number): void;
  /** `ring`: atoms of the smallest ring through the bond; 0: none of at most `LARGEST_RING`. */
  bond(a: number, b: number, ring: number): void;
  path3(a: number, b: number, c: number): void;
  path4(a: number, b: number, c: number, d: number): void;
}

/** Larger rings count as none. */
export const LARGEST_RING = 8;

export function walk(graph: TypedGraph, visitor: Visitor): void {
  const { element, offset, neighbour } = graph;
  const rings = new RingSizes(graph);
  for (let a = 0; a < element.length; a++) {
    visitor.atom(a);
    visitor.star(a);
    const end = offset[a + 1]!;
    for (let i = offset[a]!; i < end; i++) {
      const b = neighbour[i]!;
      for (let j = i + 1; j < end; j++) visitor.path3(b, a, neighbour[j]!);
      if (a > b) continue;
      visitor.bond(a, b, rings.of(a, b));
      walkAcross(graph, a, b, visitor);
    }
  }
}

/** Paths of four atoms with the bond from a to b in the middle. */
function walkAcross({ offset, neighbour }: TypedGraph, a: number, b: number, visitor: Visitor): void {
  for (let i = offset[a]!; i < offset[a + 1]!; i++) {
    const first = neighbour[i]!;
    if (first === b) continue;
    for (let j = offset[b]!; j < offset[b + 1]!; j++) {
      const last = neighbour[j]!;
      if (last !== a && last !== first) visitor.path4(first, a, b, last);
    }
  }
}

/** Smallest rings, by a search from one end of a bond to the other that leaves the bond out. */
class RingSizes {
  private readonly graph: TypedGraph;
  /** (atoms) Bonds from the start; 0: not met. */
  private readonly distance: Uint8Array;
  private readonly queue: Uint32Array;

  constructor(graph: TypedGraph) {
    this.graph = graph;
    this.distance = new Uint8Array(graph.element.length);
    this.queue = new Uint32Array(graph.element.length);
  }

  of(begin: number, end: number): number {
    const { graph: { offset, neighbour }, distance, queue } = this;
    if (offset[begin + 1]! - offset[begin]! < 2 || offset[end + 1]! - offset[end]! < 2) return 0;
    distance.fill(0);
    let filled = 0;
    queue[filled++] = begin;
    for (let head = 0; head < filled; head++) {
      const atom = queue[head]!;
      const next = distance[atom]! + 1;
      if (next >= LARGEST_RING) return 0;
      for (let i = offset[atom]!; i < offset[atom + 1]!; i++) {
        const other = neighbour[i]!;
        if (other === end) {
          if (atom !== begin) return next + 1;
        } else if (other !== begin && distance[other] === 0) {
          distance[other] = next;
          queue[filled++] = other;
        }
      }
    }
    return 0;
  }
}
