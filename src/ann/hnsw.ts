import * as z from 'zod';
import { toIsoLensError } from '../core/index.ts';
import type { Matrix } from '../core/index.ts';
import type { Bitset } from './bitset.ts';
import { defineBackend } from './define.ts';
import type { IndexBackend, IndexStats, NeighbourOptions, Neighbours, VectorIndex } from './define.ts';
import { DuplicateMap } from './duplicates.ts';
import { bestEngine } from './graphs.ts';
import type { Graph, GraphEngine } from './graphs.ts';
import { HnswWriter } from './hnsw-writer.ts';
import { corrupt, payloadPath, readHeader, writeHeader } from './header.ts';
import { TopK } from './top-k.ts';
import { VectorTable, assertK } from './vector-table.ts';

const parameterSchema = z.strictObject({
  m: z.int().min(2).max(128).default(24).meta({ description: 'Links a vector keeps in each layer of the graph.' }),
  efConstruction: z.int().min(8).max(2000).default(120).meta({ description: 'Breadth of the search that finds those links.' }),
  efSearch: z.int().min(1).max(10_000).default(200).meta({ description: 'Breadth of a query where it asks for none.' }),
  seed: z.int().min(0).default(100),
});

type Parameters = z.output<typeof parameterSchema>;

/** A filtered search widens its net up to this share of the index; beyond it, comparing with every row is as cheap. */
const WIDEST_SHARE = 0.05;
const WIDEST_AT_LEAST = 512;

/**
 * The graph knows neither deletion, filter nor duplicate here: it holds one node for each distinct vector, and what it
 * finds is expanded, filtered and re-scored against the table. So a filter costs no callback into JavaScript, and a heap of
 * equal vectors (stereoisomers share a fingerprint) cannot tear the graph apart.
 */
class HnswIndex implements VectorIndex {
  private readonly table: VectorTable;
  private readonly parameters: Parameters;
  private readonly graph: Graph;
  private readonly duplicates: DuplicateMap;

  constructor(table: VectorTable, parameters: Parameters, graph: Graph, duplicates: DuplicateMap) {
    this.table = table;
    this.parameters = parameters;
    this.graph = graph;
    this.duplicates = duplicates;
  }

  get dimension(): number {
    return this.table.dimension;
  }

  get count(): number {
    return this.table.count;
  }

  add(vectors: Matrix): number {
    const first = this.table.append(vectors);
    const labels: number[] = [];
    for (let label = first; label < this.table.count; label++) {
      if (!this.duplicates.isDuplicate(label, this.table.row(label), (other) => this.table.row(other))) labels.push(label);
    }
    const rows = new Float32Array(labels.length * this.dimension);
    labels.forEach((label, i) => rows.set(this.table.row(label), i * this.dimension));
    this.graph.add(rows, Int32Array.from(labels));
    return first;
  }

  delete(label: number): void {
    this.table.delete(label);
  }

  vector(label: number): Float32Array {
    return this.table.row(label);
  }

  search(query: Float32Array, k: number, options: NeighbourOptions = {}): Neighbours {
    assertK(k);
    const unit = this.table.unitQuery(query);
    const allowed = options.filter === undefined ? this.table.live : Math.min(this.table.live, options.filter.count());
    const wanted = Math.min(k, allowed);
    if (wanted === 0) return new TopK(0).take();
    const nodes = this.graph.count;
    const widest = Math.min(nodes, Math.max(WIDEST_AT_LEAST, Math.ceil(nodes * WIDEST_SHARE), k));
    // What passes the filter is assumed to be spread evenly; where it is not, the net widens until it is too wide to pay.
    let breadth = Math.ceil((wanted * this.count) / allowed);
    while (breadth <= widest) {
      const found = this.probe(unit, breadth, wanted, options);
      if (found.labels.length === wanted) return found;
      breadth *= 4;
    }
    return this.table.exact(unit, wanted, options.filter);
  }

  stats(): IndexStats {
    return {
      backend: hnsw.id, dimension: this.dimension, count: this.count, deleted: this.table.deleted.size,
      duplicates: this.duplicates.count, parameters: this.parameters,
    };
  }

  async save(path: string): Promise<string[]> {
    this.graph.save(payloadPath(path));
    const { dimension, count, parameters } = this;
    return writeHeader(path, {
      backend: hnsw.id, dimension, count, parameters, vectorsSha256: this.table.sha256(),
      deleted: [...this.table.deleted], duplicates: this.duplicates.flatten(),
    }, true);
  }

  /** The best `wanted` rows among the `breadth` nearest nodes and their duplicates; fewer where too few pass. */
  private probe(unit: Float32Array, breadth: number, wanted: number, options: NeighbourOptions): Neighbours {
    const ef = Math.max(options.efSearch ?? this.parameters.efSearch, breadth);
    const best = new TopK(wanted);
    // All that the walk meets are looked at: its own distances may be rough.
    for (const node of this.graph.search(unit, ef, ef)) {
      this.offer(best, unit, node, options.filter);
      for (const twin of this.duplicates.of(node)) this.offer(best, unit, twin, options.filter);
    }
    return best.take();
  }

  private offer(best: TopK, unit: Float32Array, label: number, filter: Bitset | undefined): void {
    if (this.table.isLive(label, filter)) best.offer(label, this.table.score(unit, label));
  }
}

/** Hierarchical navigable small world graph, by the engine that `engineFor` chooses whenever an index is made or opened. */
export function hnswBackend(engineFor: () => GraphEngine): IndexBackend<'hnsw', typeof parameterSchema> {
  return defineBackend({
    id: 'hnsw',
    summary: 'Walks a graph of neighbours; visits a small part of the library.',
    references: ['Malkov and Yashunin 2018, arXiv:1603.09320'],
    parameters: parameterSchema,
    create: (dimension, parameters) => {
      const table = new VectorTable(dimension);
      return new HnswIndex(table, parameters, engineFor().create(dimension, parameters), new DuplicateMap());
    },
    write: (dimension, parameters) => new HnswWriter(engineFor().create(dimension, parameters), { backend: hnsw.id, dimension, parameters }),
    load: async (path, vectors, options = {}) => {
      const header = await readHeader(path, hnsw.id, options);
      if (header.dimension !== vectors.cols || header.count !== vectors.rows) {
        throw corrupt(path, `it describes ${header.count} x ${header.dimension} vectors, not ${vectors.rows} x ${vectors.cols}`);
      }
      const table = new VectorTable(vectors.cols, vectors, options);
      if (options.isProven !== true && table.sha256() !== header.vectorsSha256) throw corrupt(path, 'it was built over other vectors');
      for (const label of header.deleted) table.delete(label);
      const parameters = parameterSchema.parse(header.parameters);
      return new HnswIndex(table, parameters, opened(engineFor(), path, header.dimension, parameters), DuplicateMap.from(header.duplicates, table));
    },
  });
}

function opened(engine: GraphEngine, path: string, dimension: number, parameters: Parameters): Graph {
  try {
    return engine.open(payloadPath(path), dimension, parameters);
  } catch (error) {
    throw corrupt(path, toIsoLensError(error).message);
  }
}

export const hnsw = hnswBackend(bestEngine);
