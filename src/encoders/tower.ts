/** Trunk, projection head and unit length: what turns any encoder into one side of a shared space. */
import * as z from 'zod';
import { IsoLensError } from '../core/index.ts';
import { linear, plainInit } from '../graph/index.ts';
import type { GraphBuilder, Value } from '../graph/index.ts';
import type { Encoder } from './define.ts';

export const projectionSchema = z.strictObject({
  /** 1: one linear map. More: hidden layers with ReLU before it. */
  layers: z.int().min(1).max(3),
  hidden: z.int().positive(),
});

export interface TowerOptions {
  readonly embeddingDimension: number;
  readonly projection: z.output<typeof projectionSchema>;
  /** Prefix of a tower built before whose parameters this one uses: two views through one encoder. */
  readonly weightsOf?: string | undefined;
  /** A tower built before that this one follows slowly instead of being trained: its momentum encoder. */
  readonly momentumOf?: Momentum | undefined;
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
}

/** Builds an encoder under `prefix`. `config` is one the encoder's schema has accepted; `inputs` are by role. */
export function buildTower(g: GraphBuilder, encoder: Encoder, config: unknown, options: TowerOptions, prefix: string, inputs: Readonly<Record<string, Value>>): Tower {
  const scope = scopeOf(g.scope(prefix), options);
  for (const { role } of encoder.inputs(config)) {
    if (inputs[role] === undefined) throw new IsoLensError('GRAPH_INVALID', `Tower ${prefix}: expected an input for the role "${role}" but received ${Object.keys(inputs).join(', ') || 'none'}.`);
  }
  const features = scope.named('features', encoder.build(scope, inputs, config));
  const { layers, hidden } = options.projection;
  let x = features;
  for (let i = 1; i < layers; i++) x = scope.apply('Relu', [linear(scope, `projection.${i - 1}`, x, hidden)]);
  const fanIn = layers === 1 ? encoder.outputWidth(config) : hidden;
  const projected = linear(scope, `projection.${layers - 1}`, x, options.embeddingDimension, { init: plainInit(fanIn) });
  return { features, embedding: scope.apply('L2Normalise', [projected], {}, 'embedding') };
}

function scopeOf(scope: GraphBuilder, { weightsOf, momentumOf }: TowerOptions): GraphBuilder {
  if (weightsOf !== undefined) return scope.borrowing(weightsOf);
  return momentumOf === undefined ? scope : scope.following(momentumOf.tower, momentumOf.momentum);
}
