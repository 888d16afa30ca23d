/** What frozen features are worth: classifiers learned on them, all features side by side on the same split. */
import { IsoLensError, createRng } from '../../core/index.ts';
import type { EvaluationServices } from '../define.ts';
import type { Interval } from '../metrics.ts';
import { meanOf } from '../metrics.ts';
import { plainProducts } from '../products.ts';
import type { Products } from '../products.ts';
import { RankedScores, meanOfNumbers } from './auc.ts';
import { CLASSIFIERS } from './classifiers.ts';
import type { ClassifierId, ColumnScores } from './classifiers.ts';
import { widthOf } from './design.ts';
import { readProbedMolecules } from './molecules.ts';
import type { FeatureSource, LeftOutCounts, ProbedMolecules } from './molecules.ts';
import { randomScaffoldSplit, randomSplit, scaffoldSplit } from './split.ts';
import type { Split, SplitKind } from './split.ts';
import { GAP, readLabelTable } from './table.ts';
import type { LabelTableOptions } from './table.ts';

export interface ProbeOptions extends EvaluationServices, LabelTableOptions {
  /** Table with a column of SMILES and columns of labels. */
  readonly data: string;
  readonly sources: readonly FeatureSource[];
  readonly split: SplitKind;
  /** Absent: one split. Else splits in random order, from the seeds 1, 2, ... */
  readonly repeats?: number | undefined;
  readonly products?: Products | undefined;
}

export interface PartCounts {
  readonly molecules: number;
  readonly scaffolds: number;
  /** Sums over the columns measured. */
  readonly labels: number;
  readonly positives: number;
}

export interface ProbeScore {
  readonly features: string;
  readonly width: number;
  readonly classifier: ClassifierId;
  /** Mean over the columns, and over the splits. */
  readonly auc: number;
  readonly interval: Interval;
  /** Less the AUC of the first features with the same classifier; absent for these. */
  readonly gain?: { readonly auc: number; readonly interval: Interval };
  /** One a split. */
  readonly splits: readonly { readonly auc: number; readonly columns: Trial['columns'] }[];
  /** Fits, over columns and splits. */
  readonly fits: number;
  /** Fits whose setting could not be chosen, for want of a class in the validation part. */
  readonly unchosen: number;
  /** Fits that ended before they had converged. */
  readonly unconverged: number;
}

export interface ProbeResult {
  readonly split: SplitKind;
  readonly repeats: number;
  /** Whether each split is drawn; else there is one, without chance. */
  readonly isDrawn: boolean;
  readonly columns: readonly string[];
  readonly records: number;
  readonly molecules: number;
  readonly scaffolds: number;
  readonly leftOut: LeftOutCounts & {
    /** Columns without both classes in the training and in the test part, by split. */
    readonly oneClassColumns: readonly (readonly string[])[];
    /** Columns of the table that hold no labels. */
    readonly otherColumns: readonly string[];
  };
  /** One a split. */
  readonly parts: readonly { readonly train: PartCounts; readonly validation: PartCounts; readonly test: PartCounts }[];
  readonly scores: readonly ProbeScore[];
}

const RESAMPLES = 1000;

/** DATASET_INVALID where no column has both classes in the training and in the test part of every split. */
export async function evaluateProbe(options: ProbeOptions): Promise<ProbeResult> {
  const { sources, split: kind, progress } = options;
  checkNames(sources.map(({ name }) => name));
  const table = await readLabelTable(options.data, options);
  const molecules = await readProbedMolecules(table, sources, options);
  const isDrawn = kind === 'random' || options.repeats !== undefined;
  const repeats = options.repeats ?? 1;
  const splits = Array.from({ length: repeats }, (_, i) => splitOf(molecules, kind, isDrawn, i + 1));
  const outcomes: SplitOutcome[] = [];
  progress.start('probes', repeats * sources.length * CLASSIFIERS.length);
  for (const [s, split] of splits.entries()) outcomes.push(await probeSplit(molecules, split, table.columns, s, options));
  const scores = sources.flatMap(({ name }, f) => CLASSIFIERS.map(({ id }, c) => (
    scoreOf({ name, width: widthOf(molecules.features[f]!), classifier: id }, outcomes, f, c)
  )));
  progress.finish(scores.map(({ features, classifier, auc }) => `${features} ${classifier} ${auc.toFixed(3)}`).join(', '));
  return {
    split: kind, repeats, isDrawn, columns: table.columns,
    records: table.smiles.length, molecules: molecules.count, scaffolds: new Set(molecules.scaffolds).size,
    leftOut: { ...molecules.leftOut, oneClassColumns: outcomes.map((one) => one.oneClassColumns), otherColumns: table.otherColumns },
    parts: splits.map(({ train, validation, test }) => ({
      train: countsOf(molecules, train), validation: countsOf(molecules, validation), test: countsOf(molecules, test),
    })),
    scores,
  };
}

function checkNames(names: readonly string[]): void {
  if (names.length === 0) {
    throw new IsoLensError('ARGUMENT_INVALID', 'Expected something to probe but received none; name an encoder with --model or fingerprints with --method.');
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected each model and method once but received "${twice}" twice; the folder's name is the model's.`);
}

function splitOf({ scaffolds, count }: ProbedMolecules, kind: SplitKind, isDrawn: boolean, seed: number): Split {
  if (kind === 'random') return randomSplit(count, seed);
  return isDrawn ? randomScaffoldSplit(scaffolds, seed) : scaffoldSplit(scaffolds);
}

function countsOf({ scaffolds, labels }: ProbedMolecules, part: Int32Array): PartCounts {
  const sum = (test: (value: number) => boolean): number => (
    labels.reduce((total, label) => total + part.filter((i) => test(label[i]!)).length, 0)
  );
  const own = new Set(Array.from(part, (i) => scaffolds[i]!));
  return { molecules: part.length, scaffolds: own.size, labels: sum((value) => value !== GAP), positives: sum((value) => value === 1) };
}

/** One classifier on one set of features. */
interface Trial {
  readonly auc: number;
  /** Mean AUC of every resampling of the test part; the same scaffolds are drawn for all trials. */
  readonly resampled: Float64Array;
  /** By column, its AUC and the C or k chosen. */
  readonly columns: Readonly<Record<string, { readonly auc: number; readonly setting: number }>>;
  readonly fits: readonly ColumnScores[];
}

interface SplitOutcome {
  /** By features, then by classifier. */
  readonly trials: readonly (readonly Trial[])[];
  readonly oneClassColumns: readonly string[];
}

async function probeSplit(
  molecules: ProbedMolecules, split: Split, columns: readonly string[], s: number, options: ProbeOptions,
): Promise<SplitOutcome> {
  const { progress, signal, products = plainProducts } = options;
  const hasBoth = (label: Int8Array, part: Int32Array): boolean => [0, 1].every((value) => part.some((i) => label[i] === value));
  const isUsable = molecules.labels.map((label) => hasBoth(label, split.train) && hasBoth(label, split.test));
  if (!isUsable.includes(true)) refuseSplit(molecules, split);
  const used = columns.filter((_, i) => isUsable[i]);
  const labels = molecules.labels.filter((_, i) => isUsable[i]);
  const draws = drawScaffolds(molecules.scaffolds, split.test, s + 1);
  const trials: Trial[][] = [];
  for (const features of molecules.features) {
    const own: Trial[] = [];
    for (const classifier of CLASSIFIERS) {
      const fits = await classifier.scores({ features, split, labels, products, signal });
      own.push(trialOf(fits, used, labels, split.test, draws));
      progress.update((s * molecules.features.length + trials.length) * CLASSIFIERS.length + own.length);
    }
    trials.push(own);
  }
  return { trials, oneClassColumns: columns.filter((_, i) => !isUsable[i]) };
}

function refuseSplit({ count, scaffolds, labels }: ProbedMolecules, { test }: Split): never {
  const found = `${count} molecules on ${new Set(scaffolds).size} scaffolds, ${test.length} of them in the test part`;
  const expected = `Expected a column with both classes in the training and in the test part but none of ${labels.length} has them (${found})`;
  throw new IsoLensError('DATASET_INVALID', `${expected}; take more molecules, or --split random.`);
}

/** How often each molecule of the test part counts in each resampling: whole scaffolds are drawn, for their molecules are alike. */
function drawScaffolds(scaffolds: readonly string[], test: Int32Array, seed: number): Uint8Array[] {
  const numbers = new Map<string, number>();
  const groupOf = Array.from(test, (i) => numbers.get(scaffolds[i]!) ?? (numbers.set(scaffolds[i]!, numbers.size), numbers.size - 1));
  const rng = createRng(seed);
  return Array.from({ length: RESAMPLES }, () => {
    const drawn = new Uint8Array(numbers.size);
    for (let i = 0; i < numbers.size; i++) drawn[rng.int(numbers.size)]!++;
    return Uint8Array.from(groupOf, (group) => drawn[group]!);
  });
}

function trialOf(
  fits: readonly ColumnScores[], names: readonly string[], labels: readonly Int8Array[], test: Int32Array, draws: readonly Uint8Array[],
): Trial {
  const ranked = fits.map((fit, column) => {
    const measured = Array.from(test.keys()).filter((i) => labels[column]![test[i]!] !== GAP);
    const scores = new RankedScores(measured.map((i) => fit.test[i]!), measured.map((i) => labels[column]![test[i]!]!));
    return { auc: scores.auc(), resampled: draws.map((draw) => scores.auc(Uint8Array.from(measured, (i) => draw[i]!))) };
  });
  return {
    auc: meanOf(ranked.map(({ auc }) => auc)),
    // A column that has lost a class by the drawing is left out of that drawing's mean.
    resampled: Float64Array.from(draws, (_, d) => meanOfNumbers(ranked.map(({ resampled }) => resampled[d]!))),
    columns: Object.fromEntries(names.map((name, i) => [name, { auc: ranked[i]!.auc, setting: fits[i]!.setting }])),
    fits,
  };
}

/** Over several splits the interval is of all their resamplings: what another split and another test part may give. */
function scoreOf(
  head: { name: string; width: number; classifier: ClassifierId }, outcomes: readonly SplitOutcome[], f: number, c: number,
): ProbeScore {
  const own = outcomes.map(({ trials }) => trials[f]![c]!);
  const first = outcomes.map(({ trials }) => trials[0]![c]!);
  const fits = own.flatMap((trial) => trial.fits);
  return {
    features: head.name, width: head.width, classifier: head.classifier,
    auc: meanOf(own.map(({ auc }) => auc)),
    interval: quantiles(own.flatMap(({ resampled }) => [...resampled])),
    ...(f === 0 ? {} : {
      gain: {
        auc: meanOf(own.map(({ auc }, s) => auc - first[s]!.auc)),
        // The same scaffolds were drawn for both.
        interval: quantiles(own.flatMap(({ resampled }, s) => Array.from(resampled, (value, d) => value - first[s]!.resampled[d]!))),
      },
    }),
    splits: own.map(({ auc, columns }) => ({ auc, columns })),
    fits: fits.length,
    unchosen: fits.filter(({ isChosen }) => !isChosen).length,
    unconverged: fits.filter(({ converged }) => !converged).length,
  };
}

function quantiles(values: readonly number[]): Interval {
  const known = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  if (known.length === 0) return [Number.NaN, Number.NaN];
  return [known[Math.floor(known.length * 0.025)]!, known[Math.ceil(known.length * 0.975) - 1]!];
}
