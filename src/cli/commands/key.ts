import { makeApiKey } from '../../server/index.ts';
import type { Register } from './define.ts';

export const registerKey: Register = (program, contextOf) => {
  program
    .command('key')
    .description('Make an API key for a service: print it once, with the line of the key file that lets it in.')
    .argument('<name>', 'whose key it is; the name stands in the log of the service')
    .action((name: string) => {
      const { key, line } = makeApiKey(name);
      const context = contextOf();
      context.note('Give the key to its owner, and add the line to the file that "isolens serve --api-keys" names. The key is not shown again.');
      context.print(`key: ${key}\nline: ${line}`);
    });
};
