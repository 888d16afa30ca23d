import { createRng } from '../core/index.ts';
import { elementCount } from './dims.ts';
import type { GraphIr, GraphParameter } from './ir.ts';

/** Weights drawn as each parameter asks, for an untrained model; not the native engine's own stream. */
export function initialWeights(graph: GraphIr, seed: number): Map<string, Float32Array> {
  const rng = createRng(seed);
  const weights = new Map<string, Float32Array>();
  const draw = ({ init }: GraphParameter): (() => number) => {
    switch (init.kind) {
      case 'copy': {
        let at = 0;
        return () => weights.get(init.of)![at++]!;
      }
      case 'unitRows': return () => rng.normal();
      case 'zeros': return () => 0;
      case 'ones': return () => 1;
      case 'constant': return () => init.value;
      case 'normal': return () => init.std * rng.normal();
      case 'uniform': return () => init.bound * (2 * rng.next() - 1);
    }
  };
  for (const parameter of graph.parameters) {
    const values = Float32Array.from({ length: elementCount(parameter.shape) }, draw(parameter));
    if (parameter.init.kind === 'unitRows') toUnitRows(values, parameter.shape.at(-1)!);
    weights.set(parameter.name, values);
  }
  return weights;
}

function toUnitRows(values: Float32Array, width: number): void {
  for (let start = 0; start < values.length; start += width) {
    const row = values.subarray(start, start + width);
    const length = Math.hypot(...row);
    for (let i = 0; i < width; i++) row[i] = row[i]! / length;
  }
}
