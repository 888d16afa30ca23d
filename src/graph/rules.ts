/**
 * What is done to parameters after every step of the optimiser, in the order of the list: states (queues, averages, running
 * numbers) are parameters that are not trained and that a rule writes.
 */
import * as z from 'zod';
import { IsoLensError } from '../core/index.ts';
import type { Tensor } from './define.ts';
import { formatShape, sameShape } from './dims.ts';

const parameter = z.string();

export const ruleSchema = z.discriminatedUnion('rule', [
  /** Kept within limits. */
  z.strictObject({ rule: z.literal('clamp'), parameter, min: z.number(), max: z.number() }).refine(({ min, max }) => min <= max, 'expected min up to max'),
  /** Rows of a matrix are brought to unit length. */
  z.strictObject({ rule: z.literal('unitRows'), parameter }),
  /** Follows another parameter: momentum * itself + (1 - momentum) * the other. */
  z.strictObject({ rule: z.literal('average'), parameter, of: z.string(), momentum: z.number().min(0).max(1) }),
  /** Not trained in the first `until` steps. */
  z.strictObject({ rule: z.literal('freeze'), parameter, until: z.int().positive() }),
  /** Takes the value that the batch has given. */
  z.strictObject({ rule: z.literal('assign'), parameter, from: z.string() }),
  /** A ring of rows: those of the batch take the place of the oldest. The ring holds a whole number of batches. */
  z.strictObject({ rule: z.literal('enqueue'), parameter, from: z.string() }),
  /**
   * A memory bank: row rows_i of the parameter takes row i of what the batch has given. `rows`: (N) i32, an output or an input, each from
   * 0 and below the number of the parameter's rows, or the step is refused (on a device such rows are left out); of equal ones the last counts.
   */
  z.strictObject({ rule: z.literal('scatterRows'), parameter, from: z.string(), rows: z.string() }),
]);

export type Rule = z.output<typeof ruleSchema>;

interface Target {
  readonly name: string;
  readonly shape: readonly number[];
  readonly trainable: boolean;
}

interface Ruled {
  readonly name: string;
  readonly parameters: readonly Target[];
  readonly inputs: readonly { readonly name: string }[];
  readonly outputs: readonly string[];
  readonly rules?: readonly Rule[] | undefined;
}

/** Refuses rules for what the graph does not have, or for shapes and kinds that they are not made for. */
export function checkRules(graph: Ruled, values: ReadonlyMap<string, Tensor>): void {
  const targets = new Map(graph.parameters.map((each) => [each.name, each]));
  for (const rule of graph.rules ?? []) {
    const target = targets.get(rule.parameter) ?? refuse(rule, `a parameter of graph ${graph.name}`, `"${rule.parameter}"`);
    if (rule.rule === 'unitRows' && target.shape.length !== 2) refuse(rule, 'a matrix', formatShape(target.shape));
    if (rule.rule === 'freeze' && !target.trainable) refuse(rule, 'a parameter that is trained', 'one that is not');
    if (rule.rule === 'clamp' || rule.rule === 'unitRows' || rule.rule === 'freeze') continue;
    if (target.trainable) refuse(rule, 'a parameter that is not trained', 'one that is');
    if (rule.rule === 'average') {
      const followed = targets.get(rule.of) ?? refuse(rule, `a parameter of graph ${graph.name} to follow`, `"${rule.of}"`);
      if (!sameShape(followed.shape, target.shape)) refuse(rule, `${formatShape(target.shape)} to follow`, formatShape(followed.shape));
      continue;
    }
    const from = values.get(rule.from);
    if (from === undefined || !graph.outputs.includes(rule.from)) refuse(rule, 'an output of the graph to take', `"${rule.from}"`);
    const fits = rule.rule === 'assign' ? sameShape(from.shape, target.shape) : target.shape.length === 2 && from.shape.length === 2 && from.shape[1] === target.shape[1];
    if (!fits || from.dtype !== 'f32') {
      refuse(rule, rule.rule === 'assign' ? `f32${formatShape(target.shape)}` : 'f32 rows as wide as those of a matrix', `${from.dtype}${formatShape(from.shape)} for ${formatShape(target.shape)}`);
    }
    if (rule.rule === 'scatterRows') checkRows(rule, graph, values, from);
  }
}

/** Refuses numbers of rows that are not one for each row of `from`. */
function checkRows(rule: Extract<Rule, { rule: 'scatterRows' }>, graph: Ruled, values: ReadonlyMap<string, Tensor>, from: Tensor): void {
  const rows = values.get(rule.rows);
  const known = graph.outputs.includes(rule.rows) || graph.inputs.some(({ name }) => name === rule.rows);
  if (rows === undefined || !known) refuse(rule, 'an output or an input of the graph that names rows', `"${rule.rows}"`);
  const wanted = [from.shape[0]!];
  if (rows.dtype !== 'i32' || !sameShape(rows.shape, wanted)) refuse(rule, `rows i32${formatShape(wanted)}`, `${rows.dtype}${formatShape(rows.shape)}`);
}

function refuse(rule: Rule, expected: string, received: string): never {
  throw new IsoLensError('GRAPH_INVALID', `Rule ${rule.rule} of ${rule.parameter}: expected ${expected} but received ${received}.`);
}
