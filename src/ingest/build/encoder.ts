import { join } from 'node:path';
import type { BundleManifest, Model } from '../../bundle/index.ts';
import type { ChemPool } from '../../chem/index.ts';
import { IsoLensError } from '../../core/index.ts';
import { InferencePool } from '../../inference/index.ts';
import type { F32Tensor, NamedTensors } from '../../inference/index.ts';
import { featurisePortraits, modalityById, modalityConfig } from '../../modalities/index.ts';
import type { Modality } from '../../modalities/index.ts';
import type { MoleculeEncoder } from './pipeline.ts';

/** Pictures at once: a batch of molecules is some hundred MB of them. */
const PICTURES = 32;

export interface OpenEncoder extends MoleculeEncoder {
  close(): Promise<void>;
}

/** Where an encoder's files lie: a model, or a bundle that was made with one. */
export type EncoderFiles = Pick<Model, 'gallery' | 'dimension' | 'directory'> & Pick<BundleManifest, 'towers'>;

export interface EncoderOptions {
  /** Default: the gallery. */
  readonly tower?: string;
  /** Draws molecules for a tower that reads pictures; without it, only towers that read molecules can be opened. */
  readonly chem?: ChemPool;
}

/** What is taken of a served tower: its embedding, or the features of its trunk before the projection head. */
export const FEATURE_LAYERS = ['embedding', 'trunk'] as const;
export type FeatureLayer = (typeof FEATURE_LAYERS)[number];

const OUTPUTS: Readonly<Record<FeatureLayer, string>> = { embedding: 'embedding', trunk: 'features' };

/** The (N, width) output of a tower for one layer; MODEL_INVALID where its file has none. */
export function layerOf(outputs: Readonly<Record<string, F32Tensor>>, layer: FeatureLayer, file: string): F32Tensor {
  const found = outputs[OUTPUTS[layer]];
  if (found?.shape.length === 2) return found;
  throw new IsoLensError('MODEL_INVALID', `Expected the output "${OUTPUTS[layer]}" of ${file} but it has none; train or export the model again.`);
}

/** A tower that embeds libraries, ready to run. */
export async function openEncoder(model: EncoderFiles, { tower: wanted = model.gallery, chem }: EncoderOptions = {}): Promise<OpenEncoder> {
  const { tower, modality } = towerOf(model, wanted);
  const isDrawn = modality.source === 'image' && chem !== undefined && modality.portray !== undefined;
  if (modality.source !== 'molecule' && !isDrawn) throw readsNoMolecules(wanted, modality);
  const config = modalityConfig(modality, tower.modalityConfig);
  const file = join(model.directory, tower.file);
  const pool = await InferencePool.open([{ name: tower.name, path: file }]);
  const run = async (tensors: NamedTensors): Promise<Float32Array> => {
    const { data, shape } = layerOf(await pool.run(tower.name, tensors, { move: true }), 'embedding', file);
    if (shape[1] === model.dimension) return data;
    throw new IsoLensError('MODEL_INVALID', `Expected embeddings of dimension ${model.dimension} from "${tower.name}" but received the shape ${shape.join(' x ')}.`);
  };
  return {
    tower: tower.name,
    dimension: model.dimension,
    request: modality.source === 'molecule' ? modality.request(config) : {},
    encode: async (batch) => {
      if (modality.source === 'molecule') return run(modality.tensors(batch, config, { from: 0, to: batch.rows.length }));
      if (modality.source !== 'image') throw new IsoLensError('INTERNAL', `Expected a tower that sees molecules but "${tower.name}" reads none.`);
      const all = new Float32Array(batch.rows.length * model.dimension);
      for (let from = 0; from < batch.rows.length; from += PICTURES) {
        const smiles = batch.molecules.slice(from, from + PICTURES).map(({ parentSmiles }) => parentSmiles);
        const { rows, tensors } = await featurisePortraits(modality, smiles, config, chem!);
        const vectors = rows.length === 0 ? [] : await run(tensors);
        rows.forEach((row, i) => all.set(vectors.slice(i * model.dimension, (i + 1) * model.dimension), (from + row) * model.dimension));
      }
      return all;
    },
    close: () => pool.close(),
  };
}

/**
 * The trunk of a tower that reads molecules, before its projection head: rows (N, width) as the network gives them, not of unit length.
 * MODEL_INVALID where the gallery tower reads pictures, or its file lacks the trunk's output.
 */
export async function openTrunk(model: EncoderFiles): Promise<Omit<OpenEncoder, 'dimension'>> {
  const { tower, modality } = towerOf(model, model.gallery);
  if (modality.source !== 'molecule') throw readsNoMolecules(model.gallery, modality);
  const config = modalityConfig(modality, tower.modalityConfig);
  const file = join(model.directory, tower.file);
  const pool = await InferencePool.open([{ name: tower.name, path: file }]);
  return {
    tower: tower.name,
    request: modality.request(config),
    encode: async (batch) => layerOf(await pool.run(tower.name, modality.tensors(batch, config, { from: 0, to: batch.rows.length }), { move: true }), 'trunk', file).data,
    close: () => pool.close(),
  };
}

function towerOf({ towers }: EncoderFiles, wanted: string): { tower: EncoderFiles['towers'][number]; modality: Modality } {
  const tower = towers.find(({ name }) => name === wanted);
  if (tower !== undefined) return { tower, modality: modalityById(tower.modality) };
  throw new IsoLensError('MODEL_INVALID', `Expected a tower "${wanted}" but the model has ${towers.map(({ name }) => name).join(', ')}.`);
}

function readsNoMolecules(tower: string, { source }: Modality): IsoLensError {
  return new IsoLensError('MODEL_INVALID', `Expected the gallery tower "${tower}" to read molecules but it reads ${source}s; a library cannot be embedded with it.`);
}
