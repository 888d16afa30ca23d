import { repeated, wholeNumber } from '../options.ts';
import { serve } from '../serving.ts';
import type { Register } from './index.ts';

interface ServeFlags {
  readonly bundle: readonly string[];
  readonly host: string;
  readonly port: number;
}

export const registerServe: Register = (program, contextOf) => {
  program
    .command('serve')
    .description('Serve bundles over HTTP, with the search page.')
    .requiredOption('--bundle <name>', 'a bundle; may be given several times, the first is searched by default', repeated)
    .option('--host <address>', 'address to listen on; whoever reaches it can search', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes any free one', wholeNumber(0, 65_535), 8080)
    .action(async ({ bundle, host, port }: ServeFlags) => serve(contextOf(), { bundles: bundle, host, port }));
};
