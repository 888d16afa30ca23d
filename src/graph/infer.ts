/** Shapes of a graph's values, by the operators' own rules. */
import { IsoLensError } from '../core/index.ts';
import { ABSENT, ShapeRefusal, isAbsent } from './define.ts';
import type { InputRule, Operator, Tensor } from './define.ts';
import { formatShape } from './dims.ts';
import { parseStructure } from './ir.ts';
import type { GraphIr } from './ir.ts';
import { operatorById } from './ops/index.ts';
import { checkRules } from './rules.ts';

type Attributes = Record<string, number | string | (number | string)[]>;

function refuse(message: string): never {
  throw new IsoLensError('GRAPH_INVALID', message);
}

function describe(tensor: Tensor): string {
  return isAbsent(tensor) ? 'none' : `${tensor.dtype}${formatShape(tensor.shape)}`;
}

function checkInputs(where: string, rules: readonly InputRule[], inputs: readonly Tensor[]): void {
  const last = rules.at(-1);
  if (inputs.length > rules.length && last?.variadic !== true) {
    refuse(`${where}: expected at most ${rules.length} inputs but received ${inputs.length}.`);
  }
  for (let i = 0; i < Math.max(rules.length, inputs.length); i++) {
    const rule = rules[i] ?? last!;
    const input = inputs[i];
    if (input === undefined || isAbsent(input)) {
      if (rule.optional !== true) refuse(`${where}: expected input "${rule.name}" but received none.`);
      continue;
    }
    const dtype = rule.dtype ?? 'f32';
    if (dtype !== 'any' && input.dtype !== dtype) {
      refuse(`${where}: expected ${dtype} for input "${rule.name}" but received ${describe(input)}.`);
    }
  }
}

export interface InferredNode {
  readonly operator: Operator;
  readonly attributes: Attributes;
  readonly output: Tensor;
}

/** Applies one operator's rule; absent optional inputs are `ABSENT`. */
export function inferNode(op: string, nodeName: string, inputs: readonly Tensor[], rawAttributes: unknown): InferredNode {
  const where = `Node ${nodeName} (${op})`;
  const operator = operatorById(op) ?? refuse(`${where}: expected a known operator but received "${op}".`);
  checkInputs(where, operator.inputs, inputs);
  const parsed = operator.attributes.safeParse(rawAttributes);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    refuse(`${where}: expected valid attributes but received one that is not: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`);
  }
  try {
    const shape = operator.infer(inputs, parsed.data);
    const dtype = operator.outputDtype === 'input' ? inputs[0]!.dtype : 'f32';
    return { operator, attributes: parsed.data as Attributes, output: { dtype, shape } };
  } catch (thrown) {
    if (!(thrown instanceof ShapeRefusal)) throw thrown;
    return refuse(`${where}: expected ${thrown.message} but received ${inputs.map(describe).join(', ')}.`);
  }
}

/** Type and shape of every input, parameter and node output, by name. */
export function inferGraph(graph: GraphIr): Map<string, Tensor> {
  const values = new Map<string, Tensor>();
  const add = (name: string, tensor: Tensor): void => {
    if (values.has(name)) refuse(`Graph ${graph.name}: expected unique names but received "${name}" twice.`);
    values.set(name, tensor);
  };
  for (const input of graph.inputs) {
    for (const dim of input.shape) {
      if (typeof dim === 'string' && !graph.symbols.includes(dim)) refuse(`Input ${input.name}: expected a declared symbol but received "${dim}".`);
    }
    add(input.name, { dtype: input.dtype, shape: input.shape });
  }
  for (const parameter of graph.parameters) add(parameter.name, { dtype: 'f32', shape: parameter.shape });
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => {
      if (name === '') return ABSENT;
      return values.get(name) ?? refuse(`Node ${node.name} (${node.op}): expected an input that is known before it but received "${name}".`);
    });
    add(node.outputs[0]!, inferNode(node.op, node.name, inputs, node.attributes).output);
  }
  for (const output of graph.outputs) {
    if (!values.has(output)) refuse(`Graph ${graph.name}: expected outputs that are computed but received "${output}".`);
  }
  return values;
}

/** Reads a graph of unknown origin and checks it whole: structure, operators, attributes, shapes, rules. */
export function parseGraph(json: unknown): GraphIr {
  const graph = parseStructure(json);
  checkRules(graph, inferGraph(graph));
  return graph;
}
