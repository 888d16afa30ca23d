/** Every objective once more, slow and plain, in double precision, straight from its paper. Adding an objective adds one here. */
export type Rows = readonly (readonly number[])[];

export interface ReferenceInputs {
  readonly a: Rows;
  readonly b: Rows;
  readonly label?: readonly number[];
  /** What the objective keeps from step to step, by name. */
  readonly states?: Readonly<Record<string, Rows>>;
  /** Where gradients do not flow: the embeddings as they were before a difference was taken. Default: `a` and `b`. */
  readonly still?: { readonly a: Rows; readonly b: Rows };
}

function dot(x: readonly number[], y: readonly number[]): number {
  return x.reduce((sum, value, i) => sum + value * y[i]!, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** log sum of e^value, with the largest value taken out. */
function logSumExp(values: readonly number[]): number {
  const top = Math.max(...values);
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
}

/** Mean cross-entropy of each row of logits against its own index, softened by label smoothing. */
function crossEntropy(logits: Rows, smoothing = 0): number {
  return mean(logits.map((row, i) => {
    const log = row.map((value) => value - logSumExp(row));
    return -(1 - smoothing) * log[i]! - smoothing * mean(log);
  }));
}

function logitsOf(x: Rows, y: Rows, scale: number): number[][] {
  return x.map((left) => y.map((right) => scale * dot(left, right)));
}

function clip({ a, b, still }: ReferenceInputs, { temperature = 0.07, labelSmoothing = 0, softLabels }: { temperature?: number; labelSmoothing?: number; softLabels?: { share: number; temperature: number } }): number {
  if (softLabels !== undefined) {
    const side = still?.a ?? a;
    const targets = logitsOf(side, side, 1 / softLabels.temperature).map((row, i) => row.map((value, j) => softLabels.share * Math.exp(value - logSumExp(row)) + (i === j ? 1 - softLabels.share : 0)));
    const towards = (x: Rows, y: Rows): number => mean(logitsOf(x, y, 1 / temperature).map((row, i) => -row.reduce((sum, value, j) => sum + targets[i]![j]! * (value - logSumExp(row)), 0)));
    return (towards(a, b) + towards(b, a)) / 2;
  }
  return (crossEntropy(logitsOf(a, b, 1 / temperature), labelSmoothing) + crossEntropy(logitsOf(b, a, 1 / temperature), labelSmoothing)) / 2;
}

function infoNce({ a, b }: ReferenceInputs, { temperature = 0.1 }): number {
  return crossEntropy(logitsOf(a, b, 1 / temperature));
}

function retrieved(states: Rows, stored: Rows, beta: number): number[][] {
  return states.map((state) => {
    const logits = stored.map((row) => beta * dot(state, row));
    const total = logSumExp(logits);
    const sum = stored[0]!.map((_, c) => stored.reduce((all, row, j) => all + Math.exp(logits[j]! - total) * row[c]!, 0));
    const norm = Math.sqrt(dot(sum, sum));
    return sum.map((value) => value / norm);
  });
}

/** -mean_i log( e^(k_ii) / sum_(j != i) e^(k_ij) ), times the temperature. */
function leaveOneOut(x: Rows, y: Rows, scale: number): number {
  const k = logitsOf(x, y, scale);
  return mean(k.map((row, i) => logSumExp(row.filter((_, j) => j !== i)) - row[i]!)) / scale;
}

function infoLoob({ a, b }: ReferenceInputs, { inverseTemperature = 14.3, hopfield = true, hopfieldScale = 14.3 }): number {
  if (!hopfield) return leaveOneOut(a, b, inverseTemperature) + leaveOneOut(b, a, inverseTemperature);
  return leaveOneOut(retrieved(a, a, hopfieldScale), retrieved(b, a, hopfieldScale), inverseTemperature)
    + leaveOneOut(retrieved(b, b, hopfieldScale), retrieved(a, b, hopfieldScale), inverseTemperature);
}

/** Over all 2N views: the positive of a view is the other view of its item; decoupled, that one is no part of the sum. */
function ntXent({ a, b }: ReferenceInputs, { temperature = 0.1, decoupled = false }): number {
  const views = [...a, ...b];
  const n = a.length;
  return mean(views.map((view, i) => {
    const partner = (i + n) % (2 * n);
    const others = views.flatMap((other, j) => (j === i || (decoupled && j === partner) ? [] : [dot(view, other) / temperature]));
    return logSumExp(others) - dot(view, views[partner]!) / temperature;
  }));
}

/** Over all 2N views: every other view of equal label is a positive. */
function supCon({ a, b, label = [] }: ReferenceInputs, { temperature = 0.1 }): number {
  const views = [...a, ...b];
  const labels = [...label, ...label];
  return mean(views.map((view, i) => {
    const logits = views.map((other) => dot(view, other) / temperature);
    const total = logSumExp(logits.filter((_, j) => j !== i));
    return -mean(logits.filter((_, j) => j !== i && labels[j] === labels[i]).map((logit) => logit - total));
  }));
}

/** Every pair of the batch by itself: -log sigma(z), where z is the logit of a positive and minus that of a negative. */
function sigmoid({ a, b }: ReferenceInputs, { temperature = 0.1, bias = -10 }): number {
  const logits = logitsOf(a, b, 1 / temperature).map((row) => row.map((value) => value + bias));
  const terms = logits.map((row, i) => row.map((value, j) => (i === j ? value : -value)).map((z) => Math.max(-z, 0) + Math.log1p(Math.exp(-Math.abs(z)))));
  return mean(terms.map((row) => row.reduce((sum, value) => sum + value, 0)));
}

type Reference = (inputs: ReferenceInputs, config: never) => number;

/** The positive, the other keys of the batch and the queue share a row of logits. */
function moco({ a, b, states }: ReferenceInputs, { temperature = 0.07 }): number {
  return crossEntropy(logitsOf(a, [...b, ...states!['queue']!], 1 / temperature));
}

/** Sinkhorn-Knopp as in SwAV's listing, in logarithms: prototypes first, then samples; rows sum to 1. */
function sinkhorn(scores: Rows, epsilon: number, rounds: number): number[][] {
  let logs = scores.map((row) => row.map((score) => score / epsilon));
  for (let round = 0; round < rounds; round++) {
    const columns = logs[0]!.map((_, k) => logSumExp(logs.map((row) => row[k]!)));
    logs = logs.map((row) => row.map((value, k) => value - columns[k]!));
    logs = logs.map((row) => {
      const total = logSumExp(row);
      return row.map((value) => value - total);
    });
  }
  return logs.map((row) => row.map(Math.exp));
}

function swav({ a, b, states, still }: ReferenceInputs, { temperature = 0.1, epsilon = 0.05, rounds = 3 }): number {
  const prototypes = states!['prototypes']!;
  const assigned = (side: Rows): Rows => sinkhorn(logitsOf(side, prototypes, 1), epsilon, rounds);
  const [first, second] = [assigned(still?.a ?? a), assigned(still?.b ?? b)];
  const against = (side: Rows, target: Rows): number => mean(logitsOf(side, prototypes, 1 / temperature).map((row, i) => {
    const total = logSumExp(row);
    return -row.reduce((sum, value, k) => sum + target[i]![k]! * (value - total), 0);
  }));
  return (against(a, second) + against(b, first)) / 2;
}

function alignmentUniformity({ a, b }: ReferenceInputs, { alignment = 1, uniformity = 1, t = 2 }): number {
  const squared = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, value, i) => sum + (value - y[i]!) ** 2, 0);
  // Of unit vectors.
  const spread = (side: Rows): number => {
    const pairs = side.flatMap((x, i) => side.flatMap((y, j) => (i === j ? [] : [-t * (2 - 2 * dot(x, y))])));
    return logSumExp(pairs) - Math.log(pairs.length);
  };
  return alignment * mean(a.map((x, i) => squared(x, b[i]!))) + (uniformity * (spread(a) + spread(b))) / 2;
}

function crossEntropyOfClasses({ a, b, label, states }: ReferenceInputs, { temperature = 0.1 }): number {
  const side = (rows: Rows): number => mean(logitsOf(rows, states!['classes']!, 1 / temperature).map((row, i) => logSumExp(row) - row[label![i]!]!));
  return (side(a) + side(b)) / 2;
}

/** Is a pair one item, or noise? Tian et al. 2020, equations 5, 6 and 11, with the constant of the exponentials in closed form. */
function crd({ a, b, states }: ReferenceInputs, { temperature = 0.07, dimension = 128, queue = 16_384 }): number {
  const mapped = (rows: Rows, weight: Rows): Rows => rows.map((row) => {
    const product = weight.map((each) => dot(each, row));
    const norm = Math.sqrt(dot(product, product));
    return product.map((value) => value / norm);
  });
  const [student, teacher] = [mapped(a, states!['student.weight']!), mapped(b, states!['teacher.weight']!)];
  /** -log of the probability, and of its complement, that two vectors are of one item. */
  const errors = (x: readonly number[], y: readonly number[]): [same: number, other: number] => {
    const [log, noise] = [dot(x, y) / temperature, Math.log(queue) + 1 / (2 * dimension * temperature ** 2)];
    const total = logSumExp([log, noise]);
    return [total - log, total - noise];
  };
  const against = (side: Rows, others: Rows): number => mean(side.map((row) => others.reduce((sum, other) => sum + errors(row, other)[1], 0)));
  const positives = mean(student.map((row, i) => errors(row, teacher[i]!)[0]));
  return 2 * positives + against(student, states!['teacher-queue']!) + against(teacher, states!['student-queue']!);
}

/** Is a pair one item? Own pairs against both kinds of hard negatives, drawn by weights through which no gradient flows. */
function matching({ a, b, states, still }: ReferenceInputs, { temperature = 1e-3 }): number {
  const factor = Math.sqrt(a[0]!.length);
  const logit = (x: readonly number[], y: readonly number[]): number => {
    const seen = [...x.map((value) => factor * value), ...y.map((value) => factor * value), ...x.map((value, c) => factor ** 2 * value * y[c]!)];
    return dot(states!['exit.weight']![0]!, states!['entry.weight']!.map((each) => Math.max(0, dot(each, seen))));
  };
  const negatives = (x: Rows, y: Rows, others: Rows): number[][] => logitsOf(x, y, 1 / temperature).map((row, i) => {
    const total = logSumExp(row.filter((_, j) => j !== i));
    const sum = others[0]!.map((_, c) => others.reduce((all, other, j) => all + (j === i ? 0 : Math.exp(row[j]! - total) * other[c]!), 0));
    const norm = Math.sqrt(dot(sum, sum));
    return sum.map((value) => value / norm);
  });
  const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
  const [x, y] = [still?.a ?? a, still?.b ?? b];
  const [ofA, ofB] = [negatives(x, y, b), negatives(y, x, a)];
  const others = mean(a.map((row, i) => (softplus(logit(row, ofA[i]!)) + softplus(logit(ofB[i]!, b[i]!))) / 2));
  return (mean(a.map((row, i) => softplus(-logit(row, b[i]!)))) + others) / 2;
}

export const OBJECTIVE_REFERENCES: Readonly<Record<string, Reference>> = {
  clip, 'info-nce': infoNce, 'info-loob': infoLoob, 'nt-xent': ntXent, 'sup-con': supCon, sigmoid, moco, swav, crd, 'cross-entropy': crossEntropyOfClasses, 'alignment-uniformity': alignmentUniformity, matching,
};
