import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { readManifest, readModel } from '../../bundle/index.ts';
import { ChemPool } from '../../chem/index.ts';
import {
  SPLITS, encoderSource, evaluateProbe, fingerprintSource, partsTable, probeRemarks, probeTable, splitKindOf,
} from '../../evaluate/index.ts';
import type { FeatureSource, ProbeResult, Table } from '../../evaluate/index.ts';
import { openEncoder } from '../../ingest/index.ts';
import type { EncoderFiles, OpenEncoder } from '../../ingest/index.ts';
import { bundlePlace } from '../bundles.ts';
import type { Context } from '../context.ts';
import { methodIds } from '../methods.ts';
import { repeated, wholeNumber } from '../options.ts';
import { productsOf } from '../products.ts';
import { formatTable } from '../table.ts';
import type { Register } from './define.ts';

interface ProbeFlags {
  readonly data: string;
  readonly model?: readonly string[];
  readonly method?: string;
  readonly labels?: readonly string[];
  readonly smilesColumn?: string;
  readonly split: string;
  readonly repeats?: number;
  readonly json?: boolean;
}

export const registerProbe: Register = (program, contextOf) => {
  probeOptions(program.command('probe').description('What frozen features are worth: logistic regression and k-NN on a table of labelled molecules, models beside fingerprints.'))
    .action(async (flags: ProbeFlags) => {
      const context = contextOf();
      const split = splitKindOf(flags.split);
      const fingerprints = flags.method === undefined ? [] : methodIds(flags.method).map(fingerprintSource);
      const chem = new ChemPool({ workers: context.threads });
      const encoders: OpenEncoder[] = [];
      try {
        const models: FeatureSource[] = [];
        for (const model of flags.model ?? []) {
          const encoder = await openEncoder(await encoderFiles(context, model));
          encoders.push(encoder);
          models.push(encoderSource(basename(resolve(model)), encoder));
        }
        const result = await evaluateProbe({
          data: flags.data, labels: flags.labels, smilesColumn: flags.smilesColumn, split, repeats: flags.repeats,
          // Fingerprints come first: the models' gain is over them.
          sources: [...fingerprints, ...models],
          products: models.length === 0 ? undefined : productsOf(context),
          chem, progress: context.progress, signal: context.signal,
        });
        report(context, flags, result);
      } finally {
        for (const encoder of encoders) await encoder.close();
        await chem.close();
      }
    });
};

function probeOptions(command: Command): Command {
  return command
    .requiredOption('--data <file>', 'comma- or tab-separated table with a column of SMILES and columns of labels (0, 1 or empty), plain or gzipped')
    .option('--model <folder>', 'a model, or a bundle, whose encoder is probed; may be repeated', repeated)
    .option('--method <methods>', 'fingerprints beside the models, separated by commas: ecfp4, atompair, torsion')
    .option('--labels <column>', 'a column of labels; may be repeated (default: every column that holds labels)', repeated)
    .option('--smiles-column <name>', 'the column of SMILES (default: found by its name)')
    .option('--split <split>', `how 80 % are taken for training and 10 % each for choosing C and k and for the test: ${SPLITS.join(', ')}`, 'scaffold')
    .option('--repeats <number>', 'so many random splits, with --split scaffold of whole scaffolds (default: one split; by scaffold without chance)', wholeNumber(1, 1000))
    .option('--json', 'print one JSON object, with every column and split');
}

/** The folder of a model; else a bundle, by its name or folder. */
async function encoderFiles(context: Context, model: string): Promise<EncoderFiles> {
  const folder = resolve(model);
  const has = (file: string): Promise<boolean> => stat(join(folder, file)).then(() => true, () => false);
  const isName = !/[/\\]/.test(model) && !(await has(''));
  if (!isName && !(await has('CURRENT'))) return readModel(folder);
  const { root, name } = isName ? bundlePlace(context, model) : bundlePlace(context, folder);
  const { manifest, directory } = await readManifest(root, name);
  return { ...manifest, directory };
}

function report(context: Context, { json }: ProbeFlags, result: ProbeResult): void {
  if (json === true) return context.print(JSON.stringify(result));
  for (const table of [probeTable(result), partsTable(result)]) context.print(`${formatted(table)}\n`);
  for (const remark of probeRemarks(result)) context.print(remark);
}

/** Names stand left, numbers right. */
function formatted([head = [], ...rows]: Table): string {
  const isName = (column: number): boolean => column === 0 || head[column] === 'classifier';
  const columns = head.map((title, i) => ({
    title, align: isName(i) ? 'left' as const : 'right' as const, cell: (row: readonly string[]) => row[i] ?? '',
  }));
  return formatTable(columns, rows);
}
