/** What the fused contrastive loss takes and what it refuses, before anything is computed. */
import { expect, test } from 'vitest';
import { GraphBuilder, graphCost } from '../../src/graph/index.ts';
import type { Shape } from '../../src/graph/index.ts';

interface Extra {
  readonly label?: Shape;
  readonly more?: Shape;
  readonly group?: Shape;
  readonly moreGroup?: Shape;
  readonly weight?: Shape;
  readonly target?: Shape;
}

function loss({ label, more, group, moreGroup, weight, target }: Extra, attributes: object = {}): GraphBuilder {
  const g = new GraphBuilder('loss');
  const [a, b] = [g.input('a', 'f32', ['N', 8]), g.input('b', 'f32', ['N', 8])];
  const optional = (name: string, dtype: 'f32' | 'i32', shape: Shape | undefined) => (shape === undefined ? null : g.input(name, dtype, shape));
  const further = [optional('more', 'f32', more), optional('group', 'i32', group), optional('more-group', 'i32', moreGroup)];
  const soft = [optional('weight', 'f32', weight), optional('target', 'f32', target)];
  const operands = [a, b, g.constant(1), null, optional('label', 'i32', label), ...further, ...soft];
  g.output(g.named('y', g.apply('ContrastiveLoss', operands, attributes)));
  return g;
}

test('further columns of a fixed and of a symbolic number, with groups and labels', () => {
  const all = { more: ['K', 8], group: ['N'], moreGroup: ['K'], label: ['N'] };
  for (const extra of [{ more: [1, 8] }, { more: [65_536, 8] }, { more: ['K', 8] }, { group: ['N'] }, { more: ['K', 8], group: ['N'] }, all]) {
    expect(() => loss(extra)).not.toThrow();
  }
  for (const form of ['symmetric', 'views', 'pairwise']) expect(() => loss({ group: ['N'] }, { form })).not.toThrow();
  expect(() => loss({ more: [9, 8], group: ['N'] }, { excludePositive: 1 })).not.toThrow();
});

test('weights of pairs, soft targets, and views without their partner', () => {
  for (const form of ['rows', 'symmetric', 'views']) {
    for (const excludePositive of [0, 1]) expect(() => loss({ weight: ['N'], group: ['N'] }, { form, excludePositive })).not.toThrow();
    expect(() => loss({ weight: ['N'], label: ['N'] }, { form })).not.toThrow();
  }
  for (const form of ['rows', 'symmetric']) {
    expect(() => loss({ target: ['N', 'N'], weight: ['N'], group: ['N'] }, { form })).not.toThrow();
    expect(() => loss({ weight: ['N'] }, { form, smoothing: 0.1 })).not.toThrow();
  }
  expect(() => loss({ target: ['N', 'N'], more: ['K', 8], weight: ['N'], group: ['N'], moreGroup: ['K'] })).not.toThrow();
});

test('the work grows with the further columns', () => {
  const sizes = { N: 4, K: 100 };
  expect(graphCost(loss({}).toIr(), sizes).macs).toBe(4 * 4 * 8);
  expect(graphCost(loss({ more: ['K', 8] }).toIr(), sizes).macs).toBe(4 * 104 * 8);
});

const further = 'further columns (K, D) and only in the form rows';
const groups = 'groups (N), and none where smoothing is above 0';
const moreGroups = 'groups (K) of the further columns, and only beside further columns and the groups of the pairs';
const weights = 'weights (N) and only in the forms rows, symmetric and views';
const targets = 'targets (N, N) and only in the forms rows and symmetric';
const square: Shape = ['N', 'N'];
test.each<[string, Extra, object, string]>([
  ['columns in the symmetric form', { more: ['K', 8] }, { form: 'symmetric' }, further],
  ['columns in the form views', { more: ['K', 8] }, { form: 'views' }, further],
  ['columns in the pairwise form', { more: ['K', 8] }, { form: 'pairwise' }, further],
  ['columns of another width', { more: ['K', 7] }, {}, further],
  ['columns that are no matrix', { more: ['K'] }, {}, further],
  ['as many groups as columns', { group: ['K'] }, {}, groups],
  ['groups under smoothing', { group: ['N'] }, { smoothing: 0.1 }, groups],
  ['groups of columns alone', { more: ['K', 8], moreGroup: ['K'] }, {}, moreGroups],
  ['groups of columns that are not there', { group: ['N'], moreGroup: ['K'] }, {}, moreGroups],
  ['groups of another number', { more: ['K', 8], group: ['N'], moreGroup: ['N'] }, {}, moreGroups],
  ['weights of another number', { weight: ['K'] }, {}, weights],
  ['weights in the pairwise form', { weight: ['N'] }, { form: 'pairwise' }, weights],
  ['targets of the further columns', { more: ['K', 8], target: ['N', 'K'] }, {}, targets],
  ['targets of views', { target: square }, { form: 'views' }, targets],
  ['targets of the pairwise form', { target: square }, { form: 'pairwise' }, targets],
  ['targets beside labels', { target: square, label: ['N'] }, {}, 'labels or targets, not both'],
  ['targets under smoothing', { target: square }, { smoothing: 0.1 }, 'targets only where smoothing is 0'],
  ['targets without a positive', { target: square }, { excludePositive: 1 }, 'targets only where no positive is excluded'],
  ['no denominator to exclude from', {}, { form: 'pairwise', excludePositive: 1 }, 'no excludePositive in the form pairwise, which has no denominator'],
  ['labels where views exclude their partner', { label: ['N'] }, { form: 'views', excludePositive: 1 }, 'none where positives are excluded'],
])('%s is refused', (_name, extra, attributes, expected) => {
  expect(() => loss(extra, attributes)).toThrow(expected);
});
