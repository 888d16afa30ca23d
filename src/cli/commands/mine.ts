import { basename, join, resolve } from 'node:path';
import { ChemPool } from '../../chem/index.ts';
import { IsoLensError } from '../../core/index.ts';
import { readLibrary } from '../../ingest/index.ts';
import { PROVENANCE_FILE, mineReplacements } from '../../replacements/index.ts';
import type { ExcludedMolecules, Measurement } from '../../replacements/index.ts';
import type { Context } from '../context.ts';
import { heldOutList, screeningActives } from '../left-out.ts';
import { repeated, wholeNumber } from '../options.ts';
import type { Register } from './define.ts';

interface MineFlags {
  readonly input: string;
  readonly heldOut?: string;
  readonly excludeActives?: readonly string[];
  readonly output?: string;
  readonly work?: string;
  readonly cuts: number;
  readonly variable: number;
  readonly minPairs: number;
  readonly minAssays: number;
  readonly source?: string;
  readonly licence?: string;
  readonly threads?: number;
  readonly json?: boolean;
}

/** As databases write the relation of a concentration; the activity, its negative logarithm, turns the other way. */
const RELATIONS: Readonly<Record<string, Measurement['relation']>> = { '=': 'exact', '~': 'exact', '>': 'below', '>=': 'below', '>>': 'below', '<': 'above', '<=': 'above', '<<': 'above' };

export const registerMine: Register = (program, contextOf) => {
  program
    .command('mine')
    .description('Mine replacements (matched pairs and what they did to activity) from measured activities.')
    .requiredOption('--input <file>', 'table with the columns assay, smiles, log_value (-log10 of a molar value) and relation (of the value itself: "=", "<", ">")')
    .option('--held-out <file>', 'keys of molecules that must not be used (default: heldout.txt.gz in the data folder; "none" for none)')
    .option('--exclude-actives <file>', 'a screening protocol whose actives must not be used; may be given several times', repeated)
    .option('--output <folder>', 'where the table goes (default: the shipped one)')
    .option('--work <folder>', 'parts of a run that was killed are taken up from here (default: runs/mine)')
    .option('--cuts <number>', 'bonds cut at once, at most', wholeNumber(1, 3), 3)
    .option('--variable <atoms>', 'heavy atoms of the replaced group, at most', wholeNumber(1, 20), 12)
    .option('--min-pairs <number>', 'pairs that a replacement needs', wholeNumber(3), 3)
    .option('--min-assays <number>', 'assays, and constant parts, that a replacement needs', wholeNumber(2), 2)
    .option('--source <text>', 'what the activities are, for the provenance file')
    .option('--licence <text>', 'under which licence they are, for the provenance file')
    .option('--threads <number>', 'chemistry threads (default: all)', wholeNumber(1, 256))
    .option('--json', 'print the counts as JSON')
    .action(async (flags: MineFlags) => {
      const context = contextOf();
      const chem = new ChemPool({ workers: flags.threads ?? context.threads });
      try {
        const output = resolve(flags.output ?? join(context.models, 'replacements'));
        const report = await mineReplacements({
          measurements: measurementsOf(context, flags.input),
          excluded: await excludedBy(context, flags, chem),
          chem, output,
          work: resolve(flags.work ?? join(context.root, 'runs', 'mine')),
          cuts: flags.cuts, variable: flags.variable,
          thresholds: { pairs: flags.minPairs, assays: flags.minAssays, contexts: flags.minAssays, environmentPairs: 2 },
          info: {
            command: `isolens mine --input ${basename(flags.input)}${(flags.excludeActives ?? []).map((path) => ` --exclude-actives ${basename(path)}`).join('')}`,
            version: context.version, createdAt: context.date(), source: flags.source ?? basename(flags.input), licence: flags.licence ?? 'not stated',
            policy: 'Statistics and fragments only: every replacement was seen in several assays and constant parts, and a fragment is at most half of a molecule.',
          },
          progress: context.progress,
          signal: context.signal,
        });
        if (flags.json === true) context.print(JSON.stringify(report));
        context.note(`${report.shipped} replacements (${report.seenThrice} of ${report.distinct} were seen three times or more) are in ${output}; ${PROVENANCE_FILE} beside them holds all counts.`);
      } finally {
        await chem.close();
      }
    });
};

async function excludedBy(context: Context, flags: MineFlags, chem: ChemPool): Promise<ExcludedMolecules[]> {
  const lists: ExcludedMolecules[] = [heldOutList(flags.heldOut, context.data)];
  for (const path of flags.excludeActives ?? []) lists.push(await screeningActives(context, chem, path));
  return lists;
}

/** Rows without an activity or with a relation that says nothing are counted and passed over. */
async function* measurementsOf(context: Context, path: string): AsyncGenerator<Measurement> {
  const passed: Record<string, number> = {};
  const pass = (why: string): void => void (passed[why] = (passed[why] ?? 0) + 1);
  let checked = false;
  for await (const item of readLibrary({ path })) {
    if (item.kind === 'reject') {
      pass('that cannot be read');
      continue;
    }
    const { assay, log_value: activity, relation } = item.properties;
    if (!checked && assay === undefined) throw new IsoLensError('COLUMN_MISSING', `Expected the columns assay, smiles, log_value and relation in ${path} but the first record has ${Object.keys(item.properties).join(', ') || 'none'} beside its SMILES.`);
    checked = true;
    const known = RELATIONS[String(relation)];
    if (typeof activity !== 'number' && !Number.isFinite(Number.parseFloat(String(activity)))) pass('without an activity');
    else if (known === undefined) pass('without a relation');
    else yield { assay: String(assay), smiles: item.structure, activity: Number(activity), relation: known };
  }
  for (const [why, count] of Object.entries(passed)) context.progress.warn(`${count} records ${why} are passed over`);
}
