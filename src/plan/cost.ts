/** What one training step of a graph computes and keeps, counted node by node. */
import { IsoLensError } from '../core/index.ts';
import { elementCount, nodeCosts } from '../graph/index.ts';
import type { GraphIr } from '../graph/index.ts';

/** Two operations, a product and a sum, make one multiply-accumulate. */
const OPERATIONS_PER_MAC = 2;
/** Of a product y = x w, backward is two products of the same size: dx = dy w^T and dw = x^T dy. */
export const BACKWARD_OVER_FORWARD = 2;

export interface StepNode {
  readonly name: string;
  /** Floating-point operations of its forward pass. */
  readonly flops: number;
  /** Numbers that its output adds to memory: none where it is a view of its input. */
  readonly elements: number;
  /** A gradient passes through it on its way from the loss to a trainable parameter. */
  readonly trained: boolean;
}

export interface StepCost {
  /** Numbers that are trained; and those that are not: statistics, queues, momentum encoders. */
  readonly trainable: number;
  readonly states: number;
  /** Floating-point operations of products and convolutions; element-wise operators are not counted. */
  readonly forwardFlops: number;
  readonly backwardFlops: number;
  /** Numbers that may have to wait for backward: the graph's inputs, and all that nodes make or read through which a gradient passes. */
  readonly keptElements: number;
  /** The largest output of any node. */
  readonly largestElements: number;
  readonly nodes: readonly StepNode[];
}

/**
 * `sizes`: a number for every symbol of the graph. `loss`: where gradients start; default: at every output.
 * `keptElements` is an upper bound: the engine drops outputs that no gradient reads and lets others share memory.
 */
export function costOf(graph: GraphIr, sizes: Readonly<Record<string, number>>, loss: readonly string[] = graph.outputs): StepCost {
  const missing = graph.symbols.filter((symbol) => !Number.isFinite(sizes[symbol]));
  if (missing.length > 0) {
    const message = `Expected a size for every symbol of the graph "${graph.name}" but received none for ${missing.join(', ')}.`;
    throw new IsoLensError('ARGUMENT_INVALID', message);
  }
  const costs = nodeCosts(graph, sizes);
  const trained = trainedNodes(graph, costs.map(({ stopsGradient }) => stopsGradient), loss);
  const nodes = costs.map(({ name, macs, elements }, i) => ({ name, flops: OPERATIONS_PER_MAC * macs, elements, trained: trained[i]! }));
  const withGradient = nodes.filter((node) => node.trained);
  const kept = keptNodes(graph, nodes);
  const inputs = graph.inputs.map(({ shape }) => elementCount(shape.map((size) => (typeof size === 'number' ? size : sizes[size]!))));
  return {
    trainable: parameterCount(graph, true),
    states: parameterCount(graph, false),
    forwardFlops: sum(nodes.map(({ flops }) => flops)),
    backwardFlops: BACKWARD_OVER_FORWARD * sum(withGradient.map(({ flops }) => flops)),
    keptElements: sum(inputs) + sum(nodes.map(({ elements }, i) => (kept[i]! ? elements : 0))),
    largestElements: Math.max(0, ...nodes.map(({ elements }) => elements)),
    nodes,
  };
}

/** Numbers of the parameters that are trained, or of those that are not; `prefix`: of those alone whose names start so. */
export function parameterCount(graph: GraphIr, trainable: boolean, prefix = ''): number {
  return sum(graph.parameters.filter((one) => one.trainable === trainable && one.name.startsWith(prefix)).map(({ shape }) => elementCount(shape)));
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** A view keeps what it looks at. */
function keptNodes(graph: GraphIr, nodes: readonly StepNode[]): boolean[] {
  const at = new Map(graph.nodes.map(({ outputs }, i) => [outputs[0]!, i]));
  const kept = nodes.map(({ trained }) => trained);
  for (let i = nodes.length - 1; i >= 0; i--) {
    const { trained, elements } = nodes[i]!;
    if (!trained && !(kept[i]! && elements === 0)) continue;
    for (const input of graph.nodes[i]!.inputs) {
      const read = at.get(input);
      if (read !== undefined) kept[read] = true;
    }
  }
  return kept;
}

/** Forward: what depends on a trainable parameter. Backward: what of it the loss depends on. */
function trainedNodes(graph: GraphIr, stops: readonly boolean[], loss: readonly string[]): boolean[] {
  const depends = new Set(graph.parameters.filter(({ trainable }) => trainable).map(({ name }) => name));
  graph.nodes.forEach(({ inputs, outputs }, i) => {
    if (!stops[i]! && inputs.some((input) => depends.has(input))) depends.add(outputs[0]!);
  });
  const wanted = new Set(loss);
  const trained = graph.nodes.map(() => false);
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const { inputs, outputs } = graph.nodes[i]!;
    trained[i] = wanted.has(outputs[0]!) && depends.has(outputs[0]!);
    if (trained[i]!) for (const input of inputs) wanted.add(input);
  }
  return trained;
}
