export { fromFloat16, toFloat16 } from './float16.ts';
export { ONNX_PROTO } from './proto.ts';
export { readOnnxWeights } from './reader.ts';
export { ONNX_IR_VERSION, ONNX_OPSET, writeOnnx } from './writer.ts';
export type { OnnxOptions } from './writer.ts';
export type { StoredWeight } from './reader.ts';
