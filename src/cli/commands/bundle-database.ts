/** `bundle push` and `bundle pull`: a bundle to a database and back. */
import type { Command } from 'commander';
import { openBundle } from '../../bundle/index.ts';
import { IsoLensError } from '../../core/index.ts';
import { databasePlace, libraryPlace, pullBundle, pushBundle } from '../../postgres/index.ts';
import type { DatabasePlace } from '../../postgres/index.ts';
import { bundlePlace, isDatabaseAddress } from '../bundles.ts';
import type { Context } from '../context.ts';

interface PushFlags {
  readonly to?: string;
  readonly json?: boolean;
}

export function registerPush(bundle: Command, contextOf: () => Context): void {
  bundle
    .command('push')
    .description('Send a bundle to a PostgreSQL database with pgvector.')
    .argument('<name>', 'name, or path of its folder')
    .option('--to <url>', 'postgres://user@host:port/database; else ISOLENS_DATABASE')
    .option('--json', 'print JSON')
    .action(async (name: string, { to, json }: PushFlags) => {
      const context = contextOf();
      const database = databasePlace(to ?? context.database ?? missing('--to postgres://user@host/database'));
      const place = bundlePlace(context, name);
      const opened = await openBundle(place.root, place.name);
      try {
        const outcome = await pushBundle(opened, database, { progress: context.progress, signal: context.signal });
        if (json === true) context.print(JSON.stringify({ name: place.name, ...outcome }));
        else context.print(`${place.name} ${outcome.generation}: ${outcome.count} molecules, ${outcome.isNew ? 'live' : 'live already'} in ${database.shown}.`);
      } finally {
        opened.close();
      }
    });
}

export function registerPull(bundle: Command, contextOf: () => Context): void {
  bundle
    .command('pull')
    .description('Write a bundle that lies in a PostgreSQL database to this disk.')
    .argument('<library>', 'postgres://user@host:port/database/name, or a name in ISOLENS_DATABASE')
    .option('--json', 'print JSON')
    .action(async (library: string, { json }: { readonly json?: boolean }) => {
      const context = contextOf();
      const { database, name } = pulled(library, context);
      const { manifest, isNew } = await pullBundle(database, name, context.indexes, { progress: context.progress, signal: context.signal });
      if (json === true) context.print(JSON.stringify({ name, generation: manifest.generation, count: manifest.count, isNew }));
      else context.print(`${name} ${manifest.generation}: ${manifest.count} molecules, ${isNew ? 'written' : 'there already'} in ${context.indexes}.`);
    });
}

function pulled(library: string, context: Context): { database: DatabasePlace; name: string } {
  if (!isDatabaseAddress(library)) return { database: databasePlace(context.database ?? missing('postgres://user@host/database/name')), name: library };
  const { place, name } = libraryPlace(library);
  if (name === undefined) throw new IsoLensError('ARGUMENT_INVALID', 'Expected the name of a library after the database, as in postgres://user@host/database/name.');
  return { database: place, name };
}

function missing(expected: string): never {
  throw new IsoLensError('ARGUMENT_INVALID', `Expected ${expected}, or such an address in ISOLENS_DATABASE, but received neither.`);
}
