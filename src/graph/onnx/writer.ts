/** Writes a graph and its weights as a standard `.onnx` file. */
import protobuf from 'protobufjs';
import { IsoLensError } from '../../core/index.ts';
import { ABSENT, TRAINING_ONLY } from '../define.ts';
import type { OnnxContext, Tensor } from '../define.ts';
import { elementCount, formatShape } from '../dims.ts';
import { inferGraph, inferNode } from '../infer.ts';
import type { GraphIr, GraphNode } from '../ir.ts';
import { foldBatchNormalization } from '../passes/fold-batch-normalization.ts';
import { pruneGraph } from '../passes/prune.ts';
import type { Weights } from '../passes/weights.ts';
import { attribute, floatTensor, halfTensor, int64Tensor, valueInfo } from './messages.ts';
import type { NodeMessage, TensorMessage } from './messages.ts';
import { ONNX_PROTO } from './proto.ts';

export const ONNX_IR_VERSION = 10;
export const ONNX_OPSET = 21;

/** Below this half precision would save nothing worth its error: biases, scales. */
const SMALLEST_HALF_TENSOR = 256;
/** Marks the stored half-precision twin of a weight; a Cast gives it back its name. */
export const HALF_SUFFIX = ':half';

export interface OnnxOptions {
  /** Stores large weights in half precision, converted back when the file is loaded: half the size. Default false. */
  readonly halfWeights?: boolean;
  /** Folds batch normalisation into the convolution or linear layer before it. Default true. */
  readonly foldBatchNormalization?: boolean;
  /** Model card fields, shown by any ONNX viewer. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly producerVersion?: string;
}

function weightsOf(graph: GraphIr, weights: Weights): Weights {
  const missing: string[] = [];
  for (const { name, shape } of graph.parameters) {
    const values = weights.get(name);
    const count = elementCount(shape);
    if (values === undefined) missing.push(name);
    else if (values.length !== count) {
      throw new IsoLensError('MODEL_INVALID', `Parameter ${name}: expected ${count} values for ${formatShape(shape)} but received ${values.length}.`);
    }
  }
  if (missing.length > 0) {
    throw new IsoLensError('MODEL_INVALID', `Expected weights for every parameter but ${missing.length} are missing, first ${missing[0]}. Use the checkpoint that was trained with this graph.`);
  }
  return weights;
}

class OnnxGraph {
  readonly nodes: NodeMessage[] = [];
  readonly initializers: TensorMessage[] = [];
  /** Graph value -> ONNX value, where an operator passed its input through. */
  readonly names = new Map<string, string>();
  readonly #constants = new Map<string, string>();
  readonly #casts = new Map<string, string>();

  resolve(name: string): string {
    return this.names.get(name) ?? name;
  }

  addWeights(name: string, shape: readonly number[], values: Float32Array, half: boolean): void {
    if (!half || values.length < SMALLEST_HALF_TENSOR) {
      this.initializers.push(floatTensor(name, shape, values));
      return;
    }
    const stored = `${name}${HALF_SUFFIX}`;
    this.initializers.push(halfTensor(stored, shape, values));
    this.nodes.push({ name: `${name}:cast`, opType: 'Cast', input: [stored], output: [name], attribute: [attribute('to', 1)] });
  }

  addNode(node: GraphNode, values: ReadonlyMap<string, Tensor>): void {
    const tensors = node.inputs.map((name) => (name === '' ? ABSENT : values.get(name)!));
    const { operator, attributes } = inferNode(node.op, node.name, tensors, node.attributes);
    const output = node.outputs[0]!;
    if (operator.lower === TRAINING_ONLY) {
      throw new IsoLensError('GRAPH_INVALID', `Node ${node.name}: expected an operator that ONNX can express but received ${node.op}, which is for training alone. Export the towers without the objective.`);
    }
    this.names.set(output, operator.lower(this.#context(node, tensors, values.get(output)!), attributes));
  }

  #context(node: GraphNode, tensors: readonly Tensor[], output: Tensor): OnnxContext {
    return {
      inputs: node.inputs.map((name) => (name === '' ? '' : this.resolve(name))),
      inputShapes: tensors.map((tensor) => tensor.shape),
      outputShape: output.shape,
      emit: (opType, inputs, attributes = {}, suffix = '') => {
        const name = suffix === '' ? node.outputs[0]! : `${node.outputs[0]!}:${suffix}`;
        const list = Object.entries(attributes).map(([key, value]) => attribute(key, value));
        this.nodes.push({ name, opType, input: inputs, output: [name], attribute: list });
        return name;
      },
      int64s: (values, shape = [values.length]) => this.#constant(`int64:${shape.join('x')}:${values.join(',')}`, (name) => int64Tensor(name, shape, values)),
      floats: (values, shape = [values.length]) =>
        this.#constant(`float:${shape.join('x')}:${values.join(',')}`, (name) => floatTensor(name, shape, Float32Array.from(values))),
      asInt64: (input) => this.#asInt64(input),
    };
  }

  #constant(key: string, make: (name: string) => TensorMessage): string {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = `constant:${this.#constants.size}`;
    this.#constants.set(key, name);
    this.initializers.push(make(name));
    return name;
  }

  #asInt64(input: string): string {
    const known = this.#casts.get(input);
    if (known !== undefined) return known;
    const name = `${input}:int64`;
    this.#casts.set(input, name);
    this.nodes.push({ name, opType: 'Cast', input: [input], output: [name], attribute: [attribute('to', 7)] });
    return name;
  }
}

/** The graph's outputs are those of the file, under the same names. Parameters that no output needs are left out. */
export function writeOnnx(source: GraphIr, sourceWeights: Weights, options: OnnxOptions = {}): Uint8Array {
  const pruned = pruneGraph(source);
  const folded = options.foldBatchNormalization === false
    ? { graph: pruned, weights: weightsOf(pruned, sourceWeights) }
    : foldBatchNormalization(pruned, weightsOf(pruned, sourceWeights));
  const { graph, weights } = folded;
  const values = inferGraph(graph);
  const onnx = new OnnxGraph();
  for (const { name, shape } of graph.parameters) onnx.addWeights(name, shape, weights.get(name)!, options.halfWeights ?? false);
  for (const node of graph.nodes) onnx.addNode(node, values);
  for (const output of graph.outputs) {
    const from = onnx.resolve(output);
    if (from !== output) onnx.nodes.push({ name: output, opType: 'Identity', input: [from], output: [output], attribute: [] });
  }

  const model = protobuf.parse(ONNX_PROTO).root.lookupType('onnx.ModelProto');
  const message = {
    irVersion: ONNX_IR_VERSION,
    producerName: 'IsoLens',
    producerVersion: options.producerVersion ?? '',
    opsetImport: [{ domain: '', version: ONNX_OPSET }],
    metadataProps: Object.entries(options.metadata ?? {}).map(([key, value]) => ({ key, value })),
    graph: {
      name: graph.name,
      node: onnx.nodes,
      initializer: onnx.initializers,
      input: graph.inputs.map(({ name, dtype, shape }) => valueInfo(name, dtype, shape)),
      output: graph.outputs.map((name) => valueInfo(name, values.get(name)!.dtype, values.get(name)!.shape)),
    },
  };
  return model.encode(model.fromObject(message)).finish();
}
