import type { Command } from 'commander';
import { PROFILE_METHODS, evaluateProfiles, profilesTables } from '../../evaluate/index.ts';
import type { Context } from '../context.ts';
import { repeated, wholeNumber } from '../options.ts';
import { tableText } from '../table.ts';

interface ProfilesFlags {
  readonly data: readonly string[];
  readonly method: string;
  readonly permutations: number;
  readonly seed: number;
  readonly json?: boolean;
}

export function registerProfiles(evaluate: Command, contextOf: () => Context): void {
  const methods = PROFILE_METHODS.map(({ id, summary }) => `${id} (${summary})`).join(' ');
  evaluate.command('profiles')
    .description('Profiles of treated cells: do wells of one compound look alike, and compounds of one mechanism of action? Within a setting and across two.')
    .requiredOption('--data <file>', 'table of CellProfiler or pycytominer, a row a well, plain or gzip; one for each setting', repeated)
    .option('--method <names>', `separated by commas, the others compared with the first: ${methods}`, 'raw,robust,sphered')
    .option('--permutations <number>', 'random rankings that a compound must beat', wholeNumber(100, 1_000_000), 10_000)
    .option('--seed <number>', 'everything drawn follows from it', wholeNumber(0), 1)
    .option('--json', 'print one JSON object')
    .action(async (flags: ProfilesFlags) => {
      const context = contextOf();
      const { data, method, permutations, seed } = flags;
      const asked = method.split(',').map((name) => name.trim());
      const result = await evaluateProfiles({ data, methods: asked, permutations, seed, progress: context.progress, signal: context.signal });
      for (const remark of result.remarks) context.note(remark);
      context.print(flags.json === true ? JSON.stringify(result) : profilesTables(result).map(tableText).join('\n\n'));
    });
}
