/** Calls about one library: what it is, what was refused, how good its index is, and its map. */
import type {
  LibraryDetail, LibraryMap, PlacesRequest, PlacesResponse, RecallRequest, RecallResponse, RejectPage,
} from '../../src/api/index.ts';
import { getJson, sendJson } from './client.ts';

const pathOf = (name: string): string => `/v1/indexes/${encodeURIComponent(name)}`;

export async function libraryDetail(name: string, signal?: AbortSignal): Promise<LibraryDetail> {
  return getJson(pathOf(name), signal);
}

export async function rejects(name: string, from: number, limit: number, signal: AbortSignal): Promise<RejectPage> {
  return getJson(`${pathOf(name)}/rejects?from=${from}&limit=${limit}`, signal);
}

export async function measureRecall(name: string, asked: Partial<RecallRequest>, signal: AbortSignal): Promise<RecallResponse> {
  return sendJson('POST', `${pathOf(name)}/recall`, asked, signal);
}

const maps = new Map<string, Promise<LibraryMap>>();

/** Kept for as long as the page is open: a map changes with its generation alone. */
export function libraryMap(name: string, generation: string): Promise<LibraryMap> {
  const key = `${name}@${generation}`;
  const known = maps.get(key);
  if (known !== undefined) return known;
  const made = getJson<LibraryMap>(`${pathOf(name)}/map`);
  maps.set(key, made);
  made.catch(() => maps.delete(key));
  return made;
}

const MOST_IDS = 10_000;
/** What the service takes is 1 MB, and an identifier may have a thousand characters. */
const MOST_CHARACTERS = 500_000;

export type Place = PlacesResponse['places'][number];

/** One place for each identifier, in order; null where the library has none such. */
export async function placesOf(name: string, ids: readonly string[], signal: AbortSignal): Promise<readonly Place[]> {
  const places: Place[] = [];
  for (const chunk of chunksOf(ids)) places.push(...(await ask(name, { ids: chunk }, signal)).places);
  return places;
}

export async function placeOf(name: string, smiles: string, signal: AbortSignal): Promise<Place> {
  return (await ask(name, { smiles }, signal)).query;
}

function ask(name: string, asked: PlacesRequest, signal: AbortSignal): Promise<PlacesResponse> {
  return sendJson('POST', `${pathOf(name)}/places`, asked, signal);
}

function chunksOf(ids: readonly string[]): string[][] {
  const chunks: string[][] = [];
  let characters = Infinity;
  for (const id of ids) {
    const last = chunks.at(-1);
    if (last === undefined || last.length === MOST_IDS || characters + id.length > MOST_CHARACTERS) {
      chunks.push([id]);
      characters = id.length;
    } else {
      last.push(id);
      characters += id.length;
    }
  }
  return chunks;
}
