/** What the service tells of one open bundle: provenance, refused records, recall and the map. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  IndexInfo, LibraryDetail, LibraryMap, PlacesRequest, PlacesResponse, RecallRequest, RecallResponse, RejectPage,
} from '../api/index.ts';
import { IsoLensError } from '../core/index.ts';
import { REJECTS_FILE } from '../ingest/index.ts';
import type { DrawingReader } from '../reading/index.ts';
import { TERMS } from '../score/index.ts';
import { measureRecall, spreadRows } from '../search/index.ts';
import type { SearchEngine } from '../search/index.ts';
import { cardFacts } from './model-card.ts';

/** Keeps the map below 400 kB. */
const MOST_POINTS = 20_000;
/** Molecules whose columns are looked at. */
const MOST_TOLD = 1000;
/** Below the time after which the service gives a request up. */
const RECALL_BUDGET_MS = 20_000;

type Place = [number, number];

export function infoOf({ manifest, modalities }: SearchEngine): IndexInfo {
  const { name, generation, count, dimension, index, createdAt, counts, licence, link, map } = manifest;
  return {
    name, generation, count, dimension, backend: index.backend, modalities, createdAt,
    rejected: counts.rejected, licence: licence ?? null, link: link ?? null, hasMap: map !== undefined,
  };
}

export async function detailOf(engine: SearchEngine, reader: DrawingReader | undefined, refused: LibraryDetail['refused']): Promise<LibraryDetail> {
  const { manifest, modalities, score } = engine;
  const { counts, files, map } = manifest;
  return {
    name: manifest.name,
    generation: manifest.generation,
    createdAt: manifest.createdAt,
    refused,
    formatVersion: manifest.version,
    count: manifest.count,
    records: counts.records,
    merged: counts.merged,
    rejected: { total: counts.rejected, codes: await rejectCodes(engine) },
    licence: manifest.licence ?? null,
    sourceUrl: manifest.sourceUrl ?? null,
    link: manifest.link ?? null,
    sources: manifest.sources,
    columns: await columnsOf(engine),
    command: manifest.command,
    seed: manifest.seed,
    chemistry: manifest.chemistry,
    vectors: { dimension: manifest.dimension, metric: manifest.metric },
    backend: { id: manifest.index.backend, parameters: manifest.index.parameters },
    files,
    totalBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    model: {
      id: manifest.modelId ?? null,
      ...cardFacts(manifest.model),
      modalities,
      encoders: encodersOf(engine),
      score: score === undefined ? null : { terms: scoreTerms(), modes: score.modes, bands: score.bands ?? null, provenance: score.provenance },
      card: manifest.model,
    },
    reader: reader === undefined ? null : readerOf(reader.info),
    map: map === undefined ? null : { method: map.method, neighbourShare: map.neighbourShare, principalShare: map.principalShare },
  };
}

function readerOf(info: LibraryDetail['model']['card']): LibraryDetail['reader'] {
  const { summary, licence } = cardFacts(info);
  return { summary, licence, card: info };
}

/** In the order in which they were met, which is that of the file. */
async function columnsOf({ molecules, manifest: { count } }: SearchEngine): Promise<LibraryDetail['columns']> {
  const found = new Map<string, { filled: number; readonly example: string | number }>();
  const rows = spreadRows(count, MOST_TOLD);
  for (const { properties } of await molecules.getAll(rows)) {
    for (const [name, example] of Object.entries(properties)) {
      if (example === null || example === '') continue;
      const column = found.get(name);
      if (column === undefined) found.set(name, { filled: 1, example });
      else column.filled++;
    }
  }
  return [...found].map(([name, { filled, example }]) => ({ name, filled: filled / rows.length, example }));
}

function scoreTerms(): { id: string; summary: string }[] {
  return TERMS.map(({ id, summary }) => ({ id, summary }));
}

function encodersOf({ manifest: { towers, gallery, files } }: SearchEngine): LibraryDetail['model']['encoders'] {
  return towers.map(({ name, modality, modalityConfig, encoder, encoderConfig, file }) => {
    // A bundle whose manifest does not list its encoders was not opened.
    const { bytes, sha256 } = files.find(({ path }) => path === file)!;
    return { name, modality, encoder, config: encoderConfig, modalityConfig, gallery: name === gallery, bytes, sha256 };
  });
}

export async function rejectsOf(engine: SearchEngine, from: number, limit: number): Promise<RejectPage> {
  const { manifest } = engine;
  const rows: RejectPage['rows'] = [];
  let at = 0;
  if (from < manifest.counts.rejected) {
    for await (const row of rejected(engine)) {
      if (at++ >= from) rows.push(row);
      if (rows.length === limit) break;
    }
  }
  return { index: manifest.name, generation: manifest.generation, total: hasRejects(engine) ? manifest.counts.rejected : 0, from, rows };
}

export async function recallOf(
  engine: SearchEngine, { queries, k, efSearch }: RecallRequest, left: AbortSignal, now: () => number,
): Promise<RecallResponse> {
  const { name: index, generation, index: { parameters } } = engine.manifest;
  const { indexMs, exactMs, ...measured } = await measureRecall(engine, { queries, k, efSearch, budgetMs: RECALL_BUDGET_MS, left, now });
  const own = parameters['efSearch'];
  const breadth = typeof own === 'number' ? (efSearch ?? own) : null;
  return { index, generation, queries: measured.queries, k, efSearch: breadth, recall: measured.recall, hnswMs: indexMs, exactMs };
}

export function mapOf(engine: SearchEngine): LibraryMap {
  const { places, manifest: { name: index, generation, count, map } } = engine;
  const points = spreadRows(count, MOST_POINTS).map((row) => placeAt(places, row));
  return { index, generation, count, sampled: points.length, points, method: map!.method, neighbourShare: map!.neighbourShare };
}

export async function placesOf(engine: SearchEngine, { ids = [], smiles }: PlacesRequest): Promise<PlacesResponse> {
  const { places, molecules } = engine;
  const rows = await molecules.rowsOfIds(ids);
  const query = smiles === undefined ? null : await engine.placeOf(smiles);
  return { places: rows.map((row) => (row === undefined ? null : placeAt(places, row))), query: query === null ? null : rounded(query) };
}

/** Records by the code of their reason. */
async function rejectCodes(engine: SearchEngine): Promise<Record<string, number>> {
  const codes: Record<string, number> = {};
  for await (const { code } of rejected(engine)) codes[code] = (codes[code] ?? 0) + 1;
  return codes;
}

/** Streamed: of a library of millions there may be many. */
async function* rejected(engine: SearchEngine): AsyncGenerator<RejectPage['rows'][number]> {
  if (!hasRejects(engine)) return;
  // Opened first: a stream that cannot open its file would take the process with it.
  const file = await open(join(engine.directory, REJECTS_FILE)).catch((cause: unknown) => {
    const { name } = engine.manifest;
    const message = `Expected an unchanged bundle "${name}", but its ${REJECTS_FILE} cannot be read; build it again.`;
    throw new IsoLensError('BUNDLE_CORRUPT', message, { cause });
  });
  try {
    for await (const line of file.readLines({ autoClose: false })) if (line !== '') yield JSON.parse(line) as RejectPage['rows'][number];
  } finally {
    await file.close();
  }
}

function hasRejects({ manifest }: SearchEngine): boolean {
  return manifest.files.some(({ path, bytes }) => path === REJECTS_FILE && bytes > 0);
}

function placeAt(places: Float32Array, row: number): Place {
  return rounded([places[2 * row]!, places[2 * row + 1]!]);
}

/** Four digits are finer than any screen, and a third of the bytes. */
function rounded([x, y]: Place): Place {
  return [Number(x.toFixed(4)), Number(y.toFixed(4))];
}
