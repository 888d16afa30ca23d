/** From trained weights to a model: one ONNX file a tower, and the description with the model card. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readModel, writeModel } from '../bundle/index.ts';
import { wholeConfig } from '../encoders/index.ts';
import { readOnnxWeights, writeOnnx } from '../graph/index.ts';
import type { Recipe } from '../recipes/index.ts';
import { isExported, servingGraph } from './assemble.ts';
import type { Assembly } from './assemble.ts';
import { readSafetensors } from './safetensors.ts';
import type { StoredTensor } from './safetensors.ts';

export interface ExportOptions {
  readonly recipe: Recipe;
  readonly assembly: Assembly;
  /** A checkpoint or weights file. */
  readonly weights: string;
  /** Where the model goes. */
  readonly folder: string;
  /** The model card: data counts, seed, command, metrics. */
  readonly card: Readonly<Record<string, unknown>>;
  readonly version: string;
  /** Parameters of the components that the tower serves in place of its projection; absent: it serves the projection. */
  readonly components?: ReadonlyMap<string, Float32Array> | undefined;
  /** Stores large weights in half precision: half the size, the same embeddings to three decimals. */
  readonly halfWeights: boolean;
}

/** The parameters of a checkpoint or weights file by name. */
export function parametersOf(weights: string): Map<string, Float32Array> {
  const parameters = new Map<string, Float32Array>();
  for (const [name, { data }] of Object.entries(readSafetensors(weights).tensors)) {
    if (name.startsWith('param/') && data instanceof Float32Array) parameters.set(name.slice('param/'.length), data);
  }
  return parameters;
}

/** The tower that embeds libraries is the recipe's gallery; where it names none, the last that reads molecules. */
export async function exportModel({ recipe, assembly, weights, folder, card, version, components, halfWeights }: ExportOptions): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const parameters = new Map([...parametersOf(weights), ...components ?? []]);
  const exported = assembly.towers.filter((tower) => isExported(tower, recipe.gallery));
  const towers = exported.map((tower) => {
    const { ir } = servingGraph(tower, recipe, components !== undefined);
    const file = `${tower.recipe.name}.onnx`;
    // Not folded: ONNX Runtime does that when it loads the file, and training can start from the file as it is.
    const metadata = { recipe: recipe.id, tower: tower.recipe.name, modality: tower.modality.id, encoder: tower.spec.encoder.id };
    writeFileSync(join(folder, file), writeOnnx(ir, parameters, { halfWeights, foldBatchNormalization: false, metadata, producerVersion: version }));
    return {
      name: tower.recipe.name,
      modality: tower.modality.id,
      modalityConfig: tower.modalityConfig as Record<string, unknown>,
      encoder: tower.spec.encoder.id,
      encoderConfig: wholeConfig(tower.spec.encoder, tower.spec.config) as Record<string, unknown>,
      file,
    };
  });
  const gallery = recipe.gallery ?? exported.filter((tower) => tower.modality.source === 'molecule').at(-1)?.recipe.name ?? exported.at(-1)!.recipe.name;
  await writeModel(folder, { dimension: recipe.embeddingDimension, gallery, towers, info: { ...card } });
}

/** The weights of an exported model under the names that training has for them. */
export async function modelWeights(model: string): Promise<Record<string, StoredTensor>> {
  const { directory, towers } = await readModel(model);
  const tensors: Record<string, StoredTensor> = {};
  for (const tower of towers) {
    for (const [name, { shape, values }] of readOnnxWeights(readFileSync(join(directory, tower.file)))) tensors[`param/${name}`] = { data: values, shape };
  }
  return tensors;
}
