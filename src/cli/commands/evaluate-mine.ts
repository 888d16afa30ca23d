import type { Command } from 'commander';
import { ChemPool } from '../../chem/index.ts';
import { IsoLensError } from '../../core/index.ts';
import { mineHops, mineScreening, readAssays } from '../../evaluate/index.ts';
import type { Assay } from '../../evaluate/index.ts';
import type { Context } from '../context.ts';
import { newTargetsOf } from '../left-out.ts';
import { numberBetween, wholeNumber } from '../options.ts';
import { tableText } from '../table.ts';

interface MineFlags {
  readonly data?: string;
  readonly leftOutOf?: string;
  readonly pool?: string;
  readonly output: string;
  readonly decoys: number;
  readonly poolSize: number;
  readonly seed: number;
  readonly json?: boolean;
}

interface HopFlags extends MineFlags {
  readonly perAssay: number;
  readonly maxTanimoto: number;
}

interface ScreeningFlags extends MineFlags {
  readonly targets: number;
  readonly actives: number;
  readonly queries: number;
  readonly repeats: number;
}

/** `evaluate mine-hops` and `evaluate mine-screening`: sets to measure on, made of measured activities. */
export function registerMining(evaluate: Command, contextOf: () => Context): void {
  const command = (name: string, description: string, decoys: number): Command => evaluate.command(name).description(description)
    .option('--data <file>', 'table with the columns assay, smiles and active')
    .option('--left-out-of <recipe>', 'instead of --data: the targets that this recipe leaves out of training')
    .option('--pool <file>', 'library from which decoys are drawn (default: the actives of the other assays)')
    .requiredOption('--output <file>', 'JSON, gzipped where the name ends in .gz')
    .option('--decoys <number>', 'decoys of each case', wholeNumber(1), decoys)
    .option('--pool-size <number>', 'molecules of the pool to look at', wholeNumber(1), 60_000)
    .option('--seed <number>', 'everything drawn follows from it', wholeNumber(0), 1)
    .option('--json', 'print one JSON object');

  command('mine-hops', 'Make a set of scaffold hops from measured assays, for evaluate hops.', 500)
    .option('--per-assay <number>', 'cases of each assay at most', wholeNumber(1), 20)
    .option('--max-tanimoto <number>', 'the two actives are less alike than this (ECFP4)', numberBetween(0, 1), 0.25)
    .action(async (flags: HopFlags) => mine(contextOf(), flags, ({ perAssay, ...settings }) => mineHops({ ...settings, casesPerAssay: perAssay })));

  command('mine-screening', 'Make a screening protocol from sets of actives, for evaluate screening.', 10_000)
    .option('--targets <number>', 'targets at most', wholeNumber(1), 200)
    .option('--actives <number>', 'actives of a target at most', wholeNumber(2), 40)
    .option('--queries <number>', 'known actives of a repeat', wholeNumber(1), 5)
    .option('--repeats <number>', 'draws of the known actives', wholeNumber(1), 5)
    .action(async (flags: ScreeningFlags) => mine(contextOf(), flags, mineScreening));
}

type Services = { readonly assays: readonly Assay[]; readonly chem: ChemPool } & Pick<Context, 'progress' | 'signal'>;

async function mine<Flags extends MineFlags>(context: Context, flags: Flags, make: (options: Flags & Services) => Promise<object>): Promise<void> {
  const assays = await assaysOf(context, flags);
  const chem = new ChemPool({ workers: context.threads });
  try {
    const result = await make({ ...flags, assays, chem, progress: context.progress, signal: context.signal });
    context.print(flags.json === true ? JSON.stringify(result) : tableText([['made', ''], ...Object.entries(result).map(([name, value]) => [name, String(value)])]));
  } finally {
    await chem.close();
  }
}

async function assaysOf({ data: folder }: Context, { data, leftOutOf }: MineFlags): Promise<readonly Assay[]> {
  if ((data === undefined) === (leftOutOf === undefined)) throw new IsoLensError('ARGUMENT_INVALID', 'Expected either --data with a table of activities or --left-out-of with a recipe.');
  if (data !== undefined) return readAssays(data);
  return newTargetsOf(leftOutOf!, folder);
}
