/** One contrastive loss over a batch of pairs, written as a graph. */
import type * as z from 'zod';
import { IsoLensError } from '../core/index.ts';
import type { GraphBuilder, Value } from '../graph/index.ts';

/** Rows of `a` and `b` are of unit length, (N, D); row i of one and row i of the other are a positive pair. */
export interface ObjectiveInputs {
  readonly a: Value;
  readonly b: Value;
  /** Rows of further views of the same items, (N, D) each; only for objectives that take several. */
  readonly further?: readonly Value[];
  /** (N) i32: rows of equal label are positive to each other; only for objectives that ask for it. */
  readonly label?: Value;
}

export interface ObjectiveResult {
  /** Scalar. */
  readonly loss: Value;
  /** Scalars by name. */
  readonly metrics: Readonly<Record<string, Value>>;
}

export interface Objective<Config = unknown, Id extends string = string> {
  readonly id: Id;
  readonly summary: string;
  readonly references: readonly string[];
  readonly config: z.ZodType<Config>;
  readonly needsLabel: boolean;
  /** Whether it compares more than two views at once; else two alone. */
  readonly takesSeveral: boolean;
  /** States (parameters that are not trained) and rules after a step are added to `g` as well. */
  build(g: GraphBuilder, inputs: ObjectiveInputs, config: Config): ObjectiveResult;
}

export function defineObjective<Config, const Id extends string>(
  objective: Omit<Objective<Config, Id>, 'needsLabel' | 'takesSeveral'> & Partial<Pick<Objective<Config, Id>, 'needsLabel' | 'takesSeveral'>>,
): Objective<Config, Id> {
  return Object.freeze({ needsLabel: false, takesSeveral: false, ...objective });
}

/** What a head sees of its tower. */
export interface AuxiliaryInputs {
  /** (N, F): the trunk's. */
  readonly features: Value;
  /** (N, K, D), or (V, D) of graphs of V atoms, where the encoder gives them. */
  readonly tokens?: Value;
  /** (N, T): what the data holds; only for heads that want a target. */
  readonly target?: Value;
  /** What the tower itself reads, by role. */
  readonly inputs: Readonly<Record<string, Value>>;
  /** What another tower reads of the same items, undamaged; only for heads that ask for it. */
  readonly whole?: Readonly<Record<string, Value>>;
  /** Number of categories of each column of the inputs that hold such, by role. */
  readonly categories?: Readonly<Record<string, readonly number[]>>;
}

/** A head beside the objective: one tower also predicts a target that the data holds, or what it was not shown. */
export interface Auxiliary<Config = unknown, Id extends string = string> {
  readonly id: Id;
  readonly summary: string;
  readonly config: z.ZodType<Config>;
  readonly needsTarget: boolean;
  readonly needsWhole: boolean;
  build(g: GraphBuilder, inputs: AuxiliaryInputs, config: Config): ObjectiveResult;
}

export function defineAuxiliary<Config, const Id extends string>(
  auxiliary: Omit<Auxiliary<Config, Id>, 'needsTarget' | 'needsWhole'> & Partial<Pick<Auxiliary<Config, Id>, 'needsTarget' | 'needsWhole'>>,
): Auxiliary<Config, Id> {
  return Object.freeze({ needsTarget: true, needsWhole: false, ...auxiliary });
}

/** A configuration with its defaults filled in, or a coded refusal. */
export function objectiveConfig(objective: Pick<Objective, 'id' | 'config'>, given: unknown): unknown {
  const parsed = objective.config.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new IsoLensError('ARGUMENT_INVALID', `Expected a valid configuration of the objective "${objective.id}" but received one that is not: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`);
}
