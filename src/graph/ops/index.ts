import type { Operator } from '../define.ts';
import { add, div, mul, sub } from './arithmetic.ts';
import { batchNormalization } from './batch-normalization.ts';
import { clip } from './clip.ts';
import { concat } from './concat.ts';
import { constant } from './constant.ts';
import { contrastiveLoss } from './contrastive-loss.ts';
import { conv } from './conv.ts';
import { diagonal, maskDiagonal } from './diagonal.ts';
import { dropout } from './dropout.ts';
import { gatherElements } from './gather-elements.ts';
import { gather } from './gather.ts';
import { gelu } from './gelu.ts';
import { gemm } from './gemm.ts';
import { globalAveragePool } from './global-average-pool.ts';
import { l2Normalise } from './l2-normalise.ts';
import { layerNormalization } from './layer-normalization.ts';
import { matMul } from './matmul.ts';
import { averagePool, maxPool } from './pool.ts';
import { reduceLogSumExp, reduceMax, reduceMean, reduceSum } from './reduce.ts';
import { reshape } from './reshape.ts';
import { resize } from './resize.ts';
import { sameLabel } from './same-label.ts';
import { segmentSum } from './segment-sum.ts';
import { slice } from './slice.ts';
import { sparseGemm } from './sparse-gemm.ts';
import { softmaxRetrieval } from './softmax-retrieval.ts';
import { logSoftmax, softmax } from './softmax.ts';
import { transpose } from './transpose.ts';
import { exp, identity, log, neg, relu, sigmoid, silu, softplus, sqrt, stopGradient, tanh } from './unary.ts';

/** Adding an operator: one file, one line here, and its kernel in the native engine under the same id. */
export const OPERATORS = [
  add, sub, mul, div,
  neg, exp, log, sqrt, relu, gelu, silu, sigmoid, tanh, softplus, identity, clip, dropout, stopGradient,
  softmax, logSoftmax, reduceSum, reduceMean, reduceMax, reduceLogSumExp,
  matMul, gemm, sparseGemm, conv, maxPool, averagePool, globalAveragePool,
  batchNormalization, layerNormalization, l2Normalise,
  reshape, resize, transpose, slice, concat, gather, gatherElements, segmentSum,
  maskDiagonal, diagonal, sameLabel, contrastiveLoss, softmaxRetrieval, constant,
] as const;

const BY_ID: ReadonlyMap<string, Operator> = new Map(OPERATORS.map((operator) => [operator.id, operator as unknown as Operator]));

export function operatorById(id: string): Operator | undefined {
  return BY_ID.get(id);
}
