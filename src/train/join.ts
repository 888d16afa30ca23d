/**
 * One model of several: their spaces side by side. A modality that only some of the models read is compared by these alone; a
 * library is embedded by all of them.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readModel, writeModel } from '../bundle/index.ts';
import type { Model } from '../bundle/index.ts';
import { IsoLensError } from '../core/index.ts';
import { encoderById, encoderConfig } from '../encoders/index.ts';
import { readOnnxWeights, writeOnnx } from '../graph/index.ts';
import type { StoredWeight } from '../graph/index.ts';
import { modalityById, modalityConfig } from '../modalities/index.ts';
import type { Modality } from '../modalities/index.ts';
import { COMPONENTS, buildJointGraph } from '../model/index.ts';
import type { JointPart, TowerSpec } from '../model/index.ts';
import { servedViews } from './assemble.ts';

export interface JoinOptions {
  /** Folders of models; the first names the towers. */
  readonly models: readonly string[];
  /** Of the joint cosine, one a model; they add up to 1. */
  readonly shares: readonly number[];
  readonly folder: string;
  readonly halfWeights: boolean;
  readonly version: string;
  readonly command: string;
  readonly date: string;
}

interface Part {
  readonly model: Model;
  readonly share: number;
  readonly weights: ReadonlyMap<string, StoredWeight>;
  /** Tower of each modality. */
  readonly towers: ReadonlyMap<string, PartTower>;
}

interface PartTower {
  readonly described: Model['towers'][number];
  /** Of its parameters in the joint graph: two runs of one recipe give their towers the same names. */
  readonly prefix: string;
}

export async function joinModels(options: JoinOptions): Promise<void> {
  const { models, shares, folder } = options;
  if (models.length < 2 || models.length !== shares.length) {
    throw new IsoLensError('ARGUMENT_INVALID', `Expected two or more models and a share for each but received ${models.length} models and ${shares.length} shares.`);
  }
  const parts: Part[] = [];
  for (const [i, directory] of models.entries()) parts.push(openPart(await readModel(directory), shares[i]!, parts));
  mkdirSync(folder, { recursive: true });
  const first = parts[0]!.model;
  const towers = first.towers.map((tower) => writeTower(parts, tower, options));
  const dimension = parts.reduce((sum, { model }) => sum + model.dimension, 0);
  const info = {
    summary: parts.map(({ model, share }) => `${share} x ${String(model.info['summary'])}`).join(' '),
    command: options.command,
    date: options.date,
    version: options.version,
    // What each part is built of: the joint file alone does not tell.
    parts: parts.map(({ model, share }) => ({ share, dimension: model.dimension, towers: model.towers.map(({ file: _, sha256: __, ...tower }) => tower), ...model.info })),
  };
  await writeModel(folder, { dimension, gallery: first.gallery, towers, info });
}

function openPart(model: Model, share: number, before: readonly Part[]): Part {
  const taken = new Set(before.flatMap(({ towers }) => [...towers.values()].map(({ prefix }) => prefix)));
  const towers = new Map<string, PartTower>();
  const weights = new Map<string, StoredWeight>();
  for (const described of model.towers) {
    const { name, modality, file } = described;
    const prefix = taken.has(name) ? `${name}-${before.length + 1}` : name;
    towers.set(modality, { described, prefix });
    for (const [key, weight] of readOnnxWeights(readFileSync(join(model.directory, file)))) {
      weights.set(key.startsWith(`${name}.`) ? `${prefix}${key.slice(name.length)}` : key, weight);
    }
  }
  return { model, share, weights, towers };
}

function writeTower(parts: readonly Part[], named: Model['towers'][number], { folder, halfWeights, version }: JoinOptions): Model['towers'][number] {
  const modality = modalityById(named.modality);
  const own = parts.flatMap(({ towers }) => towers.get(modality.id)?.described ?? []);
  const widest = own.map(({ modalityConfig: config }) => modalityConfig(modality, config)).reduce((a, b) => (begins(modality, b, a) ? b : a));
  const shared = own.length === 1 ? [] : modality.inputs(widest);
  const joint = parts.map(({ model, share, weights, towers }): JointPart => {
    const tower = towers.get(modality.id);
    if (tower === undefined) return { dimension: model.dimension, share };
    const { described } = tower;
    const config = modalityConfig(modality, described.modalityConfig);
    if (own.length > 1 && !begins(modality, widest, config)) {
      throw new IsoLensError(
        'ARGUMENT_INVALID',
        `Expected models whose "${modality.id}" is read alike, one as the beginning of the other, ` +
          `but ${model.directory} reads ${JSON.stringify(described.modalityConfig)}.`,
      );
    }
    // Vectors may be read in part; anything else is the same for all.
    const vectors = modality.inputs(config).filter(({ shape }) => shape.length === 2 && shape[0] === 'N');
    const columns = Object.fromEntries(vectors.map(({ role, shape }) => [role, shape[1] as number]));
    const views = servedViews(modality, config, described.encoderConfig);
    return { dimension: model.dimension, share, tower: { spec: specOf(tower, weights), views, columns: own.length > 1 ? columns : {} } };
  });
  const { ir } = buildJointGraph(named.name, joint, shared);
  const parameters = new Map(parts.flatMap(({ weights }) => [...weights].map(([name, { values }]) => [name, values] as const)));
  const metadata = { tower: named.name, modality: modality.id, encoder: named.encoder };
  writeFileSync(join(folder, named.file), writeOnnx(ir, parameters, { halfWeights, foldBatchNormalization: false, metadata, producerVersion: version }));
  const { name, encoder, encoderConfig: config, file } = named;
  return { name, modality: modality.id, modalityConfig: widest as Record<string, unknown>, encoder, encoderConfig: config, file, sha256: '' };
}

function begins(modality: Modality, config: unknown, other: unknown): boolean {
  return modality.begins?.(config, other) ?? JSON.stringify(config) === JSON.stringify(other);
}

/** The model's description does not say how its head is built; its weights do. */
function specOf({ described, prefix }: PartTower, weights: ReadonlyMap<string, StoredWeight>): TowerSpec {
  const { name, encoder: id, encoderConfig: config } = described;
  const encoder = encoderById(id);
  if (weights.has(`${prefix}.${COMPONENTS}.weight`)) return { encoder, config: encoderConfig(encoder, config), prefix, projection: { layers: 1, hidden: 1 }, isByComponents: true };
  const heads = [...weights.keys()].filter((key) => key.startsWith(`${prefix}.projection.`) && key.endsWith('.weight')).sort();
  const hidden = weights.get(heads[0] ?? '')?.shape[0];
  if (hidden === undefined) throw new IsoLensError('MODEL_INVALID', `Expected the weights of a projection head of the encoder "${name}" in its file but found none; export the model again.`);
  return { encoder, config: encoderConfig(encoder, config), prefix, projection: { layers: heads.length, hidden } };
}
