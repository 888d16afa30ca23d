/**
 * At evaluation batch normalisation is a fixed scale and shift of each channel, which the convolution or linear layer
 * before it can take into its own weights.
 */
import type { GraphIr, GraphNode, GraphParameter } from '../ir.ts';
import type { Weights } from './weights.ts';

interface Fold {
  readonly producer: GraphNode;
  readonly norm: GraphNode;
}

function findFolds(graph: GraphIr): Fold[] {
  const producers = new Map(graph.nodes.map((node) => [node.outputs[0]!, node]));
  const parameters = new Set(graph.parameters.map(({ name }) => name));
  const uses = new Map<string, number>();
  for (const name of [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs]) uses.set(name, (uses.get(name) ?? 0) + 1);

  return graph.nodes.flatMap((norm): Fold[] => {
    const producer = norm.op === 'BatchNormalization' ? producers.get(norm.inputs[0]!) : undefined;
    if (producer === undefined || uses.get(producer.outputs[0]!) !== 1) return [];
    const isPlain = ({ transB, alpha, beta }: GraphNode['attributes']): boolean => transB === 1 && alpha === 1 && beta === 1;
    const foldable = producer.op === 'Conv' || producer.op === 'SparseGemm' || (producer.op === 'Gemm' && isPlain(producer.attributes));
    // Shared weights cannot be folded twice; a bias of another shape than (K) is not this layer's own.
    const own = producer.inputs.slice(1).every((name) => name === '' || (parameters.has(name) && uses.get(name) === 1));
    return foldable && own ? [{ producer, norm }] : [];
  });
}

/** Weight (K, ...) and bias (K) that include the normalisation; in double precision, rounded once. */
function foldedWeights({ producer, norm }: Fold, weights: Weights): { weight: Float32Array; bias: Float32Array } {
  const [scale, shift, mean, variance] = norm.inputs.slice(1).map((name) => weights.get(name)!) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const epsilon = norm.attributes['epsilon'] as number;
  const weight = Float32Array.from(weights.get(producer.inputs[1]!)!);
  const oldBias = weights.get(producer.inputs[2] ?? '');
  const perChannel = weight.length / scale.length;
  const bias = new Float32Array(scale.length);
  for (let k = 0; k < scale.length; k++) {
    const factor = scale[k]! / Math.sqrt(variance[k]! + epsilon);
    for (let i = k * perChannel; i < (k + 1) * perChannel; i++) weight[i] = weight[i]! * factor;
    bias[k] = shift[k]! + ((oldBias?.[k] ?? 0) - mean[k]!) * factor;
  }
  return { weight, bias };
}

export function foldBatchNormalization(graph: GraphIr, weights: Weights): { graph: GraphIr; weights: Weights } {
  const folds = findFolds(graph);
  const parameters = new Map<string, GraphParameter>(graph.parameters.map((parameter) => [parameter.name, parameter]));
  const values = new Map(weights);
  const replaced = new Map<GraphNode, GraphNode | null>();
  for (const fold of folds) {
    const { producer, norm } = fold;
    const { weight, bias } = foldedWeights(fold, values);
    const weightName = producer.inputs[1]!;
    const biasName = producer.inputs[2] ?? `${producer.name}.folded-bias`;
    values.set(weightName, weight);
    values.set(biasName, bias);
    parameters.set(biasName, { name: biasName, shape: [bias.length], init: { kind: 'zeros' }, decay: false, trainable: false });
    for (const name of norm.inputs.slice(1)) parameters.delete(name);
    replaced.set(producer, { ...producer, inputs: [producer.inputs[0]!, weightName, biasName], outputs: norm.outputs });
    replaced.set(norm, null);
  }
  const nodes = graph.nodes.flatMap((node) => {
    const replacement = replaced.get(node);
    return replacement === undefined ? [node] : replacement === null ? [] : [replacement];
  });
  return { graph: { ...graph, parameters: [...parameters.values()], nodes }, weights: values };
}
