import { createRng } from '../core/index.ts';
import { elementCount } from './dims.ts';
import type { GraphIr, GraphParameter } from './ir.ts';

/** Weights drawn as each parameter asks, for an untrained model; not the native engine's own stream. */
export function initialWeights(graph: GraphIr, seed: number): Map<string, Float32Array> {
  const rng = createRng(seed);
  const draw = ({ init }: GraphParameter): (() => number) => {
    switch (init.kind) {
      case 'zeros': return () => 0;
      case 'ones': return () => 1;
      case 'constant': return () => init.value;
      case 'normal': return () => init.std * rng.normal();
      case 'uniform': return () => init.bound * (2 * rng.next() - 1);
    }
  };
  return new Map(graph.parameters.map((parameter) => {
    return [parameter.name, Float32Array.from({ length: elementCount(parameter.shape) }, draw(parameter))];
  }));
}
