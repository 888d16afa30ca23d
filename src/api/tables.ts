/** Hits and records as tables: one row each, with the columns that a spreadsheet shows. */
import type { ExportRecord, ExportRequest } from './export.ts';
import type { Hit, SearchResponse } from './schemas.ts';

export type Cell = string | number | boolean | null;

export interface TableRow {
  readonly id: string;
  readonly smiles: string;
  readonly fields: Readonly<Record<string, Cell>>;
}

export interface Table {
  /** Their order; `id` and `smiles` are the row's own, the others its fields. */
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<TableRow> | Iterable<TableRow>;
  readonly provenance?: Readonly<Record<string, string>> | undefined;
}

const FIRST = ['rank', 'id', 'names', 'smiles', 'inchiKey', 'score', 'cosine', 'percentile', 'tanimoto', 'sameScaffold', 'reason'];
const LAST = ['query', 'mode', 'index', 'generation'];
/** In front of the hit, where several queries share a file. */
export const QUERY_COLUMNS = ['queryId', 'queryText'] as const;
const JOINT = '; ';

/** What differs from answer to answer: descriptors and the columns of the library. */
export interface HitColumns {
  readonly descriptors: readonly string[];
  readonly properties: readonly string[];
}

export const NO_COLUMNS: HitColumns = Object.freeze({ descriptors: [], properties: [] });

/** Those of before and those of the hits. */
export function columnsWith({ descriptors, properties }: HitColumns, hits: readonly Hit[]): HitColumns {
  return {
    descriptors: [...new Set([...descriptors, ...hits.flatMap((hit) => Object.keys(hit.descriptors))])],
    properties: [...new Set([...properties, ...hits.flatMap((hit) => Object.keys(hit.properties))])],
  };
}

/** The order of columns, and how each column of the library is called: one that has the name of ours gets another. */
export class HitTable {
  readonly columns: readonly string[];
  private readonly properties: readonly (readonly [name: string, column: string])[];

  constructor({ descriptors, properties }: HitColumns, before: readonly string[] = []) {
    const ours = [...before, ...FIRST, ...descriptors, 'alerts'];
    const taken = new Set([...ours, ...LAST]);
    this.properties = properties.map((name) => [name, freeName(taken.has(name) ? `library_${name}` : name, taken)] as const);
    this.columns = [...ours, ...this.properties.map(([, column]) => column), ...LAST];
  }

  rows({ query, index, mode, hits }: SearchResponse, before: Readonly<Record<string, string>> = {}): TableRow[] {
    const last = { query: query.smiles ?? query.reading?.smiles ?? query.input, mode, index: index.name, generation: index.generation };
    return hits.map((hit, i) => ({
      id: hit.id,
      smiles: hit.smiles,
      fields: {
        ...before,
        rank: i + 1,
        names: hit.names.join(JOINT),
        inchiKey: hit.inchiKey,
        score: hit.score,
        cosine: hit.cosine,
        percentile: hit.percentile,
        tanimoto: hit.tanimoto,
        sameScaffold: hit.sameScaffold,
        reason: hit.reason?.text ?? null,
        ...hit.descriptors,
        alerts: hit.alerts.map(({ name }) => name).join(JOINT),
        ...Object.fromEntries(this.properties.map(([name, column]) => [column, hit.properties[name] ?? null])),
        ...last,
      },
    }));
  }
}

export function hitTable(response: SearchResponse): Table {
  const table = new HitTable(columnsWith(NO_COLUMNS, response.hits));
  return { columns: table.columns, rows: table.rows(response) };
}

/** What was found for one of several queries. */
export interface Answered {
  readonly query: { readonly id: string; readonly text: string };
  readonly response: SearchResponse;
}

export function answersTable(answers: readonly Answered[]): Table {
  const table = new HitTable(answers.reduce((columns, { response }) => columnsWith(columns, response.hits), NO_COLUMNS), QUERY_COLUMNS);
  return { columns: table.columns, rows: answers.flatMap(({ query, response }) => table.rows(response, queryCells(query))) };
}

export function queryCells({ id, text }: Answered['query']): Record<(typeof QUERY_COLUMNS)[number], string> {
  return { queryId: id, queryText: text };
}

export function exportTable({ records, provenance }: ExportRequest): Table {
  const taken = new Set(['id', 'smiles']);
  const columnOf = new Map<string, string>();
  for (const { fields = {} } of records) {
    for (const name of Object.keys(fields)) if (!columnOf.has(name)) columnOf.set(name, freeName(name, taken));
  }
  return { columns: ['id', 'smiles', ...columnOf.values()], rows: records.map((record) => exportRow(record, columnOf)), provenance };
}

function exportRow({ id, smiles, fields = {} }: ExportRecord, columnOf: ReadonlyMap<string, string>): TableRow {
  return { id, smiles, fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [columnOf.get(name)!, value])) };
}

function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${name}_${i}`;
  taken.add(free);
  return free;
}
