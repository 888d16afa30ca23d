/** One contrastive loss over a batch of pairs, written as a graph. */
import type * as z from 'zod';
import { IsoLensError } from '../core/index.ts';
import type { GraphBuilder, Value } from '../graph/index.ts';

/** Rows of `a` and `b` are of unit length, (N, D); row i of one and row i of the other are a positive pair. */
export interface ObjectiveInputs {
  readonly a: Value;
  readonly b: Value;
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
  /** States (parameters that are not trained) and rules after a step are added to `g` as well. */
  build(g: GraphBuilder, inputs: ObjectiveInputs, config: Config): ObjectiveResult;
}

export function defineObjective<Config, const Id extends string>(
  objective: Omit<Objective<Config, Id>, 'needsLabel'> & Partial<Pick<Objective<Config, Id>, 'needsLabel'>>,
): Objective<Config, Id> {
  return Object.freeze({ needsLabel: false, ...objective });
}

/** A head beside the objective: the trunk features of one tower also predict a target that the data holds. */
export interface Auxiliary<Config = unknown, Id extends string = string> {
  readonly id: Id;
  readonly summary: string;
  readonly config: z.ZodType<Config>;
  /** `features` (N, F), `target` (N, T). */
  build(g: GraphBuilder, inputs: { readonly features: Value; readonly target: Value }, config: Config): ObjectiveResult;
}

export function defineAuxiliary<Config, const Id extends string>(auxiliary: Auxiliary<Config, Id>): Auxiliary<Config, Id> {
  return Object.freeze(auxiliary);
}

/** A configuration with its defaults filled in, or a coded refusal. */
export function objectiveConfig(objective: Pick<Objective, 'id' | 'config'>, given: unknown): unknown {
  const parsed = objective.config.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new IsoLensError('ARGUMENT_INVALID', `Expected a valid configuration of the objective "${objective.id}" but received one that is not: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`);
}
