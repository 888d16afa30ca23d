/**
 * What an operator declares. Shared code (builder, checker, ONNX writer) knows operators only through this interface; the
 * arithmetic itself lives in the native engine under the same id.
 */
import * as z from 'zod';
import type { Dim, Shape } from './dims.ts';

export type DType = 'f32' | 'i32';

export interface Tensor {
  readonly dtype: DType;
  readonly shape: Shape;
}

export interface InputRule {
  readonly name: string;
  /** Default f32. `any` takes both. */
  readonly dtype?: DType | 'any';
  readonly optional?: boolean;
  /** Last rule only: it may be repeated. */
  readonly variadic?: boolean;
}

export type OnnxAttribute = number | string | readonly number[] | { readonly float: number } | { readonly floats: readonly number[] };

/** What an operator's lowering may use. Every name is a value of the ONNX graph. */
export interface OnnxContext {
  /** Names of the inputs; an omitted optional input is ''. */
  readonly inputs: readonly string[];
  readonly inputShapes: readonly Shape[];
  readonly outputShape: Shape;
  /** Adds a node and returns its output. Without `suffix` the output carries the name of the graph value itself. */
  emit(opType: string, inputs: readonly string[], attributes?: Readonly<Record<string, OnnxAttribute>>, suffix?: string): string;
  /** A constant of int64. */
  int64s(values: readonly number[], shape?: readonly number[]): string;
  /** A constant of float32. */
  floats(values: readonly number[], shape?: readonly number[]): string;
  /** The input converted to int64. */
  asInt64(input: string): string;
}

/** Thrown by shape rules; the caller adds the node's name and what it received. */
export class ShapeRefusal extends Error {}

/** Refuses the node where `condition` does not hold; `expected` completes "Expected ...". */
export function expectShape(condition: unknown, expected: string): asserts condition {
  if (condition === false || condition === undefined || condition === null) throw new ShapeRefusal(expected);
}

/** In place of a lowering: the operator serves objectives alone, which are never exported. */
export const TRAINING_ONLY = 'training-only';

export type AttributeSchema = z.ZodObject;

export interface Operator<Id extends string = string, Attributes extends AttributeSchema = AttributeSchema> {
  readonly id: Id;
  readonly summary: string;
  readonly inputs: readonly InputRule[];
  readonly attributes: Attributes;
  /** Shape of the single output; refuses with `expectShape`. */
  infer(inputs: readonly Tensor[], attributes: z.output<Attributes>): Shape;
  /** Default f32; `input` means that of the first input. */
  readonly outputDtype?: 'input';
  /**
   * Emits ONNX nodes and returns the name of the result (an input's own name where nothing needs to be done); or says that the
   * operator is for training, and never part of what is served.
   */
  readonly lower: ((context: OnnxContext, attributes: z.output<Attributes>) => string) | typeof TRAINING_ONLY;
  /** Multiply-accumulate operations, where they matter; several numbers are added up. */
  macs?(inputs: readonly Tensor[], output: Shape, attributes: z.output<Attributes>): Dim | readonly Dim[];
  /** Its output is its first input's memory, unchanged. */
  readonly isView?: true;
  /** What is zero in its first input is zero in its output. */
  readonly keepsZeros?: true;
  /** No gradient reaches its inputs. */
  readonly stopsGradient?: true;
}

export function defineOperator<const Id extends string, Attributes extends AttributeSchema>(operator: Operator<Id, Attributes>): Operator<Id, Attributes> {
  return Object.freeze(operator);
}

/** An absent optional input, so that positions stay fixed. */
export const ABSENT: Tensor = Object.freeze({ dtype: 'f32', shape: Object.freeze(['']) });

export function isAbsent(tensor: Tensor | undefined): boolean {
  return tensor === undefined || tensor === ABSENT;
}

/** -1 counts from the end; refuses an axis that the rank does not have. */
export function resolveAxis(axis: number, rank: number): number {
  const resolved = axis < 0 ? axis + rank : axis;
  expectShape(resolved >= 0 && resolved < rank, `an axis within rank ${rank} rather than ${axis}`);
  return resolved;
}

export const noAttributes = z.strictObject({});

/** Refuses parameters that are not one number for each of `length` channels. */
export function expectVectors(tensors: readonly Tensor[], length: number | string): void {
  for (const tensor of tensors) {
    expectShape(tensor.shape.length === 1 && tensor.shape[0] === length, `parameters of shape (${length})`);
  }
}
