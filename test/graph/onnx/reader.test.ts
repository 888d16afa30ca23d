import { describe, expect, it } from 'vitest';
import { encoderById } from '../../../src/encoders/index.ts';
import { buildEncoderGraph } from '../../../src/model/index.ts';
import { fromFloat16, initialWeights, readOnnxWeights, toFloat16, writeOnnx } from '../../../src/graph/index.ts';

const { ir } = buildEncoderGraph({ encoder: encoderById('resnet'), config: 'tiny', prefix: 'drawing', projection: { layers: 1, hidden: 16 } }, 16);

describe('readOnnxWeights', () => {
  it('gives back every parameter of an unfolded file, exactly', () => {
    const weights = initialWeights(ir, 3);
    const read = readOnnxWeights(writeOnnx(ir, weights, { foldBatchNormalization: false }));
    for (const { name, shape } of ir.parameters) expect(read.get(name), name).toEqual({ shape, values: weights.get(name) });
  });

  it('widens what was stored in half precision', () => {
    const weights = initialWeights(ir, 3);
    const read = readOnnxWeights(writeOnnx(ir, weights, { foldBatchNormalization: false, halfWeights: true }));
    for (const { name } of ir.parameters) {
      const expected = weights.get(name)!;
      read.get(name)!.values.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(Math.abs(expected[i]!) * 2 ** -11 + 2 ** -25));
    }
  });

  it('refuses a truncated file', () => {
    const bytes = writeOnnx(ir, initialWeights(ir, 3));
    expect(() => readOnnxWeights(bytes.subarray(0, bytes.length >> 1))).toThrow(expect.objectContaining({ code: 'MODEL_INVALID' }));
  });
});

describe('fromFloat16', () => {
  it('inverts rounding for every half', () => {
    const halves = Uint16Array.from({ length: 65_536 }, (_, bits) => bits).filter((bits) => (bits & 0x7c00) !== 0x7c00 || (bits & 0x3ff) === 0);
    expect(toFloat16(fromFloat16(halves))).toEqual(halves);
  });
});
