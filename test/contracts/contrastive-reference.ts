/**
 * The contrastive loss with further columns, groups, weights and soft targets, slow and plain, in double precision, over the whole
 * matrix of logits.
 */
import type { Rows } from './objective-references.ts';

export interface ContrastiveInputs {
  readonly form: 'rows' | 'symmetric' | 'views' | 'pairwise';
  readonly a: Rows;
  readonly b: Rows;
  readonly scale: number;
  readonly bias?: number;
  readonly more?: Rows;
  readonly label?: readonly number[];
  readonly group?: readonly number[];
  readonly moreGroup?: readonly number[];
  /** (N): how much each pair counts. */
  readonly weight?: readonly number[];
  /** (N, N): soft targets in place of the positives. */
  readonly target?: Rows;
  readonly excludePositive?: boolean;
  readonly smoothing?: number;
}

/** One side of the matrix: a vector, whose row it is (further columns have none), its group. */
interface Line {
  readonly vector: readonly number[];
  readonly row: number | undefined;
  readonly view: number;
  readonly group: number;
}

interface Cell {
  readonly logit: number;
  readonly positive: boolean;
  /** Of the pair; 0 where none is given. */
  readonly target: number;
  readonly itself: boolean;
  /** Neither positive nor negative. */
  readonly grouped: boolean;
}

function lines(vectors: Rows, view: number, groups: readonly number[] | undefined, further = false): Line[] {
  return vectors.map((vector, i) => ({ vector, row: further ? undefined : i, view, group: groups?.[i] ?? -1 }));
}

function cellOf(inputs: ContrastiveInputs, left: Line, right: Line): Cell {
  const { form, label, scale, bias = 0, target: targets } = inputs;
  const itself = form === 'views' && left.row === right.row && left.view === right.view;
  const both = left.row !== undefined && right.row !== undefined;
  const alike = both && (label === undefined ? left.row === right.row : label[left.row] === label[right.row]);
  const target = both ? (targets?.[left.row]![right.row] ?? 0) : 0;
  const positive = targets === undefined ? alike && !itself : target !== 0;
  const logit = scale * left.vector.reduce((sum, value, k) => sum + value * right.vector[k]!, 0) + bias;
  return { logit, positive, target, itself, grouped: !positive && left.group >= 0 && left.group === right.group };
}

function lossOfRow(cells: readonly Cell[], { excludePositive = false, smoothing = 0, target }: ContrastiveInputs): number {
  const kept = cells.filter(({ itself, grouped, positive }) => !itself && !grouped && !(excludePositive && positive));
  if (kept.length === 0) return 0;
  const top = Math.max(...kept.map(({ logit }) => logit));
  const total = top + Math.log(kept.reduce((sum, { logit }) => sum + Math.exp(logit - top), 0));
  if (target !== undefined) return total - cells.reduce((sum, cell) => sum + cell.target * cell.logit, 0);
  const mean = (some: readonly Cell[]): number => some.reduce((sum, { logit }) => sum + logit, 0) / some.length;
  return total - (1 - smoothing) * mean(cells.filter(({ positive }) => positive)) - (smoothing > 0 ? smoothing * mean(cells) : 0);
}

export function contrastiveReference(inputs: ContrastiveInputs): number {
  const { form, group, weight } = inputs;
  const [a, b] = [lines(inputs.a, 0, group), lines(inputs.b, 1, group)];
  const rows = form === 'views' ? [...a, ...b] : a;
  const columns = form === 'views' ? rows : [...b, ...lines(inputs.more ?? [], 1, inputs.moreGroup, true)];
  const matrix = rows.map((left) => columns.map((right) => cellOf(inputs, left, right)));
  if (form === 'pairwise') {
    const counted = matrix.flat().filter(({ grouped }) => !grouped);
    return counted.reduce((sum, { logit, positive }) => sum + Math.log1p(Math.exp(positive ? -logit : logit)), 0) / a.length;
  }
  const directions = form === 'symmetric' ? [...matrix, ...b.map((_, j) => matrix.map((row) => row[j]!))] : matrix;
  const weights = directions.map((_, i) => weight?.[i % a.length] ?? 1);
  const whole = weights.reduce((sum, each) => sum + each, 0);
  return whole === 0 ? 0 : directions.reduce((sum, cells, i) => sum + weights[i]! * lossOfRow(cells, inputs), 0) / whole;
}
