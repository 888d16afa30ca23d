import { addon, guarded } from './engine.ts';
import type { NeighbourGraph, NeighbourGraphOptions, OpenedGraphOptions } from './types.ts';

/** An empty graph; see `NeighbourGraph`. */
export function createNeighbourGraph(options: NeighbourGraphOptions): NeighbourGraph {
  return graphOf(options, '');
}

/** Opens what `save` or hnswlib wrote: m and efConstruction are the file's, and a file that holds no such graph is refused. */
export function openNeighbourGraph(path: string, options: OpenedGraphOptions): NeighbourGraph {
  return graphOf(options, path);
}

function graphOf(options: NeighbourGraphOptions | OpenedGraphOptions, path: string): NeighbourGraph {
  const graph = guarded(() => new (addon().NativeGraph)(JSON.stringify(options), path));
  return {
    count: () => graph.count(),
    add: (vectors, labels) => guarded(() => graph.add(vectors, labels)),
    search: (query, k, ef) => guarded(() => graph.search(query, k, ef)),
    vector: (place) => guarded(() => graph.vector(place)),
    save: (to) => guarded(() => graph.save(to)),
  };
}
