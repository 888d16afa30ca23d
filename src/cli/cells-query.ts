/** Treated cells that a person names on the command line, or sends: sites in files, a perturbation of a table of profiles. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { IsoLensError } from '../core/index.ts';
import { listSites, patternOf, profileQuery } from '../ingest/index.ts';
import type { ReadProfiles } from '../ingest/index.ts';
import type { CellsQuery, SearchEngine } from '../search/index.ts';
import { readImageFile } from './files.ts';

/** Sites of one query that are read at most: more add time, and nothing to their mean. */
const MAX_SITES = 64;

export interface SitesOptions {
  readonly channels?: string | undefined;
  readonly pattern?: string | undefined;
}

/**
 * Every path is a stack of one site, or a folder of files, one a channel, named as `isolens plate` reads them. Returns the query and what
 * is to be told of the folders.
 */
export async function sitesQuery(paths: readonly string[], { channels, pattern }: SitesOptions): Promise<{ query: CellsQuery; remarks: string[] }> {
  const sites: Uint8Array[][] = [];
  const remarks: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch((error: unknown) => { throw new IsoLensError('FILE_NOT_FOUND', `Expected a site of cells or a folder of them but ${path} cannot be read; check the path.`, { cause: error }); });
    if (!found.isDirectory()) {
      sites.push([await readImageFile(path)]);
      continue;
    }
    const listing = listSites({ folder: path, channels, pattern: pattern === undefined ? undefined : patternOf(pattern) });
    const wells = new Set(listing.sites.map(({ plate, well }) => `${plate} ${well}`));
    remarks.push(`${path}: ${listing.sites.length} sites of ${wells.size} wells, named as by ${listing.pattern.id}; channels in this order: ${listing.channels.map(({ name }) => name).join(', ')}. Others, or another order: --channels.`, ...listing.problems);
    for (const { files } of listing.sites.slice(0, MAX_SITES - sites.length)) sites.push(await Promise.all(files.map((file) => readFile(join(path, file)))));
  }
  if (sites.length === 0) throw new IsoLensError('DATASET_INVALID', `Expected sites with all of their channels in ${paths.join(', ')} but found none; name the channels with --channels.`);
  if (sites.length > MAX_SITES) throw new IsoLensError('ARGUMENT_INVALID', `Expected at most ${MAX_SITES} sites of one perturbation but received ${sites.length}; give fewer.`);
  return { query: { kind: 'sites', sites }, remarks };
}

/** A perturbation of a table, prepared for the bundle's encoder. */
export function profileOfTable(engine: SearchEngine, table: ReadProfiles, perturbation: string | undefined): CellsQuery {
  const { vector, name, wells, warnings } = profileQuery(table, engine.profilePreparation, perturbation);
  return { kind: 'wells', features: vector, name: `${name} (${wells} ${wells === 1 ? 'well' : 'wells'})`, warnings };
}
