/** A probe's result for people: what the features are worth, what was learned from, and what was left out. */
import type { Table } from '../define.ts';
import type { Interval } from '../metrics.ts';
import { CLASSIFIERS } from './classifiers.ts';
import type { PartCounts, ProbeResult, ProbeScore } from './run.ts';

export function probeTable({ scores, columns, leftOut, repeats }: ProbeResult): Table {
  const first = scores[0]!.features;
  const several = new Set(scores.map(({ features }) => features)).size > 1;
  const counts = leftOut.oneClassColumns.map((left) => columns.length - left.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const over = `${least === most ? '' : `${least} to `}${counted(most, 'label')}${repeats > 1 ? `, ${repeats} splits` : ''}`;
  return [
    [
      `ROC-AUC, ${over}`, 'width', 'classifier', 'value', '95 % interval', 'chosen',
      ...(several ? [`gain on ${first}`, '95 % interval'] : []),
    ],
    ...scores.map((score) => [
      score.features, String(score.width), classifierOf(score).title, score.auc.toFixed(3), between(score.interval), chosenOf(score),
      ...(several ? gainOf(score) : []),
    ]),
  ];
}

function gainOf({ gain }: ProbeScore): string[] {
  return gain === undefined ? ['', ''] : [signed(gain.auc), `${signed(gain.interval[0])} to ${signed(gain.interval[1])}`];
}

function classifierOf({ classifier }: ProbeScore): (typeof CLASSIFIERS)[number] {
  return CLASSIFIERS.find(({ id }) => id === classifier)!;
}

function chosenOf(score: ProbeScore): string {
  const settings = score.splits.flatMap(({ columns }) => Object.values(columns).map(({ setting }) => setting)).sort((a, b) => a - b);
  const [least, most] = [settings[0]!, settings.at(-1)!];
  return `${classifierOf(score).setting} ${least === most ? String(most) : `${least} to ${most}`}`;
}

/** Of the first split, where there are several. */
export function partsTable({ parts, split, repeats, isDrawn }: ProbeResult): Table {
  const row = (name: string, { molecules, scaffolds, labels, positives }: PartCounts): string[] => (
    [name, ...[molecules, scaffolds, labels, positives].map(String)]
  );
  const { train, validation, test } = parts[0]!;
  const head = `${isDrawn && split === 'scaffold' ? 'random scaffold' : split} split${repeats > 1 ? `, the first of ${repeats}` : ''}`;
  return [[head, 'molecules', 'scaffolds', 'labels', 'positives'], row('training', train), row('validation', validation), row('test', test)];
}

/** A sentence each. */
export function probeRemarks(result: ProbeResult): string[] {
  const { leftOut, scores, records, molecules, columns } = result;
  const unreadable = Object.entries(leftOut.unreadable);
  const oneClass = [...new Set(leftOut.oneClassColumns.flat())];
  const total = (pick: (score: ProbeScore) => number): number => scores.reduce((sum, score) => sum + pick(score), 0);
  const [fits, unchosen, unconverged] = [total((one) => one.fits), total((one) => one.unchosen), total((one) => one.unconverged)];
  const remark = (isTrue: boolean, text: string): string[] => (isTrue ? [text] : []);
  return [
    `${counted(records, 'record')}, ${counted(molecules, 'molecule')}, ${counted(columns.length, 'label column')}.`,
    ...remark(unreadable.length > 0, `Left out, cannot be read: ${unreadable.map(([code, count]) => `${count} ${code}`).join(', ')}.`),
    ...remark(leftOut.duplicates > 0, `Merged: ${counted(leftOut.duplicates, 'record')} of a molecule that stands in the table before (InChIKey of the parent).`),
    ...remark(leftOut.contradictingLabels > 0, `Left out: ${counted(leftOut.contradictingLabels, 'label')} on which the records of one molecule contradict each other.`),
    ...remark(leftOut.unlabelled > 0, `Left out: ${counted(leftOut.unlabelled, 'molecule')} without a label.`),
    ...remark(oneClass.length > 0, `Left out, one class only in the training or the test part: ${shortened(oneClass)}.`),
    ...remark(leftOut.otherColumns.length > 0, `Not labels: ${shortened(leftOut.otherColumns)}.`),
    ...remark(unchosen > 0, `${unchosen} of ${fits} fits took the usual C or k: the validation part has one class only.`),
    ...remark(unconverged > 0, `${unconverged} of ${fits} fits ended before they had converged.`),
    'Which of these molecules a model was trained on cannot be known from the model: where it has seen them, its numbers are too good.',
  ];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

const MOST_NAMED = 8;

function shortened(names: readonly string[]): string {
  return names.length <= MOST_NAMED ? names.join(', ') : `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more`;
}

function between([low, high]: Interval): string {
  return `${low.toFixed(3)} to ${high.toFixed(3)}`;
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(3)}`;
}
