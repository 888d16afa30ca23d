/** The graph under the `hnsw` backend, by either of two engines that read and write one file format. */
import hnswlib from 'hnswlib-node';
import type { HierarchicalNSW } from 'hnswlib-node';
import { toIsoLensError } from '../core/index.ts';
import { createNeighbourGraph, nativeInfo, openNeighbourGraph } from '../native/index.ts';

export interface GraphParameters {
  readonly m: number;
  readonly efConstruction: number;
  readonly seed: number;
}

/** Distinct unit vectors under labels; knows neither deletion, filter nor duplicate. */
export interface Graph {
  readonly count: number;
  /** vectors: (labels.length, dimension) */
  add(vectors: Float32Array, labels: Int32Array): void;
  /** At most k labels, from a search of breadth max(ef, k); by distances that may be rough, so k = ef and a second look give the best. */
  search(unit: Float32Array, k: number, ef: number): Iterable<number>;
  /** The vector that was added as the `place`-th, from 0, of a graph that was not opened. */
  vector(place: number): Float32Array;
  save(path: string): void;
}

export interface GraphEngine {
  create(dimension: number, parameters: GraphParameters): Graph;
  /** Throws where the file holds no such graph; a damaged one may pass: checksums are the caller's. */
  open(path: string, dimension: number, parameters: GraphParameters): Graph;
}

/** The native engine where it is built for this machine; otherwise hnswlib, several times slower. */
export function bestEngine(): GraphEngine {
  try {
    nativeInfo();
    return nativeEngine;
  } catch (thrown) {
    if (toIsoLensError(thrown).code === 'NATIVE_UNAVAILABLE') return hnswlibEngine;
    throw thrown;
  }
}

class NativeGraph implements Graph {
  private readonly graph: ReturnType<typeof createNeighbourGraph>;

  constructor(graph: ReturnType<typeof createNeighbourGraph>) {
    this.graph = graph;
  }

  get count(): number {
    return this.graph.count();
  }

  add(vectors: Float32Array, labels: Int32Array): void {
    this.graph.add(vectors, labels);
  }

  search(unit: Float32Array, k: number, ef: number): Int32Array {
    return this.graph.search(unit, k, ef);
  }

  vector(place: number): Float32Array {
    return this.graph.vector(place);
  }

  save(path: string): void {
    this.graph.save(path);
  }
}

export const nativeEngine: GraphEngine = {
  create: (dimension, { m, efConstruction, seed }) => new NativeGraph(createNeighbourGraph({ dimension, m, efConstruction, seed })),
  open: (path, dimension, { seed }) => new NativeGraph(openNeighbourGraph(path, { dimension, seed, rough: true })),
};

const INITIAL_CAPACITY = 1024;

class HnswlibGraph implements Graph {
  private readonly graph: HierarchicalNSW;
  private readonly labels: number[] = [];

  constructor(graph: HierarchicalNSW) {
    this.graph = graph;
  }

  get count(): number {
    return this.graph.getCurrentCount();
  }

  add(vectors: Float32Array, labels: Int32Array): void {
    const needed = this.count + labels.length;
    const capacity = this.graph.getMaxElements();
    if (needed > capacity) this.graph.resizeIndex(Math.max(needed, capacity * 2));
    const dimension = this.graph.getNumDimensions();
    labels.forEach((label, i) => {
      this.graph.addPoint(Array.from(vectors.subarray(i * dimension, (i + 1) * dimension)), label);
      this.labels.push(label);
    });
  }

  search(unit: Float32Array, k: number, ef: number): number[] {
    this.graph.setEf(ef);
    return this.graph.searchKnn(Array.from(unit), Math.min(k, this.count)).neighbors;
  }

  vector(place: number): Float32Array {
    return Float32Array.from(this.graph.getPoint(this.labels[place]!));
  }

  save(path: string): void {
    this.graph.writeIndexSync(path);
  }
}

export const hnswlibEngine: GraphEngine = {
  create: (dimension, { m, efConstruction, seed }) => {
    const graph = new hnswlib.HierarchicalNSW('ip', dimension);
    graph.initIndex(INITIAL_CAPACITY, m, efConstruction, seed);
    return new HnswlibGraph(graph);
  },
  open: (path, dimension) => {
    const graph = new hnswlib.HierarchicalNSW('ip', dimension);
    graph.readIndexSync(path);
    return new HnswlibGraph(graph);
  },
};
