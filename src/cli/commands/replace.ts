import { Option } from 'commander';
import { ChemPool, IONISATION_CLASSES } from '../../chem/index.ts';
import type { IonisationClass } from '../../chem/index.ts';
import { IsoLensError } from '../../core/index.ts';
import { Replacements } from '../../replacements/index.ts';
import { withEngine } from '../with-engine.ts';
import { shippedReplacements } from '../evidence.ts';
import { wholeNumber } from '../options.ts';
import { describeReplacements, replaceIn } from '../replacing.ts';
import { MOLECULE_TIMEOUT_MS } from '../serving.ts';
import type { Register } from './define.ts';

/** Replacements shown of each group where every group is; a chosen one is shown as far as was asked. */
const LINES_PER_GROUP = 3;

interface ReplaceFlags {
  readonly smiles: string;
  readonly atoms?: readonly number[];
  readonly class?: IonisationClass;
  readonly bundle?: string;
  readonly table?: string;
  readonly k: number;
  readonly json?: boolean;
}

export const registerReplace: Register = (program, contextOf) => {
  program
    .command('replace')
    .description('List what was seen in the place of a group, with its evidence, and propose new molecules.')
    .requiredOption('--smiles <smiles>', 'a molecule, or a fragment with attachment points such as [*:1]C(=O)N[*:2]')
    .option('--atoms <list>', 'atoms of the group as they stand in the SMILES, from 0: 3,4,5 or 3-5 (default: every group)', atomList)
    .addOption(new Option('--class <name>', 'only replacements that are this in water at pH 7.4').choices(IONISATION_CLASSES))
    .option('--bundle <name>', 'the bundle in which proposals are looked up and by whose encoder they are compared')
    .option('--table <file>', 'a table that "isolens mine" made (default: the shipped one)')
    .option('-k <number>', 'molecules to propose, and replacements to list for each group', wholeNumber(1, 200), 20)
    .option('--json', 'print JSON')
    .action(async ({ smiles, atoms, class: ionisation, bundle, table: path, k, json }: ReplaceFlags) => {
      const context = contextOf();
      const table = path === undefined ? shippedReplacements(context).table() : Replacements.open(path);
      const run = async (chem: ChemPool, engine?: Parameters<typeof replaceIn>[0]['engine']): Promise<void> => {
        const answer = await replaceIn({ chem, table, engine, now: context.now }, { smiles, atoms, ionisation, k });
        context.print(json === true ? JSON.stringify(answer) : describeReplacements(answer, atoms === undefined && answer.query.kind === 'molecule' ? Math.min(k, LINES_PER_GROUP) : k, context.columns));
      };
      if (bundle !== undefined) return withEngine(context, bundle, { chemWorkers: 1, moleculeTimeoutMs: MOLECULE_TIMEOUT_MS }, ({ chem, engine }) => run(chem, engine));
      const chem = new ChemPool({ workers: 1, itemTimeoutMs: MOLECULE_TIMEOUT_MS });
      try {
        await run(chem);
      } finally {
        await chem.close();
      }
    });
};

/** `3,4,5` and `3-5`. */
function atomList(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const match = /^\s*(\d{1,4})(?:-(\d{1,4}))?\s*$/.exec(part);
    if (match === null) throw new IsoLensError('ARGUMENT_INVALID', `Expected --atoms to list atoms from 0, such as 3,4,5 or 3-5, but received ${JSON.stringify(text)}.`);
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (last < first) throw new IsoLensError('ARGUMENT_INVALID', `Expected a range of --atoms to rise but received ${part.trim()}.`);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
