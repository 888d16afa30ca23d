/**
 * Logistic regression for some thousand molecules with some thousand features, by L-BFGS (Liu & Nocedal 1989,
 * doi:10.1007/BF01589116): neither a Hessian nor the molecules' inner products are ever held.
 */
import type { Design } from './design.ts';

export interface LogisticFit {
  /** (d) */
  readonly weights: Float64Array;
  readonly offset: number;
  readonly iterations: number;
  /** False where the iterations ended before the gradient was small. */
  readonly converged: boolean;
}

export interface LogisticOptions {
  /** Inverse strength of the penalty, as scikit-learn has it: C times the summed log-loss stands beside |w|^2 / 2. */
  readonly c: number;
  /** Where to begin: the solution for another C. */
  readonly start?: Pick<LogisticFit, 'weights' | 'offset'> | undefined;
  /** Largest entry of the gradient of the mean loss at which it ends. */
  readonly tolerance?: number;
  readonly maxIterations?: number;
}

const MEMORY = 10;
/** As scikit-learn's; a ranking no longer changes long before. */
const TOLERANCE = 1e-4;
const MAX_ITERATIONS = 1000;
/** Share of the decrease that the slope promises with which a step is good enough (Armijo 1966). */
const ENOUGH = 1e-4;
const MAX_HALVINGS = 40;

/**
 * Minimises mean log-loss + |w|^2 / (2 C n); the offset is free of the penalty. label: (n), 0 or 1. The problem is strictly
 * convex in the weights, so where it starts changes how long it takes alone.
 */
export function fitLogistic(design: Design, label: ArrayLike<number>, options: LogisticOptions): LogisticFit {
  const { rows, width } = design;
  const objective = new Objective(design, label, 1 / (options.c * rows));
  const tolerance = options.tolerance ?? TOLERANCE;
  const limit = options.maxIterations ?? MAX_ITERATIONS;
  // The offset is the last parameter.
  const x = new Float64Array(width + 1);
  if (options.start !== undefined) {
    x.set(options.start.weights);
    x[width] = options.start.offset;
  }
  objective.moveTo(x);
  let gradient = objective.gradient(x);
  const memory: Correction[] = [];
  let iterations = 0;
  let stuck = false;
  while (largest(gradient) > tolerance && iterations < limit && !stuck) {
    iterations++;
    let direction = descent(gradient, memory);
    let slope = dot(direction, gradient);
    if (slope >= 0) {
      memory.length = 0;
      direction = descent(gradient, memory);
      slope = dot(direction, gradient);
    }
    const step = objective.search(x, direction, slope);
    stuck = step === 0;
    const before = gradient;
    for (let i = 0; i <= width; i++) x[i]! += step * direction[i]!;
    gradient = objective.gradient(x);
    remember(memory, direction.map((value) => step * value), gradient.map((value, i) => value - before[i]!));
  }
  return { weights: x.slice(0, width), offset: x[width]!, iterations, converged: largest(gradient) <= tolerance };
}

/** Scores (n), log-odds, of rows. */
export function logisticScores(design: Design, { weights, offset }: Pick<LogisticFit, 'weights' | 'offset'>): Float64Array {
  const scores = new Float64Array(design.rows);
  design.times(weights, scores);
  return scores.map((score) => score + offset);
}

/** The loss along lines: the scores of all molecules are kept, so that trying a step length needs no product with the features. */
class Objective {
  private readonly design: Design;
  private readonly label: ArrayLike<number>;
  private readonly penalty: number;
  /** (n) log-odds at the present point. */
  private readonly scores: Float64Array;
  /** (n) their change along the line. */
  private readonly along: Float64Array;

  constructor(design: Design, label: ArrayLike<number>, penalty: number) {
    this.design = design;
    this.label = label;
    this.penalty = penalty;
    this.scores = new Float64Array(design.rows);
    this.along = new Float64Array(design.rows);
  }

  moveTo(x: Float64Array): void {
    this.design.times(x, this.scores);
    for (let i = 0; i < this.scores.length; i++) this.scores[i]! += x[this.design.width]!;
  }

  gradient(x: Float64Array): Float64Array {
    const { rows, width } = this.design;
    const residual = new Float64Array(rows);
    let sum = 0;
    for (let i = 0; i < rows; i++) {
      residual[i] = (1 / (1 + Math.exp(-this.scores[i]!)) - this.label[i]!) / rows;
      sum += residual[i]!;
    }
    const gradient = x.map((value) => this.penalty * value);
    gradient[width] = sum;
    this.design.addTransposed(residual, gradient);
    return gradient;
  }

  /** A step length with enough decrease, and moves there; 0 where rounding leaves none. */
  search(x: Float64Array, direction: Float64Array, slope: number): number {
    const { width } = this.design;
    this.design.times(direction, this.along);
    for (let i = 0; i < this.along.length; i++) this.along[i]! += direction[width]!;
    const [own, both, other] = [normOf(x, x, width), normOf(x, direction, width), normOf(direction, direction, width)];
    const value = (step: number): number => this.lossAt(step) + (this.penalty / 2) * (own + 2 * step * both + step * step * other);
    const start = value(0);
    let step = 1;
    for (let halving = 0; halving < MAX_HALVINGS; halving++) {
      const reached = value(step);
      if (reached <= start + ENOUGH * step * slope) {
        for (let i = 0; i < this.scores.length; i++) this.scores[i]! += step * this.along[i]!;
        return step;
      }
      // The lowest point of the parabola through both values and the slope, within bounds.
      const guess = (-slope * step * step) / (2 * (reached - start - slope * step));
      step = Math.min(0.5 * step, Math.max(0.1 * step, guess));
    }
    return 0;
  }

  private lossAt(step: number): number {
    let loss = 0;
    for (let i = 0; i < this.scores.length; i++) {
      const score = this.scores[i]! + step * this.along[i]!;
      const wrong = this.label[i] === 1 ? -score : score;
      // log(1 + exp(wrong)), finite for any score.
      loss += Math.max(0, wrong) + Math.log1p(Math.exp(-Math.abs(wrong)));
    }
    return loss / this.scores.length;
  }
}

/** How the gradient changed along a step. */
interface Correction {
  readonly step: Float64Array;
  readonly change: Float64Array;
  /** 1 / <step, change> */
  readonly rho: number;
}

function remember(memory: Correction[], step: Float64Array, change: Float64Array): void {
  const curvature = dot(step, change);
  // Without curvature the estimate of the Hessian would lose its positive sign.
  if (!(curvature > 1e-12 * dot(change, change))) return;
  memory.push({ step, change, rho: 1 / curvature });
  if (memory.length > MEMORY) memory.shift();
}

/** Minus the inverse Hessian, as far as it is known, times the gradient: the two-loop recursion. */
function descent(gradient: Float64Array, memory: readonly Correction[]): Float64Array {
  const q = gradient.slice();
  const alphas = memory.map(() => 0);
  for (let m = memory.length - 1; m >= 0; m--) {
    const { step, change, rho } = memory[m]!;
    alphas[m] = rho * dot(step, q);
    for (let i = 0; i < q.length; i++) q[i]! -= alphas[m]! * change[i]!;
  }
  const last = memory.at(-1);
  const scale = last === undefined ? 1 / Math.max(1, Math.sqrt(dot(gradient, gradient))) : 1 / (last.rho * dot(last.change, last.change));
  for (let i = 0; i < q.length; i++) q[i]! *= scale;
  memory.forEach(({ step, change, rho }, m) => {
    const beta = rho * dot(change, q);
    for (let i = 0; i < q.length; i++) q[i]! += (alphas[m]! - beta) * step[i]!;
  });
  return q.map((value) => -value);
}

function dot(a: Float64Array, b: Float64Array): number {
  return normOf(a, b, a.length);
}

/** Inner product of the first `length` entries. */
function normOf(a: Float64Array, b: Float64Array, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
