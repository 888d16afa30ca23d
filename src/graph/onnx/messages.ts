/** Plain objects in the shape of ONNX's messages (camelCase, as protobufjs names the fields). */
import type { DType, OnnxAttribute } from '../define.ts';
import type { Shape } from '../dims.ts';
import { toFloat16 } from './float16.ts';

export const ELEMENT_TYPE = { f32: 1, i32: 6, i64: 7, f16: 10 } as const;
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const;

export interface TensorMessage {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly rawData: Uint8Array;
}

export interface NodeMessage {
  readonly name: string;
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly object[];
}

function bytesOf(data: Float32Array | Uint16Array | BigInt64Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

export function floatTensor(name: string, dims: readonly number[], values: Float32Array): TensorMessage {
  return { name, dims, dataType: ELEMENT_TYPE.f32, rawData: bytesOf(values) };
}

export function halfTensor(name: string, dims: readonly number[], values: Float32Array): TensorMessage {
  return { name, dims, dataType: ELEMENT_TYPE.f16, rawData: bytesOf(toFloat16(values)) };
}

export function int64Tensor(name: string, dims: readonly number[], values: readonly number[]): TensorMessage {
  return { name, dims, dataType: ELEMENT_TYPE.i64, rawData: bytesOf(BigInt64Array.from(values, BigInt)) };
}

/** A whole number is an INT: a float attribute that may be whole is given as `{ float }`. */
export function attribute(name: string, value: OnnxAttribute): object {
  if (typeof value === 'number') return { name, type: ATTRIBUTE_TYPE.int, i: value };
  if (typeof value === 'string') return { name, type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(value) };
  if ('float' in value) return { name, type: ATTRIBUTE_TYPE.float, f: value.float };
  if ('floats' in value) return { name, type: ATTRIBUTE_TYPE.floats, floats: value.floats };
  return { name, type: ATTRIBUTE_TYPE.ints, ints: value };
}

export function valueInfo(name: string, dtype: DType, shape: Shape): object {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: ELEMENT_TYPE[dtype], shape: { dim } } } };
}
