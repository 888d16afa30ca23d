import { join } from 'node:path';
import type { BundleManifest, Model } from '../../bundle/index.ts';
import { IsoLensError } from '../../core/index.ts';
import { InferencePool } from '../../inference/index.ts';
import { modalityById, modalityConfig } from '../../modalities/index.ts';
import type { MoleculeEncoder } from './pipeline.ts';

export interface OpenEncoder extends MoleculeEncoder {
  close(): Promise<void>;
}

/** Where an encoder's files lie: a model, or a bundle that was made with one. */
export type EncoderFiles = Pick<Model, 'gallery' | 'dimension' | 'directory'> & Pick<BundleManifest, 'towers'>;

/** The tower that embeds libraries, ready to run. */
export async function openEncoder(model: EncoderFiles): Promise<OpenEncoder> {
  const tower = model.towers.find(({ name }) => name === model.gallery);
  const modality = modalityById(tower?.modality ?? '');
  if (tower === undefined || modality.source !== 'molecule') {
    throw new IsoLensError('MODEL_INVALID', `Expected the gallery tower "${model.gallery}" to read molecules but it reads ${modality.source}s; a library cannot be embedded with it.`);
  }
  const config = modalityConfig(modality, tower.modalityConfig);
  const pool = await InferencePool.open([{ name: tower.name, path: join(model.directory, tower.file) }]);
  return {
    dimension: model.dimension,
    request: modality.request(config),
    encode: async (batch) => {
      const { embedding } = await pool.run(tower.name, modality.tensors(batch, config, { from: 0, to: batch.rows.length }), { move: true });
      if (embedding?.shape[1] === model.dimension) return embedding.data;
      throw new IsoLensError('MODEL_INVALID', `Expected embeddings of dimension ${model.dimension} from "${tower.name}" but received the shape ${embedding?.shape.join(' x ') ?? 'of no output "embedding"'}.`);
    },
    close: () => pool.close(),
  };
}
