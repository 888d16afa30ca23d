import { basename, join, resolve } from 'node:path';
import { ChemPool } from '../../chem/index.ts';
import { IsoLensError } from '../../core/index.ts';
import { readLibrary } from '../../ingest/index.ts';
import { PROVENANCE_FILE, mineReplacements } from '../../replacements/index.ts';
import type { ExcludedMolecules, Measurement } from '../../replacements/index.ts';
import { isCalibrationAssay } from '../../score/index.ts';
import type { PropertyValue } from '../../store/index.ts';
import type { Context } from '../context.ts';
import { heldOutList, moleculeList, screeningActives } from '../left-out.ts';
import { numberBetween, repeated, wholeNumber } from '../options.ts';
import type { Register } from './define.ts';

interface MineFlags {
  readonly input: readonly string[];
  readonly column?: readonly string[];
  readonly leaveOut: number;
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
    .requiredOption('--input <file>', 'table with the columns assay, smiles, log_value (-log10 of a molar value) and relation (of the value itself: "=", "<", ">"); may be given several times: assays that an earlier table holds are passed over', repeated)
    .option('--column <names>', 'what a table calls one of these columns, as in log_value=pchembl; may be given several times', repeated)
    .option('--leave-out <share>', 'leave out this share of the assays, by a hash of their names, with all their molecules: "isolens calibrate --replacements" fits on them', numberBetween(0, 0.5), 0)
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
        const names = columnNames(flags.column ?? []);
        const report = await mineReplacements({
          measurements: measurementsOf(context, flags.input, names),
          excluded: await excludedBy(context, flags, chem, names),
          chem, output,
          work: resolve(flags.work ?? join(context.root, 'runs', 'mine')),
          cuts: flags.cuts, variable: flags.variable, leftOutShare: flags.leaveOut,
          thresholds: { pairs: flags.minPairs, assays: flags.minAssays, contexts: flags.minAssays, environmentPairs: 2 },
          info: {
            command: commandOf(flags),
            version: context.version, createdAt: context.date(), source: flags.source ?? flags.input.map((path) => basename(path)).join(', '), licence: flags.licence ?? 'not stated',
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

function commandOf({ input, column = [], excludeActives = [], leaveOut, cuts, variable, minPairs, minAssays }: MineFlags): string {
  const options = [...input.map((path) => ['input', basename(path)]), ...column.map((names) => ['column', names]), ...excludeActives.map((path) => ['exclude-actives', basename(path)])];
  const settings = [['leave-out', leaveOut], ['cuts', cuts], ['variable', variable], ['min-pairs', minPairs], ['min-assays', minAssays]];
  return ['isolens mine', ...[...options, ...settings].map(([name, value]) => `--${name} ${value}`)].join(' ');
}

const COLUMNS = ['assay', 'log_value', 'relation'] as const;
/** Columns by what the tables call them beside their own names. */
type ColumnNames = Readonly<Partial<Record<(typeof COLUMNS)[number], string>>>;

function columnNames(given: readonly string[]): ColumnNames {
  return Object.fromEntries(given.map((one) => {
    const [column = '', name = ''] = one.split('=', 2);
    if ((COLUMNS as readonly string[]).includes(column) && name !== '') return [column, name];
    throw new IsoLensError('ARGUMENT_INVALID', `Expected --column as one of ${COLUMNS.join(', ')}, "=" and the name that the table uses but received "${one}".`);
  }));
}

async function excludedBy(context: Context, flags: MineFlags, chem: ChemPool, names: ColumnNames): Promise<ExcludedMolecules[]> {
  const lists: ExcludedMolecules[] = [heldOutList(flags.heldOut, context.data)];
  for (const path of flags.excludeActives ?? []) lists.push(await screeningActives(context, chem, path));
  if (flags.leaveOut > 0) {
    const smiles = new Set<string>();
    for await (const row of rowsOf(flags.input, names)) if (typeof row !== 'string' && isCalibrationAssay(row.assay, flags.leaveOut)) smiles.add(row.smiles);
    lists.push(await moleculeList(context, chem, 'the assays that are left out', [...smiles]));
  }
  return lists;
}

interface Row {
  readonly assay: string;
  readonly smiles: string;
  readonly activity: PropertyValue | undefined;
  readonly relation: PropertyValue | undefined;
}

/** Of all tables, each assay of the first that holds it; or why a record is passed over. */
async function* rowsOf(paths: readonly string[], names: ColumnNames): AsyncGenerator<Row | string> {
  const tableOf = new Map<string, string>();
  for (const path of paths) {
    let checked = false;
    for await (const item of readLibrary({ path })) {
      if (item.kind === 'reject') {
        yield 'that cannot be read';
        continue;
      }
      const value = (column: (typeof COLUMNS)[number]): PropertyValue | undefined => item.properties[column] ?? item.properties[names[column] ?? column];
      const assay = value('assay');
      if (!checked && assay === undefined) throw new IsoLensError('COLUMN_MISSING', `Expected the columns assay, smiles, log_value and relation in ${path} but the first record has ${Object.keys(item.properties).join(', ') || 'none'} beside its SMILES; --column says how a table calls them.`);
      checked = true;
      const first = tableOf.get(String(assay));
      if (first === undefined) tableOf.set(String(assay), path);
      if (first !== undefined && first !== path) yield 'of assays that an earlier table holds';
      else yield { assay: String(assay), smiles: item.structure, activity: value('log_value'), relation: value('relation') };
    }
  }
}

/** Rows without an activity or with a relation that says nothing are counted and passed over. */
async function* measurementsOf(context: Context, paths: readonly string[], names: ColumnNames): AsyncGenerator<Measurement> {
  const passed: Record<string, number> = {};
  const pass = (why: string): void => void (passed[why] = (passed[why] ?? 0) + 1);
  for await (const row of rowsOf(paths, names)) {
    if (typeof row === 'string') {
      pass(row);
      continue;
    }
    const { assay, smiles, activity, relation } = row;
    const known = RELATIONS[String(relation)];
    if (typeof activity !== 'number' && !Number.isFinite(Number.parseFloat(String(activity)))) pass('without an activity');
    else if (known === undefined) pass('without a relation');
    else yield { assay, smiles, activity: Number(activity), relation: known };
  }
  for (const [why, count] of Object.entries(passed)) context.progress.warn(`${count} records ${why} are passed over`);
}
