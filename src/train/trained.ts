/** What a run was trained on, from the reports beside its data files (see dataset.ts). */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { IsoLensError } from '../core/index.ts';
import { recipeSchema } from '../recipes/index.ts';
import { readSources } from './sources.ts';

/** First blocks of the InChIKeys of all molecules in the data folder of a run. */
export function trainedKeys(folder: string): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const name of reportsIn(folder)) {
    const report = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { keys?: readonly string[] };
    for (const key of report.keys ?? []) keys.add(key.slice(0, 14));
  }
  if (keys.size > 0) return keys;
  throw new IsoLensError('DATASET_INVALID', `Expected the data folder of a run that learned from molecules in ${folder} but it names none; it is the folder "data" in what "isolens train" was given as --output.`);
}

/** SMILES of all sources of a run: what it left out is among them. `run`: what "isolens train" was given as --output. */
export function sourcesOfRun(run: string, dataFolder: string): readonly string[] {
  const path = join(run, 'recipe.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new IsoLensError('FILE_NOT_FOUND', `Expected the recipe of a run in ${path} but it cannot be read; name what "isolens train" was given as --output.`, { cause: thrown });
  }
  const { sources, training } = recipeSchema.parse(JSON.parse(text));
  return readSources(sources, dataFolder, training.seed).smiles;
}

function reportsIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^train-\d+\.json$/.test(name));
  } catch (thrown) {
    throw new IsoLensError('FILE_NOT_FOUND', `Expected the data folder of a run in ${folder} but it cannot be read; it is the folder "data" in what "isolens train" was given as --output.`, { cause: thrown });
  }
}
