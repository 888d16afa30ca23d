/**
 * Every objective once more from elementary operators, with the whole matrix of logits: what the fused loss must equal, and what
 * ONNX Runtime can run. Adding an objective adds one here.
 */
import type { GraphBuilder, Value } from '../../src/graph/index.ts';
import type { ObjectiveInputs } from '../../src/objectives/index.ts';
import { EXCLUDED, mean, scaled, similarities } from '../../src/objectives/parts.ts';

/** -mean_i log p_ii of rows of logits (N, N), with probability `smoothing` spread evenly over the row. */
function diagonalCrossEntropy(g: GraphBuilder, logits: Value, smoothing = 0): Value {
  const logProbabilities = g.apply('LogSoftmax', [logits], { axis: 1 });
  const hit = mean(g, g.apply('Diagonal', [logProbabilities]));
  if (smoothing === 0) return g.apply('Neg', [hit]);
  return g.apply('Add', [scaled(g, hit, smoothing - 1), scaled(g, mean(g, logProbabilities), -smoothing)]);
}

function transposed(g: GraphBuilder, x: Value): Value {
  return g.apply('Transpose', [x], { perm: [1, 0] });
}

function learnedScale(g: GraphBuilder, temperature: number): Value {
  return g.apply('Exp', [g.parameter('logitScale', [], { kind: 'constant', value: -Math.log(temperature) })]);
}

function clip(g: GraphBuilder, { a, b }: ObjectiveInputs, { temperature = 0.07, labelSmoothing = 0, softLabels }: { temperature?: number; labelSmoothing?: number; softLabels?: { share: number; temperature: number } }): Value {
  if (softLabels !== undefined) return softClip(g, a, b, temperature, softLabels);
  const logits = g.apply('Mul', [similarities(g, a, b), learnedScale(g, temperature)]);
  const rows = diagonalCrossEntropy(g.scope('a-to-b'), logits, labelSmoothing);
  const columns = diagonalCrossEntropy(g.scope('b-to-a'), transposed(g, logits), labelSmoothing);
  return scaled(g, g.apply('Add', [rows, columns]), 0.5);
}

function softClip(g: GraphBuilder, a: Value, b: Value, temperature: number, { share, temperature: softness }: { share: number; temperature: number }): Value {
  const scale = learnedScale(g, temperature);
  const like = g.apply('StopGradient', [g.apply('Softmax', [scaled(g, similarities(g, a, a), 1 / softness)], { axis: 1 })]);
  const towards = (x: Value, y: Value): Value => {
    const logs = g.apply('LogSoftmax', [g.apply('Mul', [similarities(g, x, y), scale])], { axis: 1 });
    const soft = mean(g, g.apply('ReduceSum', [g.apply('Mul', [like, logs])], { axes: [1] }));
    return g.apply('Neg', [g.apply('Add', [scaled(g, soft, share), scaled(g, mean(g, g.apply('Diagonal', [logs])), 1 - share)])]);
  };
  return scaled(g, g.apply('Add', [towards(a, b), towards(b, a)]), 0.5);
}

function infoNce(g: GraphBuilder, { a, b }: ObjectiveInputs, { temperature = 0.1 }): Value {
  return diagonalCrossEntropy(g, scaled(g, similarities(g, a, b), 1 / temperature));
}

function retrieve(g: GraphBuilder, state: Value, stored: Value, beta: number): Value {
  const weights = g.apply('Softmax', [scaled(g, similarities(g, state, stored), beta)], { axis: 1 });
  return g.apply('L2Normalise', [g.apply('Gemm', [weights, stored])]);
}

function leaveOneOut(g: GraphBuilder, x: Value, y: Value, scale: number): Value {
  const logits = scaled(g, similarities(g, x, y), scale);
  const others = g.apply('ReduceLogSumExp', [g.apply('MaskDiagonal', [logits], { value: EXCLUDED })], { axes: [1] });
  return scaled(g, mean(g, g.apply('Sub', [others, g.apply('Diagonal', [logits])])), 1 / scale);
}

function infoLoob(g: GraphBuilder, { a, b }: ObjectiveInputs, { inverseTemperature = 14.3, hopfield = true, hopfieldScale = 14.3 }): Value {
  const retrieved = (state: Value, stored: Value): Value => (hopfield ? retrieve(g, state, stored, hopfieldScale) : state);
  return g.apply('Add', [
    leaveOneOut(g, retrieved(a, a), retrieved(b, a), inverseTemperature),
    leaveOneOut(g, retrieved(b, b), retrieved(a, b), inverseTemperature),
  ]);
}

/** log sum over all views but the own one, for the views of one side. */
function logSumOfViews(g: GraphBuilder, cross: Value, within: Value): Value {
  const others = g.apply('MaskDiagonal', [within], { value: EXCLUDED });
  return g.apply('ReduceLogSumExp', [g.apply('Concat', [cross, others], { axis: 1 })], { axes: [1] });
}

/** The mean over both sides of what `side` says of its logits to the other side and within itself. */
function overViews(g: GraphBuilder, { a, b }: ObjectiveInputs, temperature: number, side: (cross: Value, within: Value) => Value): Value {
  const logits = (x: Value, y: Value): Value => scaled(g, similarities(g, x, y), 1 / temperature);
  const cross = logits(a, b);
  return scaled(g, g.apply('Add', [side(cross, logits(a, a)), side(transposed(g, cross), logits(b, b))]), 0.5);
}

function ntXent(g: GraphBuilder, inputs: ObjectiveInputs, { temperature = 0.1, decoupled = false }): Value {
  return overViews(g, inputs, temperature, (cross, within) => {
    const summed = decoupled ? g.apply('MaskDiagonal', [cross], { value: EXCLUDED }) : cross;
    return mean(g, g.apply('Sub', [logSumOfViews(g, summed, within), g.apply('Diagonal', [cross])]));
  });
}

function supCon(g: GraphBuilder, inputs: ObjectiveInputs, { temperature = 0.1 }): Value {
  const rowSum = (x: Value): Value => g.apply('ReduceSum', [x], { axes: [1] });
  const same = g.apply('SameLabel', [inputs.label!]);
  const sameOthers = g.apply('MaskDiagonal', [same], { value: 0 });
  return overViews(g, inputs, temperature, (cross, within) => {
    // Of the positives' own logits, those within the side must not meet EXCLUDED: 0 * -1e30 would swamp the sum.
    const positives = rowSum(g.apply('Add', [g.apply('Mul', [same, cross]), g.apply('Mul', [sameOthers, within])]));
    const count = rowSum(g.apply('Add', [same, sameOthers]));
    return mean(g, g.apply('Sub', [logSumOfViews(g, cross, within), g.apply('Div', [positives, count])]));
  });
}

function sigmoid(g: GraphBuilder, { a, b }: ObjectiveInputs, { temperature = 0.1, bias = -10 }): Value {
  const scale = learnedScale(g, temperature);
  const shift = g.parameter('logitBias', [], { kind: 'constant', value: bias });
  const logits = g.apply('Add', [g.apply('Mul', [similarities(g, a, b), scale]), shift]);
  // softplus(-z) = softplus(z) - z: all pairs as negatives, then the positives put right.
  const negatives = g.apply('MaskDiagonal', [g.apply('Softplus', [logits])], { value: 0 });
  const positives = g.apply('Softplus', [g.apply('Neg', [g.apply('Diagonal', [logits])])]);
  const perRow = g.apply('Add', [g.apply('ReduceSum', [negatives], { axes: [1] }), positives]);
  return mean(g, perRow);
}

/** The classifier's first map in three parts, over each kind of pair by itself. */
function matching(g: GraphBuilder, { a, b }: ObjectiveInputs, { temperature = 1e-3, hidden = 256 }): Value {
  const width = Number(a.shape[1]);
  const [weight, bias] = [g.parameter('entry.weight', [hidden, 3 * width], { kind: 'normal', std: Math.sqrt(2 / (3 * width)) }), g.parameter('entry.bias', [hidden], { kind: 'zeros' })];
  const [exit, shift] = [g.parameter('exit.weight', [1, hidden], { kind: 'normal', std: Math.sqrt(1 / hidden) }), g.parameter('exit.bias', [1], { kind: 'zeros' })];
  const part = (i: number): Value => g.apply('Slice', [weight], { starts: [i * width], ends: [(i + 1) * width], axes: [1] });
  const logit = (x: Value, y: Value): Value => {
    const products = [scaled(g, x, Math.sqrt(width)), scaled(g, y, Math.sqrt(width)), scaled(g, g.apply('Mul', [x, y]), width)].map((seen, i) => similarities(g, seen, part(i)));
    const inner = products.reduce((sum, product) => g.apply('Add', [sum, product]));
    return g.apply('Add', [similarities(g, g.apply('Relu', [g.apply('Add', [inner, bias])]), exit), shift]);
  };
  const negative = (x: Value, y: Value): Value => {
    const logits = scaled(g, g.apply('MaskDiagonal', [similarities(g, x, y)], { value: EXCLUDED * temperature }), 1 / temperature);
    return g.apply('L2Normalise', [g.apply('Gemm', [g.apply('StopGradient', [g.apply('Exp', [g.apply('LogSoftmax', [logits], { axis: 1 })])]), y])]);
  };
  const [own, ofA, ofB] = [logit(a, b), logit(a, negative(a, b)), logit(negative(b, a), b)];
  const [missed, first, second] = [g.apply('Neg', [own]), ofA, ofB].map((logits) => mean(g, g.apply('Softplus', [logits]))) as [Value, Value, Value];
  return scaled(g, g.apply('Add', [missed, scaled(g, g.apply('Add', [first, second]), 0.5)]), 0.5);
}

type PlainObjective = (g: GraphBuilder, inputs: ObjectiveInputs, config: never) => Value;

function moco(g: GraphBuilder, { a, b }: ObjectiveInputs, { temperature = 0.07, queue: size = 1 }): Value {
  const queue = g.parameter('queue', [size, Number(b.shape[1])], { kind: 'unitRows' }, { trainable: false });
  const logits = scaled(g, similarities(g, a, b), 1 / temperature);
  const sums = [logits, scaled(g, similarities(g, a, queue), 1 / temperature)].map((each) => g.apply('ReduceLogSumExp', [each], { axes: [1], keepdims: 1 }));
  const all = g.apply('ReduceLogSumExp', [g.apply('Concat', sums, { axis: 1 })], { axes: [1] });
  return mean(g, g.apply('Sub', [all, g.apply('Diagonal', [logits])]));
}

/** Probabilities as such, by Softmax along one axis and the other. */
function swav(g: GraphBuilder, { a, b }: ObjectiveInputs, { temperature = 0.1, epsilon = 0.05, rounds = 3, prototypes: count = 2 }): Value {
  const prototypes = g.parameter('prototypes', [count, Number(a.shape[1])], { kind: 'unitRows' }, { decay: false });
  const assigned = (scores: Value): Value => {
    let logs = scaled(g, scores, 1 / epsilon);
    for (let round = 0; round < rounds; round++) logs = g.apply('LogSoftmax', [g.apply('LogSoftmax', [logs], { axis: 0 })], { axis: 1 });
    return g.apply('StopGradient', [g.apply('Exp', [logs])]);
  };
  const against = (side: Value, target: Value): Value => {
    const logits = scaled(g, similarities(g, side, prototypes), 1 / temperature);
    const all = g.apply('ReduceLogSumExp', [logits], { axes: [1] });
    return mean(g, g.apply('Sub', [all, g.apply('ReduceSum', [g.apply('Mul', [target, logits])], { axes: [1] })]));
  };
  const [first, second] = [a, b].map((side) => assigned(similarities(g, side, prototypes))) as [Value, Value];
  return scaled(g, g.apply('Add', [against(a, second), against(b, first)]), 0.5);
}

function crd(g: GraphBuilder, { a, b }: ObjectiveInputs, { temperature = 0.07, dimension = 128, queue = 16_384 }): Value {
  const mapped = (name: string, x: Value): Value => {
    const weight = g.parameter(`${name}.weight`, [dimension, Number(x.shape[1])], { kind: 'normal', std: Math.sqrt(1 / Number(x.shape[1])) });
    const bias = g.parameter(`${name}.bias`, [dimension], { kind: 'zeros' });
    return g.apply('L2Normalise', [g.apply('Add', [similarities(g, x, weight), bias])]);
  };
  const [student, teacher] = [mapped('student', a), mapped('teacher', b)];
  const [students, teachers] = ['student', 'teacher'].map((name) => g.parameter(`${name}-queue`, [queue, dimension], { kind: 'unitRows' }, { trainable: false })) as [Value, Value];
  const noise = Math.log(queue) + 1 / (2 * dimension * temperature ** 2);
  /** log(e^logit + e^noise), of all pairs of rows. */
  const totals = (logits: Value): Value => g.apply('Add', [g.apply('Softplus', [g.apply('Sub', [logits, g.constant(noise)])]), g.constant(noise)]);
  const logits = (x: Value, y: Value): Value => scaled(g, similarities(g, x, y), 1 / temperature);
  const others = (x: Value, y: Value): Value => mean(g, g.apply('ReduceSum', [g.apply('Sub', [totals(logits(x, y)), g.constant(noise)])], { axes: [1] }));
  const own = g.apply('Diagonal', [logits(student, teacher)]);
  const positives = scaled(g, mean(g, g.apply('Sub', [totals(own), own])), 2);
  return g.apply('Add', [positives, g.apply('Add', [others(student, teachers), others(teacher, students)])]);
}

/** With the class vectors looked up by label, instead of a column of the logits. */
function crossEntropyOfClasses(g: GraphBuilder, { a, b, label }: ObjectiveInputs, { temperature = 0.1, classes = 2 }): Value {
  const vectors = g.parameter('classes', [classes, Number(a.shape[1])], { kind: 'unitRows' }, { decay: false });
  const own = g.apply('Gather', [vectors, label!]);
  const side = (view: Value): Value => {
    const logits = scaled(g, similarities(g, view, vectors), 1 / temperature);
    const hit = scaled(g, g.apply('ReduceSum', [g.apply('Mul', [view, own])], { axes: [1] }), 1 / temperature);
    return mean(g, g.apply('Sub', [g.apply('ReduceLogSumExp', [logits], { axes: [1] }), hit]));
  };
  return scaled(g, g.apply('Add', [side(a), side(b)]), 0.5);
}

function alignmentUniformity(g: GraphBuilder, { a, b }: ObjectiveInputs, { alignment = 1, uniformity = 1, t = 2 }): Value {
  const squared = (x: Value): Value => g.apply('ReduceSum', [g.apply('Mul', [x, x])], { axes: [-1] });
  const spread = (side: Value): Value => {
    const width = Number(side.shape[1]);
    const products = g.apply('Mul', [g.apply('Reshape', [side], { shape: [0, 1, width] }), g.apply('Reshape', [side], { shape: [1, -1, width] })]);
    const halves = g.apply('Sub', [g.apply('ReduceSum', [products], { axes: [2] }), g.constant(1)]);
    const [logits, count] = [2 * t, 0].map((factor) => g.apply('MaskDiagonal', [scaled(g, halves, factor)], { value: EXCLUDED })) as [Value, Value];
    return g.apply('Sub', [g.apply('ReduceLogSumExp', [logits]), g.apply('ReduceLogSumExp', [count])]);
  };
  const aligned = scaled(g, mean(g, squared(g.apply('Sub', [a, b]))), alignment);
  return g.apply('Add', [aligned, scaled(g, g.apply('Add', [spread(a), spread(b)]), uniformity / 2)]);
}

export const PLAIN_OBJECTIVES: Readonly<Record<string, PlainObjective>> = {
  clip, 'info-nce': infoNce, 'info-loob': infoLoob, 'nt-xent': ntXent, 'sup-con': supCon, sigmoid, moco, swav, crd, 'cross-entropy': crossEntropyOfClasses, 'alignment-uniformity': alignmentUniformity, matching,
};
