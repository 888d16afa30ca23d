import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SearchLibrary } from './library.ts';
import { IsoLensError } from '../core/index.ts';
import { decodeMap } from '../layout/index.ts';

/** (count, 2) from 0 to 1; undefined in bundles that were made without a map. */
export async function openMap({ directory, manifest }: Pick<SearchLibrary, 'directory' | 'manifest'>): Promise<Float32Array | undefined> {
  if (manifest.map === undefined) return undefined;
  return decodeMap(await readFile(join(directory, manifest.map.file)), manifest.count);
}

export function requireMap(map: Float32Array | undefined, name: string): Float32Array {
  if (map !== undefined) return map;
  const advice = 'make the bundle again with "isolens index"';
  throw new IsoLensError('MAP_MISSING', `Expected a map of "${name}" but it was made without one; ${advice}.`);
}
