/** The nearest rows of a generation: by pgvector's graph or by comparing with every row, and re-scored from the stored 32-bit vectors. */
import type { Neighbours } from '../ann/index.ts';
import { galleriesOf } from '../bundle/index.ts';
import { IsoLensError, dot, l2Normalise, matrixOf } from '../core/index.ts';
import type { StoredGeneration } from './catalogue.ts';
import { conditionOf } from './filters.ts';
import type { Condition, LibraryFilters } from './filters.ts';
import { embeddingColumn } from './schema.ts';
import type { Session } from './session.ts';

export interface LibraryNearestOptions {
  readonly filters?: LibraryFilters | undefined;
  /** Breadth of the search through the graph, 1 to 1000; what the manifest says where it is absent. */
  readonly efSearch?: number | undefined;
  /** Compares with every row that the filters leave. */
  readonly exact?: boolean | undefined;
  /** Place among the manifest's galleries. */
  readonly gallery?: number | undefined;
  /** Where filters leave at most so many rows, all of them are compared: a graph finds rare ones late, or not at all. */
  readonly compareUpTo?: number | undefined;
}

/** Of a search within IsoLens: a condition of its own instead of filters, its parameters numbered from `first` on. */
export interface ConditionedOptions extends LibraryNearestOptions {
  readonly where?: ((first: number) => Condition | undefined) | undefined;
}

const COMPARE_UP_TO = 10_000;
const MOST_EF_SEARCH = 1000;
/** Rows that a search through the graph looks at before it ends with what it has. */
const MOST_SCANNED = 100_000;
/** Half precision may order close ones wrongly: so many more are fetched, and ordered by the stored vectors. */
const MORE_ROWS = 20;

/** A search as it is carried out. */
interface Search {
  readonly session: Session;
  readonly target: StoredGeneration;
  readonly gallery: number;
  /** (D), unit length. */
  readonly query: Float32Array;
  readonly limit: number;
  readonly efSearch: number;
  readonly condition: Condition | undefined;
}

/**
 * The k rows of the largest cosine that the filters leave, fewer only where fewer are left; best first, equal ones in the order of rows.
 * vector: (dimension), any length but 0, finite; VECTOR_INVALID otherwise, DATABASE_UNSUITABLE where its dimension is another.
 */
export async function nearestRows(session: Session, target: StoredGeneration, vector: Float32Array, k: number, options: ConditionedOptions = {}): Promise<Neighbours> {
  if (!Number.isSafeInteger(k) || k < 1) throw new IsoLensError('ARGUMENT_INVALID', `Expected at least one neighbour to find but received ${k}.`);
  const { filters = {}, where = (first) => conditionOf(target.schema, filters, first), gallery = 0, exact = false, compareUpTo = COMPARE_UP_TO } = options;
  const search: Search = {
    session, target, gallery, query: unitVector(vector, target), limit: k + MORE_ROWS,
    efSearch: efSearchOf(options.efSearch, k, target), condition: where(3),
  };
  return session.transaction(async () => {
    const isCompared = exact || (await leavesAtMost(search, compareUpTo));
    let rows = await orderedRows(search, isCompared);
    // A graph may end before it has found enough of what is rare.
    if (!isCompared && rows.length < Math.min(k, target.manifest.count)) rows = await orderedRows(search, true);
    return rescored(search, rows, k);
  }, 'BEGIN READ ONLY');
}

async function leavesAtMost({ session, target, condition }: Search, most: number): Promise<boolean> {
  if (condition === undefined || most < 1) return false;
  // Parameters are numbered after the two of the search, which stand here unused.
  const [found] = await session.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (SELECT $1::int, $2::int FROM ${target.schema}.molecules WHERE ${condition.text} LIMIT $2::int + 1) AS kept`,
    [0, most, ...condition.values],
  );
  return (found?.count ?? 0) <= most;
}

async function orderedRows({ session, target, gallery, query, limit, efSearch, condition }: Search, isCompared: boolean): Promise<number[]> {
  const settings: Readonly<Record<string, string>> = {
    // In strict order pgvector leaves out whatever it finds late: of 1 % of 20,000 rows it missed 5 % of the neighbours, in relaxed order none.
    'hnsw.ef_search': String(efSearch), 'hnsw.iterative_scan': 'relaxed_order', 'hnsw.max_scan_tuples': String(MOST_SCANNED), enable_indexscan: isCompared ? 'off' : 'on',
  };
  await session.query('SELECT set_config(name, value, true) FROM unnest($1::text[], $2::text[]) AS settings (name, value)', [Object.keys(settings), Object.values(settings)]);
  const distance = `${embeddingColumn(gallery)} <#> $1::halfvec(${target.manifest.dimension})`;
  const where = condition === undefined ? '' : `WHERE ${condition.text}`;
  const found = await session.query<{ row: number }>(
    `SELECT row FROM ${target.schema}.molecules ${where} ORDER BY ${distance}${isCompared ? ', row' : ''} LIMIT $2::int`,
    [`[${query.join(',')}]`, limit, ...(condition?.values ?? [])],
  );
  return found.map(({ row }) => row);
}

/** Reads the rows' vectors out of the stored file, and orders by them. */
async function rescored({ session, target, gallery, query }: Search, rows: readonly number[], k: number): Promise<Neighbours> {
  const bytes = 4 * target.manifest.dimension;
  const found = await session.query<{ row: number; vector: Buffer }>(
    `SELECT wanted AS row, substring(content FROM (wanted % $3::int) * $4::int + 1 FOR $4::int) AS vector
       FROM unnest($1::int[]) AS wanted JOIN ${target.schema}.parts ON path = $2 AND part = wanted / $3::int`,
    [rows, galleriesOf(target.manifest)[gallery]!.vectors, target.partBytes / bytes, bytes],
  );
  if (found.length !== rows.length || found.some(({ vector }) => vector.length !== bytes)) {
    throw new IsoLensError('BUNDLE_CORRUPT', `Expected the vectors of ${rows.length} rows of "${target.manifest.name}" but the database lacks some; push it again.`);
  }
  const scored = found.map(({ row, vector }) => ({ row, score: dot(query, new Float32Array(new Uint8Array(vector).buffer)) }));
  scored.sort((a, b) => b.score - a.score || a.row - b.row);
  const best = scored.slice(0, k);
  return { labels: Int32Array.from(best, ({ row }) => row), scores: Float32Array.from(best, ({ score }) => score) };
}

function unitVector(vector: Float32Array, { manifest }: StoredGeneration): Float32Array {
  if (vector.length !== manifest.dimension) {
    const expected = `a vector of ${manifest.dimension} dimensions, as "${manifest.name}" has in the database`;
    throw new IsoLensError('DATABASE_UNSUITABLE', `Expected ${expected}, but received ${vector.length}; ask with the library's own model.`);
  }
  const unit = Float32Array.from(vector);
  const length = Math.sqrt(dot(unit, unit));
  if (!Number.isFinite(length) || length === 0) throw new IsoLensError('VECTOR_INVALID', 'Expected a vector of finite numbers that are not all 0.');
  return l2Normalise(matrixOf(unit, unit.length)).data;
}

function efSearchOf(asked: number | undefined, k: number, { manifest }: StoredGeneration): number {
  const stored = manifest.index.parameters['efSearch'];
  const wanted = asked ?? (Number.isSafeInteger(stored) ? (stored as number) : 200);
  return Math.min(Math.max(Math.round(wanted), k + MORE_ROWS, 1), MOST_EF_SEARCH);
}
