/** Where a library that is searched lies: a bundle on this disk, or a library in a database. */
import { tmpdir } from 'node:os';
import { currentOf } from '../bundle/index.ts';
import { IsoLensError } from '../core/index.ts';
import { SearchEngine } from '../search/index.ts';
import type { SearchDependencies } from '../search/index.ts';
import { bundlePlace, isDatabaseAddress } from './bundles.ts';
import type { Context } from './context.ts';

export interface SearchSource {
  readonly name: string;
  /** The folder in which the bundle lies; '' for a library in a database. */
  readonly root: string;
  /** Says which generation is current, in words of its own; undefined where none is. */
  pointer(): Promise<string | undefined>;
  /** Opens the current generation. */
  open(dependencies: SearchDependencies): Promise<SearchEngine>;
  close(): Promise<void>;
}

/** bundle: a name, the path of a folder, or postgres://user@host/database/name. ARGUMENT_INVALID for an address without a name. */
export async function searchSource(context: Context, bundle: string): Promise<SearchSource> {
  return isDatabaseAddress(bundle) ? inDatabase(bundle) : onDisk(context, bundle);
}

function onDisk(context: Context, bundle: string): SearchSource {
  const { root, name } = bundlePlace(context, bundle);
  return { name, root, pointer: () => currentOf(root, name), open: (dependencies) => SearchEngine.open(root, name, dependencies), close: async () => {} };
}

/** What speaks with a database is loaded where there is one. */
async function inDatabase(address: string): Promise<SearchSource> {
  const { LiveGeneration, SearchedLibrary, libraryPlace } = await import('../postgres/index.ts');
  const { place, name } = libraryPlace(address);
  if (name === undefined) throw new IsoLensError('ARGUMENT_INVALID', 'Expected the name of a library after the database, as in postgres://user@host/database/name.');
  const live = new LiveGeneration(place, name);
  return {
    name, root: '', pointer: () => live.current(), close: () => live.close(),
    open: async (dependencies) => SearchEngine.over(await SearchedLibrary.open(place, name, { scratch: tmpdir() }), dependencies),
  };
}
