/** What frozen features of images are worth: classifiers learned on some plates and tested on others, all features side by side. */
import { IsoLensError, createRng } from '../../core/index.ts';
import type { Matrix, Progress } from '../../core/index.ts';
import { foldsOf } from '../../ingest/index.ts';
import type { ImageTable, TableImage } from '../../ingest/index.ts';
import { checkSignal } from '../define.ts';
import type { Table } from '../define.ts';
import { bootstrapInterval, meanOf } from '../metrics.ts';
import type { Interval } from '../metrics.ts';
import { plainProducts } from '../products.ts';
import { RankedScores } from './auc.ts';
import { CLASSIFIERS } from './classifiers.ts';
import type { ClassifierId } from './classifiers.ts';
import type { Split } from './split.ts';

export interface ImageFeatureSource {
  readonly name: string;
  /** Features of all images, one row each, by what has seen none of the groups of `fold`. */
  features(images: readonly TableImage[], fold: number): Promise<Matrix>;
}

export interface ImageProbeOptions {
  readonly table: ImageTable;
  /** The first is what the others' gain is over. */
  readonly sources: readonly ImageFeatureSource[];
  readonly folds: number;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

export interface ImageProbeScore {
  readonly features: string;
  readonly width: number;
  readonly classifier: ClassifierId;
  /** Mean over the folds of the mean over the classes, each against the others. */
  readonly auc: number;
  readonly interval: Interval;
  readonly folds: readonly number[];
  /** Less the AUC of the first features with the same classifier, fold by fold. */
  readonly gain?: { readonly auc: number; readonly interval: Interval };
}

export interface ImageProbeResult {
  readonly images: number;
  readonly groups: number;
  readonly classes: Readonly<Record<string, number>>;
  readonly leftOut: {
    readonly incomplete: number;
    /** Images of classes with fewer groups than folds: they cannot stand on both sides of every split. */
    readonly rareClasses: Readonly<Record<string, number>>;
  };
  readonly folds: readonly { readonly groups: readonly string[]; readonly test: number }[];
  readonly scores: readonly ImageProbeScore[];
}

/**
 * Tests on one fold, chooses C or k on the next and learns on the rest, for every fold. No group stands in two parts.
 * DATASET_INVALID where fewer than two classes have as many groups as there are folds.
 */
export async function evaluateImageProbe({ table, sources, folds, progress, signal }: ImageProbeOptions): Promise<ImageProbeResult> {
  if (sources.length === 0) throw new IsoLensError('ARGUMENT_INVALID', 'Expected something to probe but received none; name an encoder with --model, or --method pixels.');
  if (folds < 3) throw new IsoLensError('ARGUMENT_INVALID', `Expected at least 3 folds (to learn, to choose and to test) but received ${folds}.`);
  const { images, classes, rareClasses } = usable(table.images, folds);
  const foldOf = foldsOf(table.images, folds);
  const labels = [...classes.keys()].slice(classes.size === 2 ? 1 : 0).map((name) => Int8Array.from(images, (image) => (image.class === name ? 1 : 0)));
  const aucs: number[][][] = sources.map(() => CLASSIFIERS.map(() => []));
  const widths: number[] = [];
  progress.start('probes', folds * sources.length);
  for (let fold = 0; fold < folds; fold++) {
    const positions = (pick: (of: number) => boolean): Int32Array => Int32Array.from(images.keys()).filter((i) => pick(foldOf.get(images[i]!.group)!));
    const next = (fold + 1) % folds;
    const split: Split = { train: positions((of) => of !== fold && of !== next), validation: positions((of) => of === next), test: positions((of) => of === fold) };
    for (const [s, source] of sources.entries()) {
      checkSignal(signal);
      const matrix = await source.features(images, fold);
      widths[s] = matrix.cols;
      for (const [c, classifier] of CLASSIFIERS.entries()) {
        const features = { kind: 'dense' as const, matrix };
        const fits = await classifier.scores({ features, split, labels, products: plainProducts, signal });
        aucs[s]![c]!.push(meanOf(fits.map(({ test }, column) => new RankedScores(test, Array.from(split.test, (i) => labels[column]![i]!)).auc())));
      }
      progress.update(fold * sources.length + s + 1);
    }
  }
  const scores = sources.flatMap(({ name }, s) => CLASSIFIERS.map(({ id }, c) => (
    scoreOf({ features: name, width: widths[s]!, classifier: id }, aucs[s]![c]!, s === 0 ? undefined : aucs[0]![c]!)
  )));
  progress.finish(scores.map(({ features, classifier, auc }) => `${features} ${classifier} ${auc.toFixed(3)}`).join(', '));
  return {
    images: images.length, groups: new Set(images.map(({ group }) => group)).size, classes: Object.fromEntries(classes),
    leftOut: { incomplete: table.incomplete, rareClasses: Object.fromEntries(rareClasses) },
    folds: Array.from({ length: folds }, (_, fold) => {
      const own = images.filter(({ group }) => foldOf.get(group) === fold);
      return { groups: [...new Set(own.map(({ group }) => group))].sort(), test: own.length };
    }),
    scores,
  };
}

/** Images of the classes that can be on both sides of every split, and how many the others have. */
function usable(all: readonly TableImage[], folds: number): { images: TableImage[]; classes: Map<string, number>; rareClasses: Map<string, number> } {
  const groupsOf = new Map<string, Set<string>>();
  for (const { class: name, group } of all) groupsOf.set(name, (groupsOf.get(name) ?? new Set()).add(group));
  const isCommon = (name: string): boolean => groupsOf.get(name)!.size >= folds;
  const counted = (names: string[]): Map<string, number> => new Map(names.sort().map((name) => [name, all.filter((image) => image.class === name).length]));
  const classes = counted([...groupsOf.keys()].filter(isCommon));
  if (classes.size < 2) throw new IsoLensError('DATASET_INVALID', `Expected two classes with at least ${folds} groups each but found ${classes.size} of ${groupsOf.size}; take fewer folds.`);
  return { images: all.filter((image) => isCommon(image.class)), classes, rareClasses: counted([...groupsOf.keys()].filter((name) => !isCommon(name))) };
}

/** Folds are resampled whole: a fold is a few plates, and plates are what differs most. All scores are resampled alike. */
function scoreOf(head: Pick<ImageProbeScore, 'features' | 'width' | 'classifier'>, folds: readonly number[], first: readonly number[] | undefined): ImageProbeScore {
  const summary = (values: readonly number[]): { auc: number; interval: Interval } => ({ auc: meanOf(values), interval: bootstrapInterval(values.map((value) => [value]), createRng(1)) });
  return { ...head, ...summary(folds), folds, ...(first === undefined ? {} : { gain: summary(folds.map((value, fold) => value - first[fold]!)) }) };
}

export function imageProbeTable({ scores, folds }: ImageProbeResult): Table {
  const between = ([low, high]: Interval): string => `${low.toFixed(3)} to ${high.toFixed(3)}`;
  const title = (id: ClassifierId): string => CLASSIFIERS.find((one) => one.id === id)!.title;
  return [
    [`ROC-AUC, ${folds.length} folds`, 'width', 'classifier', 'value', '95 % interval', ...folds.map((_, fold) => `fold ${fold}`), `gain on ${scores[0]!.features}`, '95 % interval'],
    ...scores.map(({ features, width, classifier, auc, interval, folds: own, gain }) => [
      features, String(width), title(classifier), auc.toFixed(3), between(interval), ...own.map((value) => value.toFixed(3)),
      ...(gain === undefined ? ['', ''] : [`${gain.auc < 0 ? '' : '+'}${gain.auc.toFixed(3)}`, between(gain.interval)]),
    ]),
  ];
}

/** A sentence each. */
export function imageProbeRemarks({ images, groups, classes, leftOut, folds }: ImageProbeResult): string[] {
  const rare = Object.entries(leftOut.rareClasses);
  return [
    `${images} images of ${groups} plates: ${Object.entries(classes).map(([name, count]) => `${count} ${name}`).join(', ')}. No plate stands in two parts; test parts of ${folds.map(({ test }) => test).join(', ')} images.`,
    ...(leftOut.incomplete > 0 ? [`Left out: ${leftOut.incomplete} lines without a file, a plate or a class.`] : []),
    ...(rare.length > 0 ? [`Left out, on fewer plates than there are folds: ${rare.map(([name, count]) => `${count} ${name}`).join(', ')}.`] : []),
    'Intervals are of resampled folds. A model must not have seen the plates it is tested on: train one for every fold, and write {fold} in its path.',
  ];
}
