/** What is learned on frozen features: each classifier gives test scores, its one setting chosen on the validation part. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Products } from '../products.ts';
import { RankedScores } from './auc.ts';
import { designOf, standardised } from './design.ts';
import type { Features } from './design.ts';
import { fitLogistic, logisticScores } from './logistic-regression.ts';
import type { LogisticFit } from './logistic-regression.ts';
import { neighbourScores } from './neighbours.ts';
import type { Split } from './split.ts';
import { GAP } from './table.ts';

export interface ClassifierInput {
  readonly features: Features;
  readonly split: Split;
  /** Those of the columns to be learned: 1, 0 or GAP over all molecules. */
  readonly labels: readonly Int8Array[];
  readonly products: Products;
  readonly signal?: AbortSignal | undefined;
}

export interface ColumnScores {
  /** Over `split.test`, whether labelled or not. */
  readonly test: ArrayLike<number>;
  /** C or k. */
  readonly setting: number;
  /** False where the validation part lacks a class, and the setting is the usual one. */
  readonly isChosen: boolean;
  /** False where the fit ended too early. */
  readonly converged: boolean;
}

export interface Classifier<Id extends string = string> {
  readonly id: Id;
  readonly title: string;
  /** The name of its setting. */
  readonly setting: string;
  /** One a column. */
  scores(input: ClassifierInput): Promise<ColumnScores[]>;
}

/** Strongest penalty first: each solution starts the next. */
export const CS: readonly number[] = [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1];
const USUAL_C = 0.01;
export const KS: readonly number[] = [1, 3, 5, 11, 21, 51];
const USUAL_K = 5;

export const CLASSIFIERS = [
  {
    id: 'logistic', title: 'logistic regression', setting: 'C',
    scores: async ({ features, split, labels, signal }) => {
      const scaled = standardised(features, split.train);
      const results: ColumnScores[] = [];
      for (const label of labels) {
        signal?.throwIfAborted();
        results.push(logisticColumn(scaled, split, label));
        await breathe();
      }
      return results;
    },
  },
  {
    id: 'neighbours', title: 'k-NN', setting: 'k',
    scores: async ({ features, split, labels, products, signal }) => {
      const of = (queries: Int32Array): Promise<Float64Array[][]> => (
        neighbourScores({ features, gallery: split.train, queries, labels, ks: KS, products, signal })
      );
      const [validation, test] = [await of(split.validation), await of(split.test)];
      return labels.map((label, column) => {
        const { at, isChosen } = choose(validation.map((byColumn) => byColumn[column]!), split.validation, label, KS.indexOf(USUAL_K));
        return { test: test[at]![column]!, setting: KS[at]!, isChosen, converged: true };
      });
    },
  },
] as const satisfies readonly Classifier[];

export type ClassifierId = (typeof CLASSIFIERS)[number]['id'];

function logisticColumn(features: Features, split: Split, label: Int8Array): ColumnScores {
  const train = split.train.filter((i) => label[i] !== GAP);
  const design = designOf(features, train);
  const target = Uint8Array.from(train, (i) => label[i]!);
  const validation = designOf(features, split.validation);
  const fits: LogisticFit[] = [];
  for (const c of CS) fits.push(fitLogistic(design, target, { c, start: fits.at(-1) }));
  const { at, isChosen } = choose(fits.map((fit) => logisticScores(validation, fit)), split.validation, label, CS.indexOf(USUAL_C));
  return { test: logisticScores(designOf(features, split.test), fits[at]!), setting: CS[at]!, isChosen, converged: fits[at]!.converged };
}

/** The setting with the largest AUC on the validation part; of equal ones the first. Without both classes there the usual one. */
function choose(
  scores: readonly ArrayLike<number>[], positions: Int32Array, label: Int8Array, usual: number,
): { at: number; isChosen: boolean } {
  const values = scores.map((own) => aucOf(own, positions, label));
  if (values.some(Number.isNaN)) return { at: usual, isChosen: false };
  return { at: values.indexOf(Math.max(...values)), isChosen: true };
}

/** scores: over `positions`. */
function aucOf(scores: ArrayLike<number>, positions: Int32Array, label: Int8Array): number {
  const kept = Array.from(positions.keys()).filter((i) => label[positions[i]!] !== GAP);
  return new RankedScores(kept.map((i) => scores[i]!), kept.map((i) => label[positions[i]!]!)).auc();
}
