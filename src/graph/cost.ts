/** How large a graph is: parameters, and multiply-accumulate operations of one forward pass. */
import { ABSENT } from './define.ts';
import { elementCount, evaluateDim } from './dims.ts';
import { inferGraph, inferNode } from './infer.ts';
import type { GraphIr } from './ir.ts';

export interface GraphCost {
  readonly parameters: number;
  readonly macs: number;
}

export function graphCost(graph: GraphIr, sizes: Readonly<Record<string, number>>): GraphCost {
  const values = inferGraph(graph);
  let macs = 0;
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => values.get(name) ?? ABSENT);
    const { operator, attributes, output } = inferNode(node.op, node.name, inputs, node.attributes);
    const counts = [operator.macs?.(inputs, output.shape, attributes) ?? []].flat();
    for (const count of counts) macs += evaluateDim(count, sizes);
  }
  const parameters = graph.parameters
    .filter(({ trainable }) => trainable)
    .reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return { parameters, macs };
}
