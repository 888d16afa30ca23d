/** How large a graph is: parameters, and what each node computes and makes in one forward pass. */
import { ABSENT } from './define.ts';
import { elementCount, evaluateDim, evaluateShape } from './dims.ts';
import { inferGraph, inferNode } from './infer.ts';
import type { GraphIr } from './ir.ts';

export interface GraphCost {
  readonly parameters: number;
  readonly macs: number;
}

export interface NodeCost {
  readonly name: string;
  /** Multiply-accumulate operations; 0 for operators that do not multiply matrices. */
  readonly macs: number;
  /** Numbers that its output adds to memory. */
  readonly elements: number;
  readonly stopsGradient: boolean;
}

/** Of every node, in the graph's order; sizes that depend on a symbol which `sizes` lacks are NaN. */
export function nodeCosts(graph: GraphIr, sizes: Readonly<Record<string, number>>): NodeCost[] {
  const values = inferGraph(graph);
  return graph.nodes.map((node) => {
    const inputs = node.inputs.map((name) => values.get(name) ?? ABSENT);
    const { operator, attributes, output } = inferNode(node.op, node.name, inputs, node.attributes);
    const counts = [operator.macs?.(inputs, output.shape, attributes) ?? []].flat();
    return {
      name: node.name,
      macs: counts.reduce<number>((sum, count) => sum + evaluateDim(count, sizes), 0),
      elements: operator.isView === true ? 0 : elementCount(evaluateShape(output.shape, sizes)),
      stopsGradient: operator.stopsGradient === true,
    };
  });
}

export function graphCost(graph: GraphIr, sizes: Readonly<Record<string, number>>): GraphCost {
  const macs = nodeCosts(graph, sizes).reduce((sum, node) => sum + node.macs, 0);
  const parameters = graph.parameters
    .filter(({ trainable }) => trainable)
    .reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return { parameters, macs };
}
