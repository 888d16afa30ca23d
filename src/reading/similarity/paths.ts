/** Counts of what a molecule is made of: atoms, bonds, rings and short paths. */
import { KEYS, keyOf, starKey, typesOf } from './features.ts';
import type { TypedGraph } from './typed-graph.ts';
import { walk } from './walk.ts';
import type { Visitor } from './walk.ts';

/** Keys ascend; counts are of equal length, saturated at 255. */
export interface PathCounts {
  readonly keys: Uint16Array;
  readonly counts: Uint8Array;
}

/** Counts molecule by molecule in one scratch, as fast as a million of them want it. */
export class PathCounter implements Visitor {
  /** (KEYS) All 0 between molecules. */
  private readonly count = new Uint8Array(KEYS);
  private readonly met = new Uint16Array(KEYS);
  private size = 0;
  private graph: TypedGraph | undefined;
  private types: Uint32Array = new Uint32Array(0);

  of(graph: TypedGraph): PathCounts {
    this.graph = graph;
    this.types = typesOf(graph);
    walk(graph, this);
    return this.take();
  }

  atom(a: number): void {
    this.add(keyOf.element(this.types[a]!));
    this.add(keyOf.type(this.types[a]!));
  }

  star(a: number): void {
    this.add(starKey(this.types[a]!, a, this.graph!, this.types));
  }

  bond(a: number, b: number, ring: number): void {
    this.add(keyOf.bond(this.types[a]!, this.types[b]!));
    this.add(keyOf.typedBond(this.types[a]!, this.types[b]!));
    this.add(keyOf.ring(ring));
  }

  path3(a: number, b: number, c: number): void {
    const { types } = this;
    this.add(keyOf.path3(types[a]!, types[b]!, types[c]!));
    this.add(keyOf.typedPath3(types[a]!, types[b]!, types[c]!));
  }

  path4(a: number, b: number, c: number, d: number): void {
    const { types } = this;
    this.add(keyOf.path4(types[a]!, types[b]!, types[c]!, types[d]!));
    this.add(keyOf.typedPath4(types[a]!, types[b]!, types[c]!, types[d]!));
  }

  private add(key: number): void {
    const known = this.count[key]!;
    if (known === 0) this.met[this.size++] = key;
    if (known < 255) this.count[key] = known + 1;
  }

  private take(): PathCounts {
    const keys = this.met.slice(0, this.size).sort();
    const counts = Uint8Array.from(keys, (key) => this.count[key]!);
    for (const key of keys) this.count[key] = 0;
    this.size = 0;
    return { keys, counts };
  }
}
