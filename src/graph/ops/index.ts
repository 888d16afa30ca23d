import type { Operator } from '../define.ts';
import { add, div, mul, sub } from './arithmetic.ts';
import { concat } from './concat.ts';
import { constant } from './constant.ts';
import { conv } from './conv.ts';
import { diagonal, maskDiagonal } from './diagonal.ts';
import { gather } from './gather.ts';
import { gemm } from './gemm.ts';
import { matMul } from './matmul.ts';
import { batchNormalization, l2Normalise, layerNormalization } from './normalization.ts';
import { averagePool, globalAveragePool, maxPool } from './pool.ts';
import { reduceLogSumExp, reduceMax, reduceMean, reduceSum } from './reduce.ts';
import { reshape, slice, transpose } from './reshape.ts';
import { segmentSum } from './segment-sum.ts';
import { logSoftmax, softmax } from './softmax.ts';
import { clip, dropout, exp, gelu, identity, log, neg, relu, sigmoid, silu, softplus, sqrt, stopGradient, tanh } from './unary.ts';

/** Adding an operator: one file, one line here, and its kernel in the native engine under the same id. */
export const OPERATORS = [
  add, sub, mul, div,
  neg, exp, log, sqrt, relu, gelu, silu, sigmoid, tanh, softplus, identity, clip, dropout, stopGradient,
  softmax, logSoftmax, reduceSum, reduceMean, reduceMax, reduceLogSumExp,
  matMul, gemm, conv, maxPool, averagePool, globalAveragePool,
  batchNormalization, layerNormalization, l2Normalise,
  reshape, transpose, slice, concat, gather, segmentSum,
  maskDiagonal, diagonal, constant,
] as const;

const BY_ID: ReadonlyMap<string, Operator> = new Map(OPERATORS.map((operator) => [operator.id, operator as unknown as Operator]));

export function operatorById(id: string): Operator | undefined {
  return BY_ID.get(id);
}
