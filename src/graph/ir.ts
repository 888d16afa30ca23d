/** The graph as data: what travels to the native engine and to the ONNX writer, and what is stored with a checkpoint. */
import * as z from 'zod';
import { IsoLensError } from '../core/index.ts';
import { SYMBOL_PATTERN } from './dims.ts';
import { ruleSchema } from './rules.ts';

const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]*$/);
const size = z.int().min(0);
const dim = z.union([size, z.string().regex(SYMBOL_PATTERN)]);

export const initSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('zeros') }),
  z.strictObject({ kind: z.literal('ones') }),
  z.strictObject({ kind: z.literal('constant'), value: z.number() }),
  z.strictObject({ kind: z.literal('normal'), std: z.number().min(0) }),
  z.strictObject({ kind: z.literal('uniform'), bound: z.number().min(0) }),
  /** Rows of unit length, in any direction. */
  z.strictObject({ kind: z.literal('unitRows') }),
  /** The numbers that another parameter before it starts with. */
  z.strictObject({ kind: z.literal('copy'), of: name }),
]);

const attributeValue = z.union([z.number(), z.string(), z.array(z.union([z.number(), z.string()]))]);

export const graphIrSchema = z.strictObject({
  name,
  /** Sizes known only when the graph runs, e.g. the batch "N". */
  symbols: z.array(z.string().regex(SYMBOL_PATTERN)),
  inputs: z.array(z.strictObject({ name, dtype: z.enum(['f32', 'i32']), shape: z.array(dim) })),
  parameters: z.array(z.strictObject({ name, shape: z.array(size), init: initSchema, decay: z.boolean(), trainable: z.boolean() })),
  /** In an order in which every input is known before it is used. */
  nodes: z.array(z.strictObject({
    op: z.string(),
    name,
    inputs: z.array(z.union([name, z.literal('')])),
    outputs: z.array(name).length(1),
    attributes: z.record(z.string(), attributeValue),
  })),
  outputs: z.array(name),
  /** What is done to parameters after every step; left out where there is nothing. */
  rules: z.array(ruleSchema).optional(),
});

export type GraphIr = z.output<typeof graphIrSchema>;
export type GraphNode = GraphIr['nodes'][number];
export type GraphInput = GraphIr['inputs'][number];
export type GraphParameter = GraphIr['parameters'][number];
export type Init = z.output<typeof initSchema>;

/** Reads a graph of unknown origin; its structure only. `checkGraph` also checks operators and shapes. */
export function parseStructure(json: unknown): GraphIr {
  const parsed = graphIrSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new IsoLensError('GRAPH_INVALID', `Expected a graph but received one whose ${issue?.path.join('.') || 'structure'} is not valid: ${issue?.message ?? 'unknown'}.`);
}
