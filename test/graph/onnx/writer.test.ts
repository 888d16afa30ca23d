import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import { GraphBuilder, batchNorm, convBlock, initialWeights, linear, writeOnnx } from '../../../src/graph/index.ts';
import type { GraphIr, OnnxOptions } from '../../../src/graph/index.ts';
import { ONNX_PROTO } from '../../../src/graph/onnx/index.ts';
import { noisyWeights, relativeError, runOnnx, uniform } from '../../contracts/execute.ts';
import { createRng } from '../../../src/core/index.ts';

interface Model {
  irVersion: number;
  producerName: string;
  opsetImport: { version: number }[];
  metadataProps: { key: string; value: string }[];
  graph: {
    node: { opType: string; name: string; input: string[]; output: string[] }[];
    initializer: { name: string; dims: number[]; dataType: number }[];
    input: { name: string; type: { tensorType: { elemType: number; shape: { dim: { dimValue?: number; dimParam?: string }[] } } } }[];
    output: { name: string }[];
  };
}

function decode(bytes: Uint8Array): Model {
  const type = protobuf.parse(ONNX_PROTO).root.lookupType('onnx.ModelProto');
  return type.toObject(type.decode(bytes), { longs: Number, arrays: true }) as Model;
}

function network(): GraphIr {
  const g = new GraphBuilder('network');
  const image = convBlock(g, 'stem', g.input('pixels', 'f32', ['N', 2, 8, 8]), 20, { kernel: 3 });
  const flat = g.apply('Reshape', [g.apply('GlobalAveragePool', [image])], { shape: [0, 20] });
  const hidden = g.apply('Dropout', [batchNorm(g, 'norm', linear(g, 'hidden', flat, 40))], { rate: 0.5 });
  g.output(g.named('y', hidden));
  linear(g, 'unused', flat, 7);
  return g.toIr();
}

function write(options: OnnxOptions = {}): Model {
  const ir = network();
  return decode(writeOnnx(ir, initialWeights(ir, 1), options));
}

describe('the file', () => {
  test('declares version, opset, producer, symbols and model card', () => {
    const model = write({ metadata: { license: 'MIT', dimension: '40' } });
    expect(model).toMatchObject({ irVersion: 10, producerName: 'IsoLens', opsetImport: [{ version: 21 }] });
    expect(model.metadataProps).toEqual([{ key: 'license', value: 'MIT' }, { key: 'dimension', value: '40' }]);
    const [input] = model.graph.input;
    expect(input!.type.tensorType.elemType).toBe(1);
    expect(input!.type.tensorType.shape.dim).toEqual([{ dimParam: 'N' }, { dimValue: 2 }, { dimValue: 8 }, { dimValue: 8 }]);
    expect(model.graph.output.map(({ name }) => name)).toEqual(['y']);
  });

  test('has neither dropout, nor what no output needs, nor foldable normalisation', () => {
    const types = write().graph.node.map(({ opType }) => opType);
    expect(types).not.toContain('Dropout');
    expect(types).not.toContain('BatchNormalization');
    expect(write().graph.initializer.filter(({ name }) => name.startsWith('unused') || name.includes('norm'))).toEqual([]);
    expect(write({ foldBatchNormalization: false }).graph.node.filter(({ opType }) => opType === 'BatchNormalization')).toHaveLength(2);
  });

  test('halves large weights only', () => {
    const stored = new Map(write({ halfWeights: true }).graph.initializer.map(({ name, dataType }) => [name, dataType]));
    expect(stored.get('hidden.weight:half')).toBe(10);
    expect(stored.get('hidden.bias')).toBe(1);
  });

  test('is the same bytes every time', () => {
    const ir = network();
    expect(writeOnnx(ir, initialWeights(ir, 1))).toEqual(writeOnnx(ir, initialWeights(ir, 1)));
  });
});

test('folded normalisation computes the same', async () => {
  const ir = network();
  const weights = noisyWeights(ir, 4);
  const feeds = { pixels: uniform(createRng(2), [3, 2, 8, 8]) };
  const plain = await runOnnx(ir, weights, feeds, { foldBatchNormalization: false });
  const folded = await runOnnx(ir, weights, feeds);
  expect(relativeError(folded['y']!.data, plain['y']!.data)).toBeLessThanOrEqual(1e-5);
});

test('a value that two nodes read is not folded away', async () => {
  const g = new GraphBuilder('g');
  const x = linear(g, 'layer', g.input('x', 'f32', ['N', 4]), 3);
  g.output(g.named('y', g.apply('Add', [batchNorm(g, 'norm', x), x])));
  const ir = g.toIr();
  const weights = noisyWeights(ir, 4);
  const feeds = { x: uniform(createRng(2), [3, 4]) };
  const plain = await runOnnx(ir, weights, feeds, { foldBatchNormalization: false });
  expect((await runOnnx(ir, weights, feeds))['y']!.data).toEqual(plain['y']!.data);
});

test('missing and misshapen weights are refused', () => {
  const ir = network();
  const weights = initialWeights(ir, 1);
  weights.delete('hidden.weight');
  expect(() => writeOnnx(ir, weights)).toThrow(/weights for every parameter but 1 are missing, first hidden.weight/);
  weights.set('hidden.weight', new Float32Array(3));
  expect(() => writeOnnx(ir, weights)).toThrow(/hidden.weight: expected 800 values for \(40, 20\) but received 3/);
});

test('an operator that is for training alone is refused by name', () => {
  const g = new GraphBuilder('g');
  const x = g.input('x', 'f32', ['N', 4]);
  g.output(g.named('loss', g.apply('ContrastiveLoss', [x, x, g.constant(1)], {}, 'contrast')));
  expect(() => writeOnnx(g.toIr(), new Map())).toThrow(/Node contrast: expected an operator that ONNX can express but received ContrastiveLoss/);
});
