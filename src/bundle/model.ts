import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import * as z from 'zod';
import { IsoLensError } from '../core/index.ts';
import { digestFile, writeAtomic } from './files.ts';
import { towerCalled, towerNames, towerSchema } from './manifest.ts';

export const MODEL_FORMAT = 'isolens-model';
export const MODEL_VERSION = 1;
const MODEL_FILE = 'model.json';

/** What training leaves for serving: a directory with this description and the towers' ONNX files. */
const modelSchema = z.strictObject({
  format: z.literal(MODEL_FORMAT),
  version: z.literal(MODEL_VERSION),
  dimension: z.int().min(1),
  /** Name of the tower that embeds a library's molecules. */
  gallery: z.string(),
  towers: z.array(towerSchema.extend({ sha256: z.string() })).min(1),
  /** The model card's facts: recipe, seed, data counts, metrics. */
  info: z.record(z.string(), z.unknown()),
});

export type ModelDescription = z.output<typeof modelSchema>;

/** A model whose files have been checked. */
export interface Model extends ModelDescription {
  readonly directory: string;
}

/** The encoder that embeds the library's molecules; `readModel` has checked that there is one. */
export function galleryTower({ gallery, towers }: ModelDescription): ModelDescription['towers'][number] {
  return towers.find(({ name }) => name === gallery)!;
}

/** Towers that are to embed a library, each once: the model's own gallery first, then those that were named, by name or modality. */
export function galleryTowers(model: ModelDescription, wanted: readonly string[]): ModelDescription['towers'] {
  const named = wanted.map((name) => {
    const found = towerCalled(model.towers, name);
    if (found !== undefined) return found;
    throw new IsoLensError('ARGUMENT_INVALID', `Expected galleries among the encoders of the model (${towerNames(model.towers)}) but received ${JSON.stringify(name)}; name one of these, or train a model that has it.`);
  });
  return [...new Set([galleryTower(model), ...named])];
}

/** Reads `model.json` and checks that every encoder file is the one it names. */
export async function readModel(directory: string): Promise<Model> {
  const path = join(directory, MODEL_FILE);
  const text = await readFile(path, 'utf8').catch(() => {
    throw new IsoLensError('MODEL_INVALID', `Expected a model in ${directory} but there is no ${MODEL_FILE}; train one with "isolens train".`);
  });
  const parsed = modelSchema.safeParse(parseJson(text));
  if (!parsed.success) throw new IsoLensError('MODEL_INVALID', `Expected a description of a model in ${path} but it is not valid: ${parsed.error.issues[0]?.path.join('.') ?? ''} ${parsed.error.issues[0]?.message ?? ''}.`);
  const model = parsed.data;
  if (!model.towers.some((tower) => tower.name === model.gallery)) {
    throw new IsoLensError('MODEL_INVALID', `Expected the gallery tower "${model.gallery}" among ${model.towers.map((tower) => tower.name).join(', ')} in ${path}.`);
  }
  for (const tower of model.towers) {
    const file = join(directory, tower.file);
    const found = await digestFile(file).catch(() => undefined);
    if (found?.sha256 !== tower.sha256) {
      throw new IsoLensError('MODEL_INVALID', `Expected the encoder that ${path} describes in ${file}, but it is ${found === undefined ? 'missing' : 'another file'}; export the model again.`);
    }
  }
  return { ...model, directory };
}

/** Describes encoder files that lie in the directory already. */
export async function writeModel(directory: string, model: Pick<ModelDescription, 'dimension' | 'gallery' | 'info'> & { readonly towers: readonly z.input<typeof towerSchema>[] }): Promise<ModelDescription> {
  const towers = [];
  for (const tower of model.towers) {
    if (isAbsolute(tower.file)) throw new IsoLensError('ARGUMENT_INVALID', `Expected a path within ${directory} but received ${tower.file}.`);
    towers.push({ ...tower, sha256: (await digestFile(join(directory, tower.file))).sha256 });
  }
  const description = modelSchema.parse({ format: MODEL_FORMAT, version: MODEL_VERSION, dimension: model.dimension, gallery: model.gallery, info: model.info, towers });
  await writeAtomic(join(directory, MODEL_FILE), `${JSON.stringify(description, null, 1)}\n`);
  return description;
}

/** Adds facts to the card of a model: what was measured of it after it was trained. Facts of the same name are replaced. */
export async function addToCard(directory: string, facts: Readonly<Record<string, unknown>>): Promise<void> {
  const { directory: _, ...description } = await readModel(directory);
  await writeAtomic(join(directory, MODEL_FILE), `${JSON.stringify({ ...description, info: { ...description.info, ...facts } }, null, 1)}\n`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
