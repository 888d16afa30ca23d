import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { addToCard, readManifest, readModel } from '../../bundle/index.ts';
import { ChemPool } from '../../chem/index.ts';
import {
  SPLITS, encoderSource, evaluateImageProbe, evaluateProbe, fingerprintSource, imageProbeRemarks, imageProbeTable, partsTable, probeRemarks, probeTable, splitKindOf, trunkSource,
} from '../../evaluate/index.ts';
import type { FeatureSource, ProbeResult, Table } from '../../evaluate/index.ts';
import { FEATURE_LAYERS, openEncoder, openTrunk, readImageTable } from '../../ingest/index.ts';
import type { EncoderFiles, FeatureLayer, OpenEncoder } from '../../ingest/index.ts';
import { IsoLensError } from '../../core/index.ts';
import { encoderOfImages, pixelStatistics, readableImages } from '../image-features.ts';
import { bundlePlace } from '../bundles.ts';
import type { Context } from '../context.ts';
import { methodIds } from '../methods.ts';
import { namedModel } from '../named-model.ts';
import { repeated, wholeNumber } from '../options.ts';
import { productsOf } from '../products.ts';
import { formatTable } from '../table.ts';
import type { Register } from './define.ts';

interface ProbeFlags {
  readonly data?: string;
  readonly images?: string;
  readonly file: string;
  readonly group: string;
  readonly class: string;
  readonly folds: number;
  readonly features: string;
  readonly channels: number;
  readonly model?: readonly string[];
  readonly method?: string;
  readonly labels?: readonly string[];
  readonly smilesColumn?: string;
  readonly split: string;
  readonly repeats?: number;
  readonly card?: boolean;
  readonly json?: boolean;
}

export const registerProbe: Register = (program, contextOf) => {
  probeOptions(program.command('probe').description('What frozen features are worth: logistic regression and k-NN on a table of labelled molecules or images, models beside fingerprints or pixels.'))
    .action(async (flags: ProbeFlags) => {
      const context = contextOf();
      if ((flags.data === undefined) === (flags.images === undefined)) {
        throw new IsoLensError('ARGUMENT_INVALID', `Expected either --data or --images but received ${flags.data === undefined ? 'neither' : 'both'}.`);
      }
      const layer = layerNamed(flags.features);
      if (flags.images !== undefined) return probeImages(context, flags, flags.images, layer);
      const split = splitKindOf(flags.split);
      const fingerprints = flags.method === undefined ? [] : methodIds(flags.method).map(fingerprintSource);
      const chem = new ChemPool({ workers: context.threads });
      const encoders: Omit<OpenEncoder, 'dimension'>[] = [];
      try {
        const models: FeatureSource[] = [];
        for (const model of flags.model ?? []) {
          const { name, folder } = namedModel(model);
          const files = await encoderFiles(context, folder);
          const encoder = await (layer === 'trunk' ? openTrunk(files) : openEncoder(files));
          encoders.push(encoder);
          models.push(layer === 'trunk' ? trunkSource(name, encoder) : encoderSource(name, encoder));
        }
        const result = await evaluateProbe({
          data: flags.data!, labels: flags.labels, smilesColumn: flags.smilesColumn, split, repeats: flags.repeats,
          // Fingerprints come first: the models' gain is over them.
          sources: [...fingerprints, ...models],
          products: models.length === 0 ? undefined : productsOf(context),
          chem, progress: context.progress, signal: context.signal,
        });
        report(context, flags, result);
        if (flags.card === true) await writeCards(flags.model ?? [], basename(flags.data!), `${split} split${layer === 'trunk' ? ', trunk' : ''}`, result.scores);
      } finally {
        for (const encoder of encoders) await encoder.close();
        await chem.close();
      }
    });
};

function probeOptions(command: Command): Command {
  return command
    .option('--data <file>', 'comma- or tab-separated table with a column of SMILES and columns of labels (0, 1 or empty), plain or gzipped')
    .option('--images <file>', 'comma- or tab-separated table of images instead: a column each of files, plates and classes')
    .option('--model <folder>', 'a model, or a bundle, whose encoder is probed; may be repeated. NAME=FOLDER names it; with --images, {fold} in it stands for the fold that it was trained without', repeated)
    .option('--method <methods>', 'fingerprints beside the models, separated by commas: ecfp4, atompair, torsion; pixels with --images')
    .option('--labels <column>', 'a column of labels; may be repeated (default: every column that holds labels)', repeated)
    .option('--smiles-column <name>', 'the column of SMILES (default: found by its name)')
    .option('--split <split>', `how 80 % are taken for training and 10 % each for choosing C and k and for the test: ${SPLITS.join(', ')}`, 'scaffold')
    .option('--repeats <number>', 'so many random splits, with --split scaffold of whole scaffolds (default: one split; by scaffold without chance)', wholeNumber(1, 1000))
    .option('--file <column>', 'with --images: the column of files, relative to the table', 'file')
    .option('--group <column>', 'with --images: the column of plates, which stand in one part of a split each', 'plate')
    .option('--class <column>', 'with --images: the column of classes to tell apart', 'class')
    .option('--folds <number>', 'with --images: so many folds of plates', wholeNumber(3, 100), 5)
    .option('--features <layer>', `what of a model is probed: ${FEATURE_LAYERS.join(' or ')}; the trunk lies before the projection`, 'embedding')
    .option('--channels <number>', 'with --images: pages of each file', wholeNumber(1, 16), 5)
    .option('--card', 'write the result into the card (model.json) of each model')
    .option('--json', 'print one JSON object, with every column and split');
}

interface CardScore {
  readonly features: string;
  readonly classifier: string;
  readonly auc: number;
  readonly interval: readonly [number, number];
}

/** Writes into each model's card what was measured of it, beside the peers of the same run that are no models. */
async function writeCards(models: readonly string[], table: string, split: string, scores: readonly CardScore[]): Promise<void> {
  const named = models.map(namedModel);
  const isModel = ({ features }: CardScore): boolean => named.some(({ name }) => name === features);
  for (const { name, folder } of named) {
    if (folder.includes('{fold}')) throw new IsoLensError('ARGUMENT_INVALID', `Expected the folder of one model for --card but received ${JSON.stringify(folder)}, which stands for one a fold.`);
    const own = scores.filter((score) => score.features === name || !isModel(score));
    const { info } = await readModel(folder);
    const known = info['probes'] as Readonly<Record<string, unknown>> | undefined;
    const rounded = own.map(({ features, classifier, auc, interval }) => ({ features, classifier, auc: Number(auc.toFixed(4)), interval: interval.map((end) => Number(end.toFixed(4))) }));
    await addToCard(folder, { probes: { ...known, [table]: { split, scores: rounded } } });
  }
}

function layerNamed(text: string): FeatureLayer {
  const layer = FEATURE_LAYERS.find((one) => one === text);
  if (layer !== undefined) return layer;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected --features ${FEATURE_LAYERS.join(' or ')} but received ${JSON.stringify(text)}.`);
}

async function probeImages(context: Context, flags: ProbeFlags, path: string, layer: FeatureLayer): Promise<void> {
  if (flags.method !== undefined && flags.method !== 'pixels') throw new IsoLensError('ARGUMENT_INVALID', `Expected --method pixels with --images but received ${JSON.stringify(flags.method)}.`);
  const { table, unreadable } = await readableImages(readImageTable(path, { file: flags.file, group: flags.group, class: flags.class }), flags.channels);
  const chem = new ChemPool({ workers: 1 });
  try {
    const models = (flags.model ?? []).map((model) => {
      const { name, folder } = namedModel(model);
      return encoderOfImages(name, folder, layer, { chem });
    });
    const sources = [...(flags.method === undefined ? [] : [pixelStatistics(flags.channels)]), ...models];
    const result = await evaluateImageProbe({ table, sources, folds: flags.folds, progress: context.progress, signal: context.signal });
    if (flags.card === true) await writeCards(flags.model ?? [], basename(path), `${flags.folds} folds by ${flags.group}, ${layer}`, result.scores);
    if (flags.json === true) return context.print(JSON.stringify({ ...result, unreadable: Object.fromEntries(unreadable) }));
    context.print(`${formatted(imageProbeTable(result))}\n`);
    for (const remark of imageProbeRemarks(result)) context.print(remark);
    for (const [code, count] of unreadable) context.print(`Left out, cannot be read: ${count} ${code}.`);
  } finally {
    await chem.close();
  }
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
