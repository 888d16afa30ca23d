import { join } from 'node:path';
import type { BundleManifest, Model } from '../../bundle/index.ts';
import type { ChemPool } from '../../chem/index.ts';
import { IsoLensError } from '../../core/index.ts';
import { InferencePool } from '../../inference/index.ts';
import type { NamedTensors } from '../../inference/index.ts';
import { featurisePortraits, modalityById, modalityConfig } from '../../modalities/index.ts';
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

/** A tower that embeds libraries, ready to run. */
export async function openEncoder(model: EncoderFiles, { tower: wanted = model.gallery, chem }: EncoderOptions = {}): Promise<OpenEncoder> {
  const tower = model.towers.find(({ name }) => name === wanted);
  const modality = modalityById(tower?.modality ?? '');
  const isDrawn = modality.source === 'image' && chem !== undefined && modality.portray !== undefined;
  if (tower === undefined || (modality.source !== 'molecule' && !isDrawn)) {
    throw new IsoLensError('MODEL_INVALID', `Expected the gallery tower "${wanted}" to read molecules but it reads ${modality.source}s; a library cannot be embedded with it.`);
  }
  const config = modalityConfig(modality, tower.modalityConfig);
  const pool = await InferencePool.open([{ name: tower.name, path: join(model.directory, tower.file) }]);
  const run = async (tensors: NamedTensors): Promise<Float32Array> => {
    const { embedding } = await pool.run(tower.name, tensors, { move: true });
    if (embedding?.shape[1] === model.dimension) return embedding.data;
    throw new IsoLensError('MODEL_INVALID', `Expected embeddings of dimension ${model.dimension} from "${tower.name}" but received the shape ${embedding?.shape.join(' x ') ?? 'of no output "embedding"'}.`);
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
