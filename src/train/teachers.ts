/** Weights of towers that are not trained: those of trained models, under the names that the training graph has for them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readModel } from '../bundle/index.ts';
import type { Model } from '../bundle/index.ts';
import { IsoLensError } from '../core/index.ts';
import { readOnnxWeights } from '../graph/index.ts';
import type { AssembledTower, Assembly } from './assemble.ts';
import type { StoredTensor } from './safetensors.ts';

/** Folders of models by the name of the frozen tower that they are for; '' is for all others. */
export type Teachers = Readonly<Record<string, string>>;

/** Every frozen parameter as `param/NAME`. ARGUMENT_INVALID where no model is named for a tower, or the tower is of another shape. */
export async function teacherWeights({ towers, graph }: Assembly, teachers: Teachers): Promise<Record<string, StoredTensor>> {
  const frozen = towers.filter(({ recipe }) => recipe.frozenAs !== undefined);
  const stray = Object.keys(teachers).find((name) => (name === '' ? frozen.length === 0 : frozen.every(({ recipe }) => recipe.name !== name)));
  if (stray !== undefined) {
    const names = frozen.map(({ recipe }) => recipe.name).join(', ') || 'none';
    throw new IsoLensError('ARGUMENT_INVALID', `Expected --teacher for a frozen tower of the recipe (${names}) but received one for ${stray === '' ? 'a recipe without' : `"${stray}"`}.`);
  }
  const tensors: Record<string, StoredTensor> = {};
  for (const tower of frozen) {
    const folder = teachers[tower.recipe.name] ?? teachers[''];
    if (folder === undefined) throw new IsoLensError('ARGUMENT_INVALID', `Expected a model for the frozen tower "${tower.recipe.name}" but received none; name it with --teacher ${tower.recipe.name}=FOLDER.`);
    Object.assign(tensors, weightsOf(tower, await readModel(folder), folder, graph.ir.parameters));
  }
  return tensors;
}

function weightsOf({ recipe: { name, frozenAs } }: AssembledTower, model: Model, folder: string, parameters: Assembly['graph']['ir']['parameters']): Record<string, StoredTensor> {
  const taught = model.towers.find((one) => one.name === frozenAs);
  if (taught === undefined) {
    throw new IsoLensError('ARGUMENT_INVALID', `Frozen tower "${name}": expected a tower "${frozenAs!}" in ${folder} but it has ${model.towers.map((one) => one.name).join(', ')}.`);
  }
  const weights = readOnnxWeights(readFileSync(join(model.directory, taught.file)));
  const own = parameters.filter((parameter) => parameter.name.startsWith(`${name}.`));
  return Object.fromEntries(own.map((parameter) => {
    const from = `${frozenAs!}${parameter.name.slice(name.length)}`;
    const found = weights.get(from);
    if (found === undefined || found.shape.join() !== parameter.shape.join()) {
      const received = found === undefined ? 'none' : `(${found.shape.join(', ')})`;
      throw new IsoLensError('ARGUMENT_INVALID', `Frozen tower "${name}": expected the parameter ${from} of shape (${parameter.shape.join(', ')}) in ${folder} but received ${received}. Give the tower the encoder and the projection of the model.`);
    }
    return [`param/${parameter.name}`, { data: found.values, shape: found.shape }];
  }));
}
