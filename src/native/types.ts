/** What crosses the border to the native engine, typed. Shapes and meanings are those of the C++ headers. */
import type { GraphIr } from '../graph/index.ts';

export type NativeArray = Float32Array | Int32Array;

export interface NativeTensor<T extends NativeArray = Float32Array> {
  readonly data: T;
  readonly shape: readonly number[];
}

export type NativePrecision = 'f32' | 'bf16';

export interface NativeInfo {
  readonly version: string;
  /** The processor and the build have bfloat16 matrix instructions; without them `bf16` means `f32`. */
  readonly hasBf16: boolean;
  /** Hardware threads of this machine. */
  readonly threads: number;
}

export interface NativeProgramOptions {
  readonly training: boolean;
  /** Largest size of every symbol of the graph. */
  readonly capacity: Readonly<Record<string, number>>;
  readonly seed?: number;
  readonly precision?: NativePrecision;
  /** Name of the scalar output that backward starts from; training only. */
  readonly loss?: string;
  readonly threads?: number;
  /** Keeps every value and every input's gradient readable (tests). */
  readonly keepAll?: boolean;
}

export interface AdamWOptions {
  readonly learningRate: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
  /** Largest global gradient norm; 0 = no clipping. */
  readonly clipNorm?: number;
}

/** A graph bound to memory of its own. Synchronous: for tests, tools and workers, not for a server's event loop. */
export interface NativeProgram {
  bind(sizes: Readonly<Record<string, number>>): void;
  setInput(name: string, data: NativeArray, shape: readonly number[]): void;
  /** `step` seeds dropout. */
  forward(training: boolean, step: number): void;
  /** Adds d(loss * scale) to every trainable parameter's gradient. */
  backward(scale?: number): void;
  zeroGradients(): void;
  /** Copy of a graph input or output (any value with `keepAll`). */
  value(name: string): NativeTensor<NativeArray>;
  /** Copy of the gradient of a parameter or of a graph input. */
  gradient(name: string): NativeTensor;
  parameterNames(): string[];
  getParameter(name: string): NativeTensor;
  setParameter(name: string, data: Float32Array): void;
  /** Loads `param/NAME` tensors by name; returns the parameters that the file lacks. */
  loadParameters(path: string): string[];
  /** One step from the accumulated gradients (`step` counts from 1); returns the gradient norm before clipping. */
  adamwStep(options: AdamWOptions, step: number): number;
}

export interface FeedConfig {
  readonly kind: string;
  readonly column: string;
  /** Role of the feed -> name of the graph input it fills. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** One native training run; file paths are absolute or relative to the process. */
export interface TrainConfig {
  readonly graph: GraphIr;
  readonly loss: string;
  readonly metrics?: readonly string[];
  readonly feeds: readonly FeedConfig[];
  readonly data: { readonly train: readonly string[]; readonly validation?: string | null };
  readonly symbols: { readonly N: number } & Readonly<Record<string, number>>;
  readonly accumulate?: number;
  /** Gradient caching: towers run over `rows` rows at a time, the loss over the whole batch (`cutGraph`). */
  readonly chunk?: {
    readonly rows: number;
    readonly towers: GraphIr;
    readonly head: GraphIr;
    readonly surrogate: string;
    readonly values: readonly { readonly value: string; readonly gradient: string }[];
  };
  readonly optimizer: AdamWOptions;
  readonly schedule: { readonly steps: number; readonly warmupSteps?: number; readonly finalFraction?: number };
  readonly retrieval?: { readonly query: string; readonly gallery: string; readonly every: number; readonly rows?: number };
  /** Rows are drawn for measurements (safetensors of row, assay, active, and of each assay target and weight): some assays a batch, of each some actives and inactives. */
  readonly measurements?: { readonly path: string; readonly perAssay: number; readonly actives: number };
  /** Batches are made of groups of rows that are alike in this sparse column (hard negatives); group 1 or none: of single rows. */
  readonly neighbours?: { readonly column: string; readonly group: number };
  readonly precision?: NativePrecision;
  /** `cpu` (default), `cuda`: the first device, or the processor and a warning where there is none; `cuda:N`: that one or `DEVICE_UNAVAILABLE`. */
  readonly device?: string;
  readonly threads?: number;
  readonly seed?: number;
  readonly logEvery?: number;
  readonly checkpoint?: { readonly path: string; readonly every?: number; readonly best?: string };
  readonly resume?: boolean;
  /** Weights to start from, by name; the optimiser starts fresh. */
  readonly initial?: string | null;
}

export interface RetrievalScores {
  readonly r1: number;
  readonly r5: number;
  readonly r10: number;
  readonly mrr: number;
}

export type TrainEvent =
  | { readonly event: 'start'; readonly step: number; readonly steps: number; readonly rows: number; readonly parameters: number; readonly threads: number; readonly device: string; readonly memoryBytes: number; readonly resumed: boolean }
  | { readonly event: 'warning'; readonly message: string }
  | {
      readonly event: 'step';
      readonly step: number;
      /** Of this step; `meanLoss` is the mean since the last event. */
      readonly loss: number;
      readonly meanLoss: number;
      readonly metrics: Readonly<Record<string, number>>;
      readonly learningRate: number;
      readonly gradientNorm: number;
      readonly samplesPerSecond: number;
      /** Share of the time that the step waited for its data. */
      readonly waitShare: number;
      readonly seen: number;
    }
  | ({ readonly event: 'validation'; readonly step: number; readonly reverse: RetrievalScores; readonly alignment: number; readonly uniformity: number; readonly rows: number } & RetrievalScores)
  | { readonly event: 'checkpoint'; readonly step: number; readonly path: string }
  | ({ readonly event: 'done' } & TrainSummary);

export interface TrainSummary {
  readonly step: number;
  readonly seen: number;
  readonly loss: number;
  readonly seconds: number;
  /** Best validation MRR and its step; absent where nothing was validated. */
  readonly best?: { readonly step: number; readonly mrr: number };
}

export interface TrainRun {
  /** Rejects with `CANCELLED`, `TRAINING_DIVERGED`, `DATASET_INVALID`, ... */
  readonly done: Promise<TrainSummary>;
  /** Ends the run after its current step; a checkpoint is written first. */
  cancel(): void;
}

export interface RenderOptions {
  readonly height: number;
  readonly width: number;
  /** 0 = plain clean style, 1 = full variety and degradation. */
  readonly strength: number;
  readonly seed: number;
  /** Column of pictures by other programs, which the file may lack; default: none. */
  readonly pictures?: string;
  /** How often a row's picture stands in for the engine's own drawing, 0 to 1 (default 1). */
  readonly pictureShare?: number;
}

export interface DrawingClass {
  readonly label: string;
  /** Atomic number; 0: attachment point or R group. */
  readonly element: number;
  /** Mass number; 0: natural. */
  readonly isotope: number;
  /** Of a group written as text, begun with its attachment point; else empty. */
  readonly smiles: string;
}

export interface TileOptions {
  readonly height: number;
  readonly width: number;
  /** Typical bond length in pixels. */
  readonly bond?: number;
  readonly strength?: number;
  /** Now and then another molecule is drawn, with rare letters and R groups; default true. */
  readonly invented?: boolean;
  readonly seed?: number;
}

export interface TileTruth {
  /** x, y in pixels, class, charge. */
  readonly atoms: readonly (readonly [number, number, number, number])[];
  /** x, y of both ends in pixels (the narrow one first), order, stereo. */
  readonly bonds: readonly (readonly [number, number, number, number, number, number])[];
}

export interface RenderedTiles {
  /** (rows, height, width), 0 = paper. */
  readonly pixels: Float32Array;
  readonly truth: readonly TileTruth[];
}

/** One fingerprint; `radius` is of the Morgan kinds. */
export interface NativeFingerprint {
  readonly kind: 'morgan' | 'feature-morgan' | 'atom-pair' | 'topological-torsion' | 'pharmacophore-pair' | 'pattern';
  /** Width; a multiple of 8. */
  readonly bits: number;
  readonly radius?: number;
}

export interface NativeFeatureRequest {
  readonly bits: readonly NativeFingerprint[];
  /** Each column may join several fingerprints, side by side. */
  readonly counts: readonly (readonly NativeFingerprint[])[];
  readonly descriptors: boolean;
  readonly scaffold: boolean;
  readonly scaffoldKey: boolean;
  readonly pharmacophore: boolean;
  readonly alerts: boolean;
  readonly graph: boolean;
}

/** Graphs one after another; row r has atoms atomOffsets[r] .. atomOffsets[r + 1], and bonds and rings likewise. */
export interface NativeGraphs {
  readonly atomOffsets: Int32Array;
  readonly bondOffsets: Int32Array;
  readonly ringOffsets: Int32Array;
  readonly element: Uint8Array;
  /** Hydrogens that are not atoms of the graph. */
  readonly hydrogens: Uint8Array;
  readonly aromatic: Uint8Array;
  readonly charge: Int8Array;
  readonly isotope: Uint16Array;
  /** Atoms of a bond, counted within its row. */
  readonly begin: Uint16Array;
  readonly end: Uint16Array;
  /** Of a Kekule structure. */
  readonly order: Uint8Array;
  readonly aromaticBond: Uint8Array;
  readonly ringSizes: Uint16Array;
  /** Of each ring in order around it, counted within the row. */
  readonly ringAtoms: Uint16Array;
}

/** Columns over the molecules of one call; of those that were not understood all but `understood` is 0. */
export interface NativeFeatures {
  /** (rows) */
  readonly understood: Uint8Array;
  /** For each fingerprint, (rows, bits / 8) packed. */
  readonly bits: readonly Uint8Array[];
  /** Row r is indices[offsets[r] .. offsets[r + 1]]. */
  readonly counts: readonly { readonly indices: Uint16Array; readonly values: Uint8Array; readonly offsets: BigInt64Array }[];
  /** (rows, 12) */
  readonly descriptors: Float32Array;
  /** (rows, 315) */
  readonly pharmacophore: Uint8Array;
  /** (rows, 8) */
  readonly alerts: Uint8Array;
  /** (rows, 4): equal scaffolds share them; 0 for none. Of either request for scaffolds. */
  readonly scaffoldKeys: Uint32Array;
  /** SMILES of the scaffolds, a line each; not canonical. */
  readonly scaffolds: string;
  /** Where graphs were asked for: of every row, without atoms where it was not understood. */
  readonly graphs: NativeGraphs;
}

/** What one molecule shares with each of several. */
export interface NativeCommonParts {
  /** (molecules, 2): atoms kept and swapped; -1 where one of both was not understood. */
  readonly counts: Int32Array;
  /** (sum of the counts, 2): the kept of a molecule, then its swapped, as [atom of the first, atom of the other]. */
  readonly pairs: Int32Array;
}

export interface NeighbourGraphOptions {
  readonly dimension: number;
  /** Links of a new row in each layer; layer 0 keeps twice as many (default 24). */
  readonly m?: number;
  /** Breadth of the search that finds them (default 120). */
  readonly efConstruction?: number;
  /** Of the rows' levels (default 100). */
  readonly seed?: number;
  /** 0: all of this machine's. The graph is the same whatever the number. */
  readonly threads?: number;
}

export interface OpenedGraphOptions extends Pick<NeighbourGraphOptions, 'dimension' | 'seed' | 'threads'> {
  /**
   * Keeps the rows in 8 bits alone, a quarter of the memory, and walks by them: what is found is to be compared again with the rows themselves. To
   * grow or to be saved, the graph reads its file again.
   */
  readonly rough?: boolean;
}

/** A graph of neighbours over unit vectors (HNSW), in hnswlib's file format. Synchronous. */
export interface NeighbourGraph {
  count(): number;
  /** Appends rows: vectors (n, dimension), of unit length, and the labels (n) that `search` is to return for them. */
  add(vectors: Float32Array, labels: Int32Array): void;
  /** Labels of the k nearest rows that a search of breadth max(ef, k) meets, best first. */
  search(query: Float32Array, k: number, ef: number): Int32Array;
  /** A copy of the row that was added as the place-th, from 0; none of a rough graph. */
  vector(place: number): Float32Array;
  save(path: string): void;
}

/** Columns of a library, (rows, width) each; all but the widths of the fingerprints follow from the number of scaffolds. */
export interface NativeScanColumns {
  readonly vectors: Float32Array;
  readonly ecfp4: Uint8Array;
  readonly atomPair: Uint8Array;
  readonly torsion: Uint8Array;
  readonly pattern: Uint8Array;
  readonly pharmacophore: Uint8Array;
  readonly descriptors: Float32Array;
  readonly alerts: Uint8Array;
  readonly scaffold: Int32Array;
  readonly ecfp4Size: Uint16Array;
  readonly atomPairSize: Uint16Array;
  readonly torsionSize: Uint16Array;
  readonly pharmacophoreSize: Uint32Array;
  readonly chargeClass: Uint8Array;
}

/** A molecule that rows are compared with. */
export interface NativeScanQuery {
  readonly vector: Float32Array;
  readonly ecfp4: Int32Array;
  readonly atomPair: Int32Array;
  readonly torsion: Int32Array;
  readonly ecfp4Size: number;
  readonly atomPairSize: number;
  readonly torsionSize: number;
  readonly pharmacophore: Uint8Array;
  readonly pharmacophoreSize: number;
  readonly chargeClass: number;
  readonly descriptors: Float32Array;
  readonly scaffold: number;
}

/** Rows and how alike they are, the nearest first. */
export interface NativeNearest {
  readonly labels: Int32Array;
  readonly scores: Float32Array;
}

/** Scans over the columns of a library; sets of rows are words of 32 bits. Synchronous: for workers, not for a server's event loop. */
export interface NativeScan {
  /** At most `breadth` rows by falling ECFP4 Tanimoto, of equal ones the smaller; `allowed` null: among all. */
  nearestByFingerprint(query: NativeScanQuery, breadth: number, allowed: Uint32Array | null): NativeNearest;
  /** The same by pharmacophore. */
  nearestByPharmacophore(query: NativeScanQuery, breadth: number, allowed: Uint32Array | null): NativeNearest;
  /** Rows of any embeddings of the library, (rows, dimension), by falling cosine to a query of unit length. */
  nearestByVector(vectors: Float32Array, query: Float32Array, breadth: number, allowed: Uint32Array | null): NativeNearest;
  /** out: (rows, any width of at least 7): cosine, Tanimotos of ECFP4, atom pairs, torsions and pharmacophore, steps between the properties, 1 for another scaffold. */
  terms(query: NativeScanQuery, rows: Int32Array, out: Float64Array): void;
  /** Filters take rows out of `allowed` and return how many are left. This one keeps low <= value - own <= high. */
  keepWindow(allowed: Uint32Array, column: number, own: number, low: number, high: number): number;
  keepWithoutAlerts(allowed: Uint32Array): number;
  keepOtherScaffold(allowed: Uint32Array, scaffold: number): number;
  /** ECFP4 Tanimoto at most `limit`. */
  keepUnlike(allowed: Uint32Array, query: NativeScanQuery, limit: number): number;
  /** Rows that have all bits of a pattern, (256). */
  keepPattern(allowed: Uint32Array, pattern: Uint8Array): number;
}
