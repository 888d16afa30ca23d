/** Rows of the operator contract: adding an operator means adding its rows here. */
import { createRng } from '../../src/core/index.ts';
import { GraphBuilder, evaluateShape } from '../../src/graph/index.ts';
import type { GraphIr, OperatorId, Shape, Value } from '../../src/graph/index.ts';
import { uniform } from './execute.ts';
import type { Data, Feeds, Sizes } from './execute.ts';
import { contrastiveReference } from './contrastive-reference.ts';
import type { ContrastiveInputs } from './contrastive-reference.ts';
import { OBJECTIVE_REFERENCES } from './objective-references.ts';

export interface OperatorCase {
  readonly op: OperatorId;
  readonly name: string;
  readonly graph: GraphIr;
  readonly feeds: Record<string, Data>;
  readonly weights: Map<string, Float32Array>;
  readonly sizes: Sizes;
  /** The result in double precision; of operators for training alone, which ONNX Runtime does not know. */
  readonly reference?: (feeds: Feeds) => readonly number[];
}

/** What a case builds with: every tensor it asks for gets data at once. */
interface Kit {
  readonly g: GraphBuilder;
  /** An input of uniform values. */
  x(shape: Shape, low?: number, high?: number): Value;
  /** An input of given values. */
  exactly(shape: Shape, values: readonly number[]): Value;
  /** An input of whole numbers. */
  ids(shape: Shape, values: readonly number[]): Value;
  /** A parameter of uniform values. */
  p(shape: readonly number[], low?: number, high?: number): Value;
}

const SIZES = { N: 5, V: 7 };

function makeCase(op: OperatorId, name: string, build: (kit: Kit) => Value): OperatorCase {
  const g = new GraphBuilder('case');
  const rng = createRng(op.length * 31 + name.length);
  const feeds: Record<string, Data> = {};
  const weights = new Map<string, Float32Array>();
  let count = 0;
  const kit: Kit = {
    g,
    x: (shape, low, high) => {
      const id = `x${count++}`;
      feeds[id] = uniform(rng, evaluateShape(shape, SIZES), low, high);
      return g.input(id, 'f32', shape);
    },
    exactly: (shape, values) => {
      const id = `x${count++}`;
      feeds[id] = { data: Float32Array.from(values), shape: evaluateShape(shape, SIZES) };
      return g.input(id, 'f32', shape);
    },
    ids: (shape, values) => {
      const id = `i${count++}`;
      feeds[id] = { data: Int32Array.from(values), shape: evaluateShape(shape, SIZES) };
      return g.input(id, 'i32', shape);
    },
    p: (shape, low, high) => {
      const id = `p${count++}`;
      weights.set(id, uniform(rng, shape, low, high).data as Float32Array);
      return g.parameter(id, shape, { kind: 'zeros' });
    },
  };
  g.output(g.named('y', build(kit)));
  const graph = g.toIr();
  const sizes = Object.fromEntries(Object.entries(SIZES).filter(([symbol]) => graph.symbols.includes(symbol)));
  return { op, name, graph, feeds, weights, sizes };
}

const EXTREMES = [-1000, -80, -1, 0, 1e-3, 1, 80, 1000, -20, 20];

const binaryCases = (['Add', 'Sub', 'Mul', 'Div'] as const).flatMap((op) => [
  makeCase(op, 'equal shapes', ({ g, x }) => g.apply(op, [x(['N', 3]), x(['N', 3], 0.5, 2)])),
  makeCase(op, 'scalar on the right', ({ g, x }) => g.apply(op, [x(['N', 3, 4]), g.constant(0.7)])),
  makeCase(op, 'scalar on the left', ({ g, x }) => g.apply(op, [g.constant(0.7), x(['N', 3], 0.5, 2)])),
  makeCase(op, 'row', ({ g, x, p }) => g.apply(op, [x(['N', 6]), p([6], 0.5, 2)])),
  makeCase(op, 'column', ({ g, x }) => g.apply(op, [x(['N', 6]), x(['N', 1], 0.5, 2)])),
  makeCase(op, 'channels', ({ g, x, p }) => g.apply(op, [x(['N', 3, 4, 5]), p([3, 1, 1], 0.5, 2)])),
  makeCase(op, 'both ways', ({ g, x }) => g.apply(op, [x(['N', 1, 4]), x([3, 1], 0.5, 2)])),
]);

const unaryCases = [
  ...(['Neg', 'Relu', 'Gelu', 'Silu', 'Sigmoid', 'Tanh', 'Softplus', 'Identity', 'StopGradient'] as const).flatMap((op) => [
    makeCase(op, 'moderate', ({ g, x }) => g.apply(op, [x(['N', 37], -4, 4)])),
    makeCase(op, 'extreme', ({ g, exactly }) => g.apply(op, [exactly([10], EXTREMES)])),
  ]),
  makeCase('Gelu', 'tanh', ({ g, x }) => g.apply('Gelu', [x(['N', 37], -4, 4)], { approximate: 'tanh' })),
  makeCase('Exp', 'moderate', ({ g, x }) => g.apply('Exp', [x(['N', 37], -10, 3)])),
  makeCase('Log', 'positive', ({ g, x }) => g.apply('Log', [x(['N', 37], 1e-4, 9)])),
  makeCase('Sqrt', 'positive', ({ g, x }) => g.apply('Sqrt', [x(['N', 37], 0, 9)])),
  makeCase('Clip', 'both bounds', ({ g, x }) => g.apply('Clip', [x(['N', 37], -2, 2)], { min: -0.5, max: 1 })),
  makeCase('Dropout', 'nothing at evaluation', ({ g, x }) => g.apply('Dropout', [x(['N', 37])], { rate: 0.5 })),
];

const reductionCases = (['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceLogSumExp'] as const).flatMap((op) => [
  makeCase(op, 'all', ({ g, x }) => g.apply(op, [x(['N', 3, 4])])),
  makeCase(op, 'all, sizes kept', ({ g, x }) => g.apply(op, [x(['N', 3])], { keepdims: 1 })),
  makeCase(op, 'last axis', ({ g, x }) => g.apply(op, [x(['N', 9])], { axes: [-1] })),
  makeCase(op, 'first axis', ({ g, x }) => g.apply(op, [x(['N', 9])], { axes: [0], keepdims: 1 })),
  makeCase(op, 'middle axis', ({ g, x }) => g.apply(op, [x(['N', 4, 3])], { axes: [1] })),
  makeCase(op, 'height and width', ({ g, x }) => g.apply(op, [x(['N', 3, 4, 5])], { axes: [2, 3] })),
  makeCase(op, 'batch, height and width', ({ g, x }) => g.apply(op, [x(['N', 3, 4, 5])], { axes: [0, 2, 3] })),
  makeCase(op, 'extreme', ({ g, exactly }) => g.apply(op, [exactly([1, 10], EXTREMES)], { axes: [1] })),
]);

const softmaxCases = (['Softmax', 'LogSoftmax'] as const).flatMap((op) => [
  makeCase(op, 'last axis', ({ g, x }) => g.apply(op, [x(['N', 9], -5, 5)])),
  makeCase(op, 'first axis', ({ g, x }) => g.apply(op, [x(['N', 9], -5, 5)], { axis: 0 })),
  makeCase(op, 'middle axis', ({ g, x }) => g.apply(op, [x(['N', 4, 3], -5, 5)], { axis: 1 })),
  makeCase(op, 'extreme', ({ g, exactly }) => g.apply(op, [exactly([1, 10], EXTREMES)])),
]);

function sparseRows(width: number): number[] {
  const kept = [() => false, (c: number) => c === width - 1, (c: number) => c % 3 === 0, (c: number) => c % 40 === 7, (c: number) => c === 0 || c % 64 === 1];
  return kept.flatMap((keeps) => Array.from({ length: width }, (_, c) => (keeps(c) ? Math.log1p(1 + (c % 5)) : 0)));
}

const productCases = [
  makeCase('MatMul', 'matrices', ({ g, x, p }) => g.apply('MatMul', [x(['N', 33]), p([33, 17])])),
  makeCase('MatMul', 'batch and matrix', ({ g, x, p }) => g.apply('MatMul', [x(['N', 4, 6]), p([6, 3])])),
  makeCase('MatMul', 'two batches', ({ g, x }) => g.apply('MatMul', [x(['N', 2, 4, 6]), x(['N', 2, 6, 3])])),
  makeCase('MatMul', 'broadcast batches', ({ g, x }) => g.apply('MatMul', [x(['N', 1, 4, 6]), x([2, 6, 3])])),
  makeCase('Gemm', 'plain', ({ g, x, p }) => g.apply('Gemm', [x(['N', 33]), p([33, 17])])),
  makeCase('Gemm', 'bias', ({ g, x, p }) => g.apply('Gemm', [x(['N', 33]), p([17, 33]), p([17])], { transB: 1 })),
  makeCase('Gemm', 'transposed left', ({ g, x }) => g.apply('Gemm', [x([9, 'N']), x([9, 4])], { transA: 1 })),
  makeCase('Gemm', 'both transposed, scaled', ({ g, x, p }) => g.apply('Gemm', [x([9, 'N']), p([4, 9]), p([1, 4])], { transA: 1, transB: 1, alpha: 0.5, beta: 2 })),
  // Row 0 is all zeros, row 1 has one entry, row 2 one in three, rows 3 and 4 a few.
  makeCase('SparseGemm', 'zero, single and dense rows', ({ g, exactly, p }) => g.apply('SparseGemm', [exactly(['N', 165], sparseRows(165)), p([37, 165])])),
  makeCase('SparseGemm', 'bias', ({ g, exactly, p }) => g.apply('SparseGemm', [exactly(['N', 192], sparseRows(192)), p([64, 192]), p([64])])),
  makeCase('SparseGemm', 'all zeros', ({ g, exactly, p }) => g.apply('SparseGemm', [exactly(['N', 20], Array.from({ length: 100 }, () => 0)), p([3, 20]), p([3])])),
  makeCase('SparseGemm', 'dense all over', ({ g, x, p }) => g.apply('SparseGemm', [x(['N', 33]), p([17, 33]), p([17])])),
];

const imageCases = [
  makeCase('Conv', '3x3', ({ g, x, p }) => g.apply('Conv', [x(['N', 3, 8, 9]), p([4, 3, 3, 3])], { pads: [1, 1, 1, 1] })),
  makeCase('Conv', '3x3 stride 2 with bias', ({ g, x, p }) => g.apply('Conv', [x(['N', 3, 9, 8]), p([20, 3, 3, 3]), p([20])], { strides: [2, 2], pads: [1, 1, 1, 1] })),
  makeCase('Conv', '1x1 stride 2', ({ g, x, p }) => g.apply('Conv', [x(['N', 16, 6, 5]), p([8, 16, 1, 1])], { strides: [2, 2] })),
  makeCase('Conv', '1x1', ({ g, x, p }) => g.apply('Conv', [x(['N', 16, 6, 5]), p([8, 16, 1, 1])])),
  makeCase('Conv', '7x7 stride 4', ({ g, x, p }) => g.apply('Conv', [x(['N', 1, 16, 24]), p([8, 1, 7, 7])], { strides: [4, 4], pads: [3, 3, 3, 3] })),
  makeCase('Conv', 'groups', ({ g, x, p }) => g.apply('Conv', [x(['N', 6, 5, 5]), p([4, 3, 3, 3])], { group: 2, pads: [1, 1, 1, 1] })),
  makeCase('Conv', 'depthwise', ({ g, x, p }) => g.apply('Conv', [x(['N', 6, 5, 5]), p([6, 1, 3, 3]), p([6])], { group: 6, pads: [1, 1, 1, 1] })),
  makeCase('Conv', 'uneven window, strides and padding', ({ g, x, p }) => g.apply('Conv', [x(['N', 2, 7, 10]), p([5, 2, 2, 5])], { strides: [1, 3], pads: [0, 1, 1, 2] })),
  makeCase('MaxPool', '2x2', ({ g, x }) => g.apply('MaxPool', [x(['N', 3, 6, 8])], { kernelShape: [2, 2], strides: [2, 2] })),
  makeCase('MaxPool', 'padded, negative values', ({ g, x }) => g.apply('MaxPool', [x(['N', 3, 7, 9], -2, -1)], { kernelShape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] })),
  makeCase('AveragePool', '2x2', ({ g, x }) => g.apply('AveragePool', [x(['N', 3, 6, 8])], { kernelShape: [2, 2], strides: [2, 2] })),
  makeCase('AveragePool', 'padding not counted', ({ g, x }) => g.apply('AveragePool', [x(['N', 3, 7, 9])], { kernelShape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] })),
  makeCase('Resize', 'twice the size', ({ g, x }) => g.apply('Resize', [x(['N', 3, 4, 5])], { scale: 2 })),
  makeCase('Resize', 'three times one row', ({ g, x }) => g.apply('Resize', [x(['N', 2, 1, 7])], { scale: 3 })),
  makeCase('GlobalAveragePool', 'image', ({ g, x }) => g.apply('GlobalAveragePool', [x(['N', 3, 7, 9])])),
];

const normCases = [
  makeCase('BatchNormalization', 'images', ({ g, x, p }) => g.apply('BatchNormalization', [x(['N', 3, 4, 5]), p([3]), p([3]), p([3]), p([3], 0.5, 2)], { epsilon: 1e-3 })),
  makeCase('BatchNormalization', 'vectors', ({ g, x, p }) => g.apply('BatchNormalization', [x(['N', 9]), p([9]), p([9]), p([9]), p([9], 0.5, 2)])),
  makeCase('LayerNormalization', 'vectors', ({ g, x, p }) => g.apply('LayerNormalization', [x(['N', 33]), p([33]), p([33])])),
  makeCase('LayerNormalization', 'sequences', ({ g, x, p }) => g.apply('LayerNormalization', [x(['N', 4, 16], 3, 5), p([16]), p([16])], { epsilon: 1e-3 })),
  makeCase('L2Normalise', 'vectors', ({ g, x }) => g.apply('L2Normalise', [x(['N', 33])])),
  makeCase('L2Normalise', 'a row of zeros', ({ g, exactly }) => g.apply('L2Normalise', [exactly([2, 3], [0, 0, 0, 3, 0, 4])])),
];

const shapeCases = [
  makeCase('Reshape', 'flatten', ({ g, x }) => g.apply('Reshape', [x(['N', 3, 4])], { shape: [0, -1] })),
  makeCase('Reshape', 'batch joined with another axis', ({ g, x }) => g.apply('Reshape', [x(['N', 6, 4])], { shape: [-1, 2, 4] })),
  makeCase('Transpose', 'matrix', ({ g, x }) => g.apply('Transpose', [x(['N', 7])], { perm: [1, 0] })),
  makeCase('Transpose', 'heads', ({ g, x }) => g.apply('Transpose', [x(['N', 3, 4, 5])], { perm: [0, 2, 1, 3] })),
  makeCase('Slice', 'middle of an axis', ({ g, x }) => g.apply('Slice', [x(['N', 9])], { starts: [2], ends: [7], axes: [1] })),
  makeCase('Slice', 'from the end, two axes', ({ g, x }) => g.apply('Slice', [x(['N', 9, 4])], { starts: [-4, 1], ends: [-1, 100], axes: [1, 2] })),
  makeCase('Slice', 'a column of indices', ({ g, x, ids }) => {
    const one = g.apply('Slice', [ids(['N', 2], [0, 3, 1, 2, 2, 1, 3, 0, 0, 0])], { starts: [1], ends: [2], axes: [1] });
    return g.apply('Gather', [x([4, 3]), one]);
  }),
  makeCase('Concat', 'columns', ({ g, x }) => g.apply('Concat', [x(['N', 2]), x(['N', 3]), x(['N', 1])], { axis: 1 })),
  makeCase('Concat', 'batches', ({ g, x }) => g.apply('Concat', [x(['N', 2]), x(['N', 2])], { axis: 0 })),
  makeCase('Gather', 'table', ({ g, p, ids }) => g.apply('Gather', [p([6, 4]), ids(['N'], [5, 0, 3, 3, 1])])),
  makeCase('Gather', 'matrix of indices into rows', ({ g, x, ids }) => g.apply('Gather', [x(['V', 4]), ids(['N', 2], [6, 0, 3, 3, 1, 2, 5, 5, 4, 0])])),
  makeCase('GatherElements', 'one column of each row', ({ g, x, ids }) => g.apply('GatherElements', [x(['N', 4]), ids(['N', 1], [3, 0, -1, 2, -4])])),
  makeCase('SegmentSum', 'unsorted with ignored rows', ({ g, x, ids }) => g.apply('SegmentSum', [x(['V', 4]), ids(['V'], [2, 0, -1, 2, 4, -1, 2]), x(['N', 1])])),
  makeCase('SegmentSum', 'like f32 of another width', ({ g, x, ids }) => g.apply('SegmentSum', [x(['N', 3]), ids(['N'], [6, 6, 6, 0, 1]), x(['V', 2, 2])])),
  makeCase('MaskDiagonal', 'large negative', ({ g, x }) => g.apply('MaskDiagonal', [x(['N', 'N'])], { value: -1e30 })),
  makeCase('Diagonal', 'square', ({ g, x }) => g.apply('Diagonal', [x(['N', 'N'])])),
  makeCase('SameLabel', 'some equal', ({ g, ids }) => g.apply('SameLabel', [ids(['N'], [3, 1, 3, 0, 1])])),
  makeCase('Constant', 'vector', ({ g, x }) => g.apply('Add', [x(['N', 3]), g.constant(2.5, [3])])),
];

/** The fused loss against the references of the objectives that are nothing but it. */
function lossCase(name: string, objective: string, config: object, attributes: object, extra: (kit: Kit) => (Value | null)[] = () => []): OperatorCase {
  const [width, scale] = [6, 5];
  const rows = ({ data }: Data): number[][] => Array.from({ length: SIZES.N }, (_, r) => Array.from(data.slice(r * width, (r + 1) * width)));
  const made = makeCase('ContrastiveLoss', name, (kit) => kit.g.apply('ContrastiveLoss', [kit.x(['N', width]), kit.x(['N', width]), kit.g.constant(scale), ...extra(kit)], attributes));
  const reference = (feeds: Feeds): number[] => {
    const label = Object.entries(feeds).find(([id]) => id.startsWith('i'))?.[1].data ?? [];
    return [OBJECTIVE_REFERENCES[objective]!({ a: rows(feeds['x0']!), b: rows(feeds['x1']!), label: [...label] }, { temperature: 1 / scale, inverseTemperature: scale, ...config } as never)];
  };
  return { ...made, reference };
}

const lossCases = [
  lossCase('rows', 'info-nce', {}, {}),
  lossCase('symmetric', 'clip', {}, { form: 'symmetric' }),
  lossCase('symmetric, smoothed', 'clip', { labelSmoothing: 0.1 }, { form: 'symmetric', smoothing: 0.1 }),
  lossCase('views', 'nt-xent', {}, { form: 'views' }),
  lossCase('views with labels', 'sup-con', {}, { form: 'views' }, ({ ids }) => [null, ids(['N'], [3, 1, 3, 0, 1])]),
  lossCase('pairwise', 'sigmoid', { bias: -2 }, { form: 'pairwise' }, ({ g }) => [g.constant(-2)]),
];

type Fixed = 'form' | 'smoothing' | 'label' | 'group' | 'moreGroup' | 'excludePositive' | 'weight' | 'target';
interface FurtherCase extends Pick<ContrastiveInputs, Fixed> {
  /** Further columns: a fixed number, or V of them. */
  readonly more?: number | 'V';
}

/** The fused loss with further columns, groups, weights and soft targets. */
function furtherCase(name: string, { more, ...rest }: FurtherCase): OperatorCase {
  const [width, scale] = [6, 5];
  const row = (data: Data['data'], r: number): number[] => Array.from(data.slice(r * width, (r + 1) * width));
  const rows = ({ data }: Data): number[][] => Array.from({ length: data.length / width }, (_, r) => row(data, r));
  const attributes = { form: rest.form, excludePositive: rest.excludePositive === true ? 1 : 0, smoothing: rest.smoothing ?? 0 } as const;
  const made = makeCase('ContrastiveLoss', name, ({ g, x, ids, exactly }) => {
    const [a, b, further] = [x(['N', width]), x(['N', width]), more === undefined ? null : x([more, width])];
    const whole = (values: readonly number[] | undefined, size: number | string): Value | null => (values === undefined ? null : ids([size], values));
    const operands = [a, b, g.constant(scale), null, whole(rest.label, 'N'), further, whole(rest.group, 'N'), whole(rest.moreGroup, more ?? 0)];
    const weight = rest.weight === undefined ? null : exactly(['N'], rest.weight);
    const target = rest.target === undefined ? null : exactly(['N', 'N'], rest.target.flat());
    return g.apply('ContrastiveLoss', [...operands, weight, target], attributes);
  });
  const reference = (feeds: Feeds): number[] => {
    const further = more === undefined ? {} : { more: rows(feeds['x2']!) };
    return [contrastiveReference({ ...rest, ...further, scale, a: rows(feeds['x0']!), b: rows(feeds['x1']!) })];
  };
  return { ...made, reference };
}

const group = [2, 0, 2, -1, 0];
const furtherCases = [
  furtherCase('rows, one further column', { form: 'rows', more: 1 }),
  furtherCase('rows, a queue of a symbolic size', { form: 'rows', more: 'V' }),
  furtherCase('rows, a queue larger than a block', { form: 'rows', more: 1200 }),
  furtherCase('rows, a queue, smoothed', { form: 'rows', more: 'V', smoothing: 0.2 }),
  furtherCase('rows, a queue, positive excluded', { form: 'rows', more: 9, excludePositive: true }),
  furtherCase('rows, a queue with labels', { form: 'rows', more: 'V', label: [3, 1, 3, 0, 1] }),
  furtherCase('rows, a queue and groups', { form: 'rows', more: 'V', group }),
  furtherCase('rows, a queue with groups', { form: 'rows', more: 'V', group, moreGroup: [0, -1, 2, 2, 5, 1, 0] }),
  furtherCase('rows, groups', { form: 'rows', group }),
  furtherCase('rows, positive excluded, one group', { form: 'rows', group: [1, 1, 1, 1, 1], excludePositive: true }),
  furtherCase('symmetric, groups', { form: 'symmetric', group }),
  furtherCase('views, groups', { form: 'views', group }),
  furtherCase('views, groups and labels', { form: 'views', group, label: [3, 1, 3, 0, 1] }),
  furtherCase('pairwise, groups', { form: 'pairwise', group }),
];

const weight = [0.5, 0, 2, 1, 0.25];
/** Rows sum to 1; the last has nothing for its partner. */
const target = [[0.5, 0.5, 0, 0, 0], [0, 1, 0, 0, 0], [0.25, 0, 0.75, 0, 0], [0.125, 0.125, 0.25, 0.5, 0], [0.5, 0, 0, 0.5, 0]];
const softCases = (['rows', 'symmetric', 'views'] as const).flatMap((form) => [
  furtherCase(`${form}, weights`, { form, weight }),
  furtherCase(`${form}, weights of 0`, { form, weight: [0, 0, 0, 0, 0] }),
  furtherCase(`${form}, weights, groups`, { form, weight, group }),
  furtherCase(`${form}, weights, labels`, { form, weight, label: [3, 1, 3, 0, 1] }),
  furtherCase(`${form}, weights, positive excluded`, { form, weight, excludePositive: true }),
  ...(form === 'views' ? [furtherCase('views, positive excluded, groups', { form, group, excludePositive: true })] : [
    furtherCase(`${form}, targets`, { form, target }),
    furtherCase(`${form}, targets, weights`, { form, target, weight }),
    furtherCase(`${form}, targets, weights, groups`, { form, target, weight, group }),
    furtherCase(`${form}, smoothed, weights`, { form, smoothing: 0.2, weight }),
  ]),
  ...(form !== 'rows' ? [] : [
    furtherCase('rows, a queue, targets', { form, more: 'V', target }),
    furtherCase('rows, a queue with groups, targets, weights', { form, more: 'V', group, moreGroup: [0, -1, 2, 2, 5, 1, 0], target, weight }),
  ]),
]);

/** softmax(scale state stored^T) stored, with the whole matrix; the stored rows are the state's own where there are no others. */
function retrievalCase(name: string, scale: number, stored?: number | 'V'): OperatorCase {
  const width = 6;
  const row = (data: Data['data'], r: number): number[] => Array.from(data.slice(r * width, (r + 1) * width));
  const rows = ({ data }: Data): number[][] => Array.from({ length: data.length / width }, (_, r) => row(data, r));
  const made = makeCase('SoftmaxRetrieval', name, ({ g, x }) => {
    const state = x(['N', width]);
    return g.apply('SoftmaxRetrieval', [state, stored === undefined ? state : x([stored, width]), g.constant(scale)]);
  });
  const reference = (feeds: Feeds): number[] => {
    const state = rows(feeds['x0']!);
    const patterns = stored === undefined ? state : rows(feeds['x1']!);
    return state.flatMap((own) => {
      const logits = patterns.map((pattern) => scale * pattern.reduce((sum, value, k) => sum + value * own[k]!, 0));
      const weights = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
      const total = weights.reduce((sum, value) => sum + value, 0);
      return own.map((_, k) => patterns.reduce((sum, pattern, j) => sum + (weights[j]! / total) * pattern[k]!, 0));
    });
  };
  return { ...made, reference };
}

const retrievalCases = [
  retrievalCase('from itself', 5),
  retrievalCase('from one row', 5, 1),
  retrievalCase('from rows of a symbolic number', 5, 'V'),
  retrievalCase('from more rows than a block', 5, 1200),
  retrievalCase('a large scale', 300, 'V'),
];

export const OPERATOR_CASES: readonly OperatorCase[] = [
  ...binaryCases, ...unaryCases, ...reductionCases, ...softmaxCases, ...productCases, ...imageCases, ...normCases, ...shapeCases, ...lossCases,
  ...furtherCases, ...softCases, ...retrievalCases,
];
