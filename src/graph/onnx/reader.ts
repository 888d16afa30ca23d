/** Reads the weights back from a file that the writer made, so that training can start from a shipped model. */
import protobuf from 'protobufjs';
import { IsoLensError } from '../../core/index.ts';
import { fromFloat16 } from './float16.ts';
import { ELEMENT_TYPE } from './messages.ts';
import { ONNX_PROTO } from './proto.ts';
import { HALF_SUFFIX } from './writer.ts';

interface ReadTensor {
  readonly name: string;
  readonly dims: readonly (number | { toNumber(): number })[];
  readonly dataType: number;
  readonly rawData: Uint8Array;
}

export interface StoredWeight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Every floating-point initialiser by the name of its parameter; what was stored in half precision is widened. */
export function readOnnxWeights(bytes: Uint8Array): Map<string, StoredWeight> {
  const type = protobuf.parse(ONNX_PROTO).root.lookupType('onnx.ModelProto');
  let tensors: readonly ReadTensor[];
  try {
    tensors = (type.decode(bytes) as unknown as { graph: { initializer: readonly ReadTensor[] } }).graph.initializer;
  } catch (thrown) {
    throw new IsoLensError('MODEL_INVALID', 'Expected an ONNX file with weights but it cannot be read; it may be truncated.', { cause: thrown });
  }
  const weights = new Map<string, StoredWeight>();
  for (const tensor of tensors) {
    const shape = tensor.dims.map((size) => (typeof size === 'number' ? size : size.toNumber()));
    // A copy: the bytes of the file may start at an odd offset.
    const raw = new Uint8Array(tensor.rawData).buffer;
    if (tensor.dataType === ELEMENT_TYPE.f32) weights.set(tensor.name, { shape, values: new Float32Array(raw) });
    if (tensor.dataType === ELEMENT_TYPE.f16) weights.set(tensor.name.replace(HALF_SUFFIX, ''), { shape, values: fromFloat16(new Uint16Array(raw)) });
  }
  return weights;
}
