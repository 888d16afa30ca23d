/**
 * What an indexed library takes: disk, memory of the service and of the build, time. Counted from the layouts of the files and of the graph
 * (src/native/ann); rates are measured ones, and are scaled by the number of molecules alone.
 */

export interface LibraryRequest {
  readonly molecules: number;
  /** Of the embeddings. */
  readonly dimension: number;
  /** Towers that embed the library (default 1). */
  readonly galleries?: number;
  /** Links of a node of the graph; layer 0 keeps twice as many (default 24). */
  readonly m?: number;
  /** Records a second up to the index (default: as measured, see MEASURED). */
  readonly perSecond?: number | undefined;
  /** Bytes of one molecule on disk, where they are known from a sample. */
  readonly bytes?: { readonly profiles: number; readonly molecules: number } | undefined;
}

export interface LibraryPart {
  readonly name: string;
  readonly bytes: number;
}

export interface LibraryPlan {
  readonly molecules: number;
  readonly disk: readonly LibraryPart[];
  /** Of a service: what is its own, and what is mapped from files, shared with other processes and given back where memory is short. */
  readonly service: { readonly own: number; readonly mapped: number };
  /** The most that one build holds at once. */
  readonly buildMemory: number;
  readonly seconds: { readonly molecules: number; readonly index: number };
}

/** On 2 cores of an AMD EPYC with AVX-512, 1,2 million real molecules of 27 heavy atoms, 384 dimensions (node test/bench/million.mjs). */
export const MEASURED = {
  perSecond: 1000,
  /** Rows a second into a graph of a million rows, both cores; it falls with the logarithm of the rows. */
  rowsPerSecond: 2000,
  rows: 1_000_000,
  dimension: 384,
  /** Of the process before it holds a molecule. */
  serviceBase: 500e6,
  buildBase: 900e6,
  /** Bytes of one molecule that are found while it is built: keys, identifiers, places. */
  buildPerMolecule: 500,
  readings: 367,
  profiles: 1409,
  molecules: 352,
} as const;

const LINK = 4;
const CACHE_LINE = 64;

export function planLibrary(request: LibraryRequest): LibraryPlan {
  const { molecules, dimension, galleries = 1, m = 24, perSecond = MEASURED.perSecond, bytes } = request;
  const vectors = 4 * dimension;
  const upper = ((m + 1) * LINK) / (m - 1);
  const graph = vectors + (2 * m + 1) * LINK + 12 + upper;
  const disk = [
    { name: 'vectors', bytes: molecules * galleries * vectors },
    { name: 'index', bytes: molecules * galleries * graph },
    { name: 'columns to compare and filter by', bytes: molecules * (bytes?.profiles ?? MEASURED.profiles) },
    { name: 'structures, names and properties', bytes: molecules * (bytes?.molecules ?? MEASURED.molecules) },
    { name: 'what readings of pictures are compared with', bytes: molecules * MEASURED.readings },
  ];
  // As the graph keeps it in memory: codes of one byte a dimension, links, and a label, a level and a place for each node.
  const links = rounded((2 * m + 1) * LINK) + upper;
  const searched = rounded(dimension) + links + 13;
  const built = vectors + rounded(dimension) + links + rounded(2 * m * LINK) + 13;
  return {
    molecules,
    disk,
    service: {
      own: MEASURED.serviceBase + molecules * galleries * searched,
      mapped: molecules * (galleries * vectors + (bytes?.profiles ?? MEASURED.profiles) + MEASURED.readings),
    },
    buildMemory: MEASURED.buildBase + molecules * (galleries * built + MEASURED.buildPerMolecule),
    seconds: { molecules: molecules / perSecond, index: galleries * insertionSeconds(molecules, dimension) },
  };
}

/** A search for links walks further in a larger graph, by the logarithm of its rows (Malkov and Yashunin 2018, section 4.2). */
function insertionSeconds(rows: number, dimension: number): number {
  const slower = Math.max(1, Math.log(Math.max(rows, 2)) / Math.log(MEASURED.rows)) * (dimension / MEASURED.dimension);
  return (rows * slower) / MEASURED.rowsPerSecond;
}

function rounded(bytes: number): number {
  return Math.ceil(bytes / CACHE_LINE) * CACHE_LINE;
}
