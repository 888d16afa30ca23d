/** A model of cells and structures, ready to embed both: what evaluation asks of it. */
import { join, resolve } from 'node:path';
import { readModel } from '../bundle/index.ts';
import type { BundleTower, Model } from '../bundle/index.ts';
import { IsoLensError, matrixOf } from '../core/index.ts';
import type { Matrix } from '../core/index.ts';
import { InferencePool } from '../inference/index.ts';
import { featuriseItems, modalityById, modalityConfig } from '../modalities/index.ts';
import type { Modality, ModalityItem, ModalityServices } from '../modalities/index.ts';
import type { Preparation } from '../ingest/index.ts';

const BATCH = 64;

interface Reader {
  readonly tower: BundleTower;
  readonly modality: Modality;
  readonly config: unknown;
}

/** What its training left out, by the first block of the InChIKey; undefined where the card does not say. */
export class CellsModel {
  readonly folder: string;
  readonly leftOut: ReadonlySet<string> | undefined;
  private readonly services: ModalityServices;
  private readonly pool: InferencePool;
  private readonly cells: Reader;
  private readonly structure: Reader;

  private constructor(model: Model, services: ModalityServices, pool: InferencePool, cells: Reader, structure: Reader) {
    this.folder = model.directory;
    this.services = services;
    this.pool = pool;
    this.cells = cells;
    this.structure = structure;
    const data = model.info['data'] as { readonly leftOutGroups?: readonly string[] } | undefined;
    this.leftOut = data?.leftOutGroups === undefined ? undefined : new Set(data.leftOutGroups);
  }

  /** MODEL_INVALID where it lacks an encoder of profiles or images, or one of molecules. */
  static async open(path: string, services: ModalityServices): Promise<CellsModel> {
    const model = await readModel(resolve(path));
    const readers = model.towers.map((tower): Reader => {
      const modality = modalityById(tower.modality);
      return { tower, modality, config: modalityConfig(modality, tower.modalityConfig) };
    });
    const cells = readers.find(({ modality }) => modality.source !== 'molecule');
    const structure = readers.find(({ tower }) => tower.name === model.gallery);
    if (cells === undefined || structure?.modality.source !== 'molecule') {
      throw new IsoLensError('MODEL_INVALID', `Expected an encoder of cells (profiles or images) and one of molecules in ${path} but its encoders read ${readers.map(({ modality }) => modality.id).join(', ')}.`);
    }
    const pool = await InferencePool.open([cells, structure].map(({ tower }) => ({ name: tower.name, path: join(model.directory, tower.file) })));
    return new CellsModel(model, services, pool, cells, structure);
  }

  /** How tables of profiles become what it reads. */
  get preparation(): Preparation & { readonly features: readonly string[] } {
    const { modality, config } = this.cells;
    if (modality.source === 'table') return modality.preparation(config);
    throw new IsoLensError('MODEL_INVALID', `Expected a model that reads profiles in ${this.folder} but its encoder of cells reads ${modality.id}; give a table of images.`);
  }

  /** (items, D); an item that cannot be read is an error. */
  embedCells(items: readonly ModalityItem[]): Promise<Matrix> {
    return this.embed(this.cells, items);
  }

  /** (molecules, D), of SMILES that are known to be readable. */
  embedStructures(smiles: readonly string[]): Promise<Matrix> {
    return this.embed(this.structure, smiles);
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  private async embed({ tower, modality, config }: Reader, items: readonly ModalityItem[]): Promise<Matrix> {
    const parts: Float32Array[] = [];
    let width = 0;
    for (let from = 0; from < items.length; from += BATCH) {
      const { tensors, errors: [error] } = await featuriseItems(modality, items.slice(from, from + BATCH), config, this.services);
      if (error !== undefined) throw new IsoLensError(error.code, `Item ${from + error.index + 1}: ${error.message}`, { details: error.details });
      const { embedding } = await this.pool.run(tower.name, tensors, { move: true });
      parts.push(embedding!.data);
      width = embedding!.shape[1]!;
    }
    const data = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      data.set(part, at);
      at += part.length;
    }
    return matrixOf(data, width);
  }
}

/** First block of the parent's InChIKey, by which cards name compounds, of each of these distinct SMILES that can be read. */
export async function compoundKeys(chem: ModalityServices['chem'], smiles: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { molecules, rows } = await chem.featurise(smiles, {});
  return new Map(molecules.map(({ connectivityKey }, row) => [smiles[rows[row]!]!, connectivityKey]));
}
