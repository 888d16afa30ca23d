import { describe, expect, test } from 'vitest';
import { GraphBuilder, linear, parseGraph, selfAttention } from '../../src/graph/index.ts';
import type { GraphIr } from '../../src/graph/index.ts';

function small(): GraphIr {
  const g = new GraphBuilder('small');
  const x = g.input('x', 'f32', ['N', 4]);
  g.output(g.named('y', linear(g.scope('tower'), 'layer', x, 3)));
  return g.toIr();
}

test('names are paths, weights decay and biases do not', () => {
  const ir = small();
  expect(ir.symbols).toEqual(['N']);
  expect(ir.parameters.map(({ name, shape, decay, trainable }) => ({ name, shape, decay, trainable }))).toEqual([
    { name: 'tower.layer.weight', shape: [3, 4], decay: true, trainable: true },
    { name: 'tower.layer.bias', shape: [3], decay: false, trainable: true },
  ]);
  expect(ir.nodes[0]).toEqual({
    op: 'Gemm', name: 'tower.layer.gemm', inputs: ['x', 'tower.layer.weight', 'tower.layer.bias'], outputs: ['tower.layer.gemm'],
    attributes: { alpha: 1, beta: 1, transA: 0, transB: 1 },
  });
});

test('the same calls give the same graph', () => {
  expect(small()).toEqual(small());
});

test('an optional input that is left out is not written', () => {
  const g = new GraphBuilder('g');
  const node = linear(g, 'layer', g.input('x', 'f32', ['N', 4]), 3, { bias: false });
  expect(g.toIr().nodes.find(({ name }) => name === node.name)?.inputs).toEqual(['x', 'layer.weight']);
});

test('attention keeps its shape', () => {
  const g = new GraphBuilder('g');
  expect(selfAttention(g, 'attention', g.input('x', 'f32', ['N', 5, 12]), 3).shape).toEqual(['N', 5, 12]);
  expect(() => selfAttention(g, 'other', g.input('z', 'f32', ['N', 5, 12]), 5)).toThrow('5 heads');
});

describe('refusals name the node, what was expected and what was received', () => {
  const g = new GraphBuilder('g');
  const x = g.input('x', 'f32', ['N', 4]);
  const ids = g.input('ids', 'i32', ['N']);
  const image = g.input('image', 'f32', ['N', 3, 8, 8]);
  const cases: [string, () => unknown, RegExp][] = [
    ['inner sizes', () => g.apply('MatMul', [x, g.constant(1, [5, 2])], {}, 'product'), /Node product \(MatMul\): expected the last size of "a".*received f32\(N, 4\), f32\(5, 2\)/],
    ['broadcast', () => g.apply('Add', [x, g.constant(1, [3])], {}, 'sum'), /Node sum \(Add\): expected two shapes that broadcast but received f32\(N, 4\), f32\(3\)/],
    ['element type', () => g.apply('Relu', [ids], {}, 'act'), /Node act \(Relu\): expected f32 for input "x" but received i32\(N\)/],
    ['missing input', () => g.apply('Add', [x], {}, 'half'), /expected input "b" but received none/],
    ['too many inputs', () => g.apply('Relu', [x, x], {}, 'two'), /at most 1 inputs but received 2/],
    ['attribute', () => g.apply('Dropout', [x], { rate: 1.5 }, 'drop'), /Node drop \(Dropout\): expected valid attributes.*rate/],
    ['channels', () => g.apply('Conv', [image, g.constant(1, [4, 2, 3, 3])], {}, 'conv'), /expected 2 input channels/],
    ['window', () => g.apply('MaxPool', [image], { kernelShape: [9, 9] }, 'pool'), /window of 9 that fits/],
    ['elements', () => g.apply('Reshape', [x], { shape: [-1, 3] }, 'reshape'), /number of elements that the sizes/],
    ['square', () => g.apply('Diagonal', [x], {}, 'diagonal'), /square matrix/],
    ['axis', () => g.apply('Softmax', [x], { axis: 2 }, 'softmax'), /axis within rank 2/],
    ['name twice', () => g.apply('Relu', [x], {}, 'x'), /unique names but received "x" twice/],
    ['another graph', () => g.apply('Relu', [new GraphBuilder('h').input('x', 'f32', ['N', 4])], {}, 'foreign'), /inputs of this graph/],
  ];
  test.each(cases)('%s', (_name, call, message) => {
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ code: 'GRAPH_INVALID' }));
  });
});

describe('a stored graph is checked whole', () => {
  const broken: [string, (ir: GraphIr) => unknown, RegExp][] = [
    ['not a graph', () => ({ name: 'x' }), /expected a graph/i],
    ['unknown field', (ir) => ({ ...ir, extra: 1 }), /expected a graph/i],
    ['unknown operator', (ir) => ({ ...ir, nodes: [{ ...ir.nodes[0], op: 'Magic' }] }), /known operator but received "Magic"/],
    ['unknown attribute', (ir) => ({ ...ir, nodes: [{ ...ir.nodes[0], attributes: { strength: 3 } }, ...ir.nodes.slice(1)] }), /valid attributes/],
    ['order', (ir) => ({ ...ir, nodes: ir.nodes.toReversed() }), /an input that is known before it/],
    ['missing output', (ir) => ({ ...ir, outputs: ['z'] }), /outputs that are computed but received "z"/],
    ['symbol', (ir) => ({ ...ir, symbols: [] }), /a declared symbol but received "N"/],
    ['parameter of another shape', (ir) => ({ ...ir, parameters: [{ ...ir.parameters[0]!, shape: [3, 5] }, ir.parameters[1]!] }), /inner sizes that agree/],
    ['negative size', (ir) => ({ ...ir, parameters: [{ ...ir.parameters[0]!, shape: [3, -4] }] }), /expected a graph/i],
  ];
  test.each(broken)('%s', (_name, change, message) => {
    expect(() => parseGraph(change(small()))).toThrow(message);
  });
  test('a sound one passes', () => {
    expect(parseGraph(small())).toEqual(small());
  });
});
