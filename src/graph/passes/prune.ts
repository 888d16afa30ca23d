import type { GraphIr } from '../ir.ts';

/** The graph without rules, and without nodes, parameters and inputs that no output needs. `outputs` may choose others than the graph's own. */
export function pruneGraph(graph: GraphIr, outputs: readonly string[] = graph.outputs): GraphIr {
  const needed = new Set(outputs);
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!needed.has(node.outputs[0]!)) return false;
    for (const input of node.inputs) needed.add(input);
    return true;
  });
  // What starts as a copy needs what it copies.
  for (const { name, init } of graph.parameters) if (init.kind === 'copy' && needed.has(name)) needed.add(init.of);
  const inputs = graph.inputs.filter(({ name }) => needed.has(name));
  const used = new Set(inputs.flatMap(({ shape }) => shape));
  return {
    name: graph.name,
    symbols: graph.symbols.filter((symbol) => used.has(symbol)),
    inputs,
    parameters: graph.parameters.filter(({ name }) => needed.has(name)),
    nodes: nodes.toReversed(),
    outputs: [...outputs],
  };
}
