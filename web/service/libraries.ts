/** The map of a library, and places on it. */
import type { LibraryMap, PlacesRequest, PlacesResponse } from '../../src/api/index.ts';
import { client } from './client.ts';

const maps = new Map<string, Promise<LibraryMap>>();

/** Kept for as long as the page is open: a map changes with its generation alone. */
export function libraryMap(name: string, generation: string): Promise<LibraryMap> {
  const key = `${name}@${generation}`;
  const known = maps.get(key);
  if (known !== undefined) return known;
  const made = client.getMap(name);
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
  return client.findPlaces(name, asked, { signal });
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
