/** A parameter that two towers use collects the gradients of both. */
import { expect, test } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { encoderById, encoderConfig } from '../../src/encoders/index.ts';
import { initialWeights } from '../../src/graph/index.ts';
import { buildTrainingGraph } from '../../src/model/index.ts';
import { NATIVE_BUILT, nativeProgram, uniform } from '../contracts/execute.ts';

test.skipIf(!NATIVE_BUILT)('gradients of shared weights equal finite differences', () => {
  const mlp = encoderById('mlp');
  const config = encoderConfig(mlp, 'tiny', { inputWidth: 12, hidden: [10], norm: 'layer', activation: 'gelu', inputDropout: 0, dropout: 0 });
  const left = { encoder: mlp, config, prefix: 'first', projection: { layers: 1, hidden: 8 } } as const;
  const { ir, loss } = buildTrainingGraph({ towers: [left, { ...left, prefix: 'second', weightsOf: 'first' }], losses: [{ objective: 'nt-xent', config: { temperature: 0.5 }, between: ['first', 'second'] }], embeddingDimension: 6 });
  const rng = createRng(3);
  const feeds = { 'first.dense': uniform(rng, [5, 12]), 'second.dense': uniform(rng, [5, 12]) };
  const weights = initialWeights(ir, 2);
  const program = nativeProgram(ir, weights, feeds, { N: 5 }, loss);
  program.forward(true, 1);
  program.backward(1);
  const name = 'first.layers.0.linear.weight';
  const gradient = program.gradient(name).data;
  const lossAt = (index: number, delta: number): number => {
    const moved = Float32Array.from(weights.get(name)!);
    moved[index] = moved[index]! + delta;
    program.setParameter(name, moved);
    program.forward(true, 1);
    return program.value(loss).data[0]!;
  };
  const scale = Math.max(...gradient.map(Math.abs));
  for (let index = 0; index < gradient.length; index += 17) {
    const difference = (lossAt(index, 0.01) - lossAt(index, -0.01)) / 0.02;
    expect(Math.abs(gradient[index]! - difference)).toBeLessThan(0.01 * scale);
  }
});
