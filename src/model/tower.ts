/** Trunk, projection head and unit length: what turns any encoder into one side of a shared space. */
import * as z from 'zod';
import { IsoLensError } from '../core/index.ts';
import { linear, plainInit } from '../graph/index.ts';
import type { Dim, GraphBuilder, Value } from '../graph/index.ts';
import { encoderConfig } from '../encoders/index.ts';
import type { Encoder, EncoderInput } from '../encoders/index.ts';

export const projectionSchema = z.strictObject({
  /** 1: one linear map. More: hidden layers with ReLU before it. */
  layers: z.int().min(1).max(3),
  hidden: z.int().positive(),
});

/** Name of the layer that serves in place of the projection: `TOWER.components.weight` (dimension, width) and `.bias` (dimension). */
export const COMPONENTS = 'components';

export interface TowerOptions {
  readonly embeddingDimension: number;
  readonly projection: z.output<typeof projectionSchema>;
  /** Prefix of a tower built before whose parameters this one uses: two views through one encoder. */
  readonly weightsOf?: string | undefined;
  /** A tower built before that this one follows slowly instead of being trained: its momentum encoder. */
  readonly momentumOf?: Momentum | undefined;
  /** Its parameters come from a file and stay as they are; it computes what it would when served. */
  readonly isFrozen?: boolean | undefined;
  /** Served by principal components of its features in place of the projection; they are no part of training. */
  readonly isByComponents?: boolean | undefined;
}

export interface Momentum {
  /** Prefix of the tower that is followed. */
  readonly tower: string;
  /** Share of its own numbers that it keeps at every step. */
  readonly momentum: number;
}

export interface Tower {
  /** (N, embeddingDimension), rows of unit length. */
  readonly embedding: Value;
  /** (N, outputWidth) of the trunk. */
  readonly features: Value;
  /** (N, K, D), or (V, D) of graphs, of encoders that give them. */
  readonly tokens?: Value;
}

/** Builds an encoder under `prefix`. `config` is one the encoder's schema has accepted; `inputs` are by role. */
export function buildTower(g: GraphBuilder, encoder: Encoder, config: unknown, options: TowerOptions, prefix: string, inputs: Readonly<Record<string, Value>>): Tower {
  const scope = scopeOf(g.scope(prefix), options);
  for (const { role } of encoder.inputs(config)) {
    if (inputs[role] === undefined) throw new IsoLensError('GRAPH_INVALID', `Tower ${prefix}: expected an input for the role "${role}" but received ${Object.keys(inputs).join(', ') || 'none'}.`);
  }
  const encoded = encoder.build(scope, inputs, config);
  const { tokens, ...trunk } = 'features' in encoded ? encoded : { features: encoded, tokens: undefined };
  const features = scope.named('features', trunk.features);
  const width = encoder.outputWidth(config);
  const projected = options.isByComponents === true ? components(scope, features, width, options.embeddingDimension) : projection(scope, features, width, options);
  return { features, ...(tokens === undefined ? {} : { tokens }), embedding: scope.apply('L2Normalise', [projected], {}, 'embedding') };
}

function projection(scope: GraphBuilder, features: Value, width: number, { projection: { layers, hidden }, embeddingDimension }: TowerOptions): Value {
  let x = features;
  for (let i = 1; i < layers; i++) x = scope.apply('Relu', [linear(scope, `projection.${i - 1}`, x, hidden)]);
  return linear(scope, `projection.${layers - 1}`, x, embeddingDimension, { init: plainInit(layers === 1 ? width : hidden) });
}

/** Of features at unit length: how they differ from the usual ones, along the directions in which they differ most. */
function components(scope: GraphBuilder, features: Value, width: number, dimension: number): Value {
  return linear(scope, COMPONENTS, scope.apply('L2Normalise', [features]), dimension, { init: plainInit(width) });
}

function scopeOf(scope: GraphBuilder, { weightsOf, momentumOf, isFrozen }: TowerOptions): GraphBuilder {
  if (isFrozen === true) return scope.frozen();
  if (weightsOf !== undefined) return scope.borrowing(weightsOf);
  return momentumOf === undefined ? scope : scope.following(momentumOf.tower, momentumOf.momentum);
}

export interface TowerSpec {
  readonly encoder: Encoder;
  /** A preset's name or a whole configuration. */
  readonly config: unknown;
  /** First part of the tower's parameter names, e.g. "drawing". */
  readonly prefix: string;
  /** Graph input for each role of the encoder; default `prefix.role`. */
  readonly inputNames?: Readonly<Record<string, string>>;
  readonly projection: TowerOptions['projection'];
  /** Prefix of a tower before it, where both are views through one encoder. */
  readonly weightsOf?: string;
  /** A tower before it, where this one is its momentum encoder. */
  readonly momentumOf?: TowerOptions['momentumOf'];
  readonly isFrozen?: boolean;
  readonly isByComponents?: boolean;
  /** Roles whose rows are mostly zeros: a layer that reads them skips what is zero. Default none; the results are the same. */
  readonly sparseRoles?: readonly string[];
}

function inputNamesOf(spec: TowerSpec, inputs: readonly EncoderInput[]): Record<string, string> {
  return Object.fromEntries(inputs.map(({ role }) => [role, spec.inputNames?.[role] ?? `${spec.prefix}.${role}`]));
}

/** Two towers may read the same input, e.g. two views of one encoder; it is declared once. */
export function declareInput(g: GraphBuilder, known: Map<string, Value>, name: string, { dtype, shape, isSparse }: Pick<EncoderInput, 'dtype' | 'shape' | 'isSparse'>): Value {
  const value = known.get(name) ?? g.input(name, dtype, shape, { isSparse });
  known.set(name, value);
  return value;
}

/** The rows of a batch, which all towers share. */
const BATCH = 'N';

/**
 * Sizes that another tower has given a symbol of the same name are this tower's own, unless all views share them: two views of a graph
 * differ in their bonds.
 */
function ownSymbols({ encoder, prefix }: TowerSpec, inputs: readonly EncoderInput[], taken: ReadonlySet<string>): EncoderInput[] {
  const shared = new Set([BATCH, ...(encoder.viewsShare ?? [])]);
  const own = (dim: Dim): Dim => (typeof dim === 'string' && taken.has(dim) && !shared.has(dim) ? `${prefix.replaceAll('-', '_')}_${dim}` : dim);
  return inputs.map((input) => ({ ...input, shape: input.shape.map(own) }));
}

function withSparsity({ sparseRoles = [] }: TowerSpec, inputs: readonly EncoderInput[]): EncoderInput[] {
  return inputs.map((input) => (sparseRoles.includes(input.role) ? { ...input, isSparse: true } : input));
}

export function addTower(g: GraphBuilder, known: Map<string, Value>, spec: TowerSpec, embeddingDimension: number) {
  const config = encoderConfig(spec.encoder, spec.config);
  const taken = new Set([...known.values()].flatMap(({ shape }) => shape.filter((dim) => typeof dim === 'string')));
  const declared = withSparsity(spec, ownSymbols(spec, spec.encoder.inputs(config), taken));
  const names = inputNamesOf(spec, declared);
  const inputs = Object.fromEntries(declared.map((input) => [input.role, declareInput(g, known, names[input.role]!, input)]));
  const options = { embeddingDimension, projection: spec.projection, weightsOf: spec.weightsOf, momentumOf: spec.momentumOf, isFrozen: spec.isFrozen, isByComponents: spec.isByComponents };
  const tower = buildTower(g, spec.encoder, config, options, spec.prefix, inputs);
  const counted = declared.flatMap(({ role, categories }) => (categories === undefined ? [] : [[role, categories] as const]));
  return { ...tower, prefix: spec.prefix, names, inputs, categories: Object.fromEntries(counted) };
}

export type BuiltTower = ReturnType<typeof addTower>;
