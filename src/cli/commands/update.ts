import { join } from 'node:path';
import { ChemPool } from '../../chem/index.ts';
import { IsoLensError } from '../../core/index.ts';
import { REJECTS_FILE, updateBundle } from '../../ingest/index.ts';
import { bundlePlace } from '../bundles.ts';
import { EXIT } from '../exit.ts';
import { readText } from '../files.ts';
import { librarySource, readOptions } from '../library.ts';
import { libraryOptions, wholeNumber } from '../options.ts';
import type { LibraryFlags } from '../options.ts';
import type { Register } from './define.ts';

interface UpdateFlags extends LibraryFlags {
  readonly add?: string;
  readonly remove?: string;
  readonly jobs?: number;
  readonly json?: boolean;
}

const SHOWN = 5;

export const registerUpdate: Register = (program, contextOf) => {
  const command = program
    .command('update')
    .description('Add molecules to a bundle, put others in their place or remove some, without computing the rest again. Run it again after an interruption and it goes on.')
    .argument('<bundle>', 'name of the bundle, or the path of its folder')
    .option('--add <file>', 'a library as "index" reads it; a record whose identifier the bundle has takes its place')
    .option('--remove <file>', 'identifiers or InChIKeys, one a line')
    .option('--jobs <number>', 'threads (default: all)', wholeNumber(1, 256))
    .option('--json', 'print a summary as JSON');
  libraryOptions(command).action(async (bundle: string, flags: UpdateFlags) => {
    const context = contextOf();
    const { root, name } = bundlePlace(context, bundle);
    if (flags.add === '-') throw new IsoLensError('ARGUMENT_INVALID', 'Expected a file to add, which an interrupted update reads again, but received standard input.');
    const remove = flags.remove === undefined ? [] : (await readText(flags.remove, 'a list of identifiers to remove')).split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '');
    const chem = new ChemPool({ workers: flags.jobs ?? context.threads });
    try {
      const { manifest, added, removed, unknown } = await updateBundle({
        root, name, remove, chem, progress: context.progress, signal: context.signal, now: () => new Date(context.date()),
        add: flags.add === undefined ? undefined : { source: librarySource(context, flags.add, flags), read: readOptions(flags) },
        command: `isolens update ${name}${flags.add === undefined ? '' : ` --add ${nameOf(flags.add)}`}${flags.remove === undefined ? '' : ` --remove ${nameOf(flags.remove)}`}`,
      });
      const { count, generation, counts } = manifest;
      if (flags.json === true) context.print(JSON.stringify({ bundle: name, generation, count, added, removed, unknown: unknown.length, ...counts }));
      else context.note(`${name}: ${count} molecules, ${added} added, ${removed} removed or replaced. Records that were refused are in ${join(root, name, generation, REJECTS_FILE)}.`);
      if (unknown.length > 0) {
        context.note(`Not in the bundle, and so not removed: ${unknown.slice(0, SHOWN).join(', ')}${unknown.length > SHOWN ? ` and ${unknown.length - SHOWN} more` : ''}.`);
        process.exitCode = EXIT.rejects;
      }
    } finally {
      await chem.close();
    }
  });
};

function nameOf(path: string): string {
  return path.split(/[/\\]/).at(-1)!;
}
