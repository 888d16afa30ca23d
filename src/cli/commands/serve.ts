import { listenOptions, repeated } from '../options.ts';
import { serve } from '../serving.ts';
import type { ListenOptions } from '../serving.ts';
import type { Register } from './define.ts';

interface ServeFlags extends ListenOptions {
  readonly bundle: readonly string[];
}

export const registerServe: Register = (program, contextOf) => {
  const command = program
    .command('serve')
    .description('Serve bundles over HTTP, with the search page.')
    .requiredOption('--bundle <name>', 'a bundle: its name, the path of its folder, or postgres://user@host/database/name; may be given several times, the first is searched by default', repeated);
  listenOptions(command)
    .action(async ({ bundle, ...listen }: ServeFlags) => serve(contextOf(), { bundles: bundle, ...listen }));
};
