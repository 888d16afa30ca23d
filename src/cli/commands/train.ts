import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ChemPool } from '../../chem/index.ts';
import { IsoLensError } from '../../core/index.ts';
import { resolveReaderRecipe, resolveRecipe, runReaderTraining, runTraining } from '../../train/index.ts';
import { READER_RECIPES, RECIPES } from '../../recipes/index.ts';
import { anyOf, heldOutList, measuredMolecules, screeningActives } from '../left-out.ts';
import { repeated } from '../options.ts';
import type { Register } from './define.ts';

interface TrainFlags {
  readonly config?: string;
  readonly set?: readonly string[];
  readonly data?: string;
  readonly output?: string;
  readonly heldOut?: string;
  readonly excludeActives?: string;
  readonly device: string;
  readonly resume?: boolean;
  readonly initial?: string;
  readonly teacher?: readonly string[];
  readonly steps?: string;
  readonly threads?: string;
  readonly fullWeights?: boolean;
}

export const registerTrain: Register = (program, contextOf) => {
  program
    .command('train')
    .description('Train encoders by a recipe and export them as ONNX files with a model card.')
    .argument('<recipe>', [...RECIPES, ...READER_RECIPES].map((recipe) => recipe.id).join(', '))
    .option('--config <file>', 'JSON with settings that replace those of the recipe')
    .option('--set <setting>', 'one setting of the recipe, as in training.steps=400 or images.leaveOut=2; may be repeated', repeated)
    .option('--data <folder>', 'where the molecules of the recipe lie (default: ISOLENS_DATA)')
    .option('--held-out <file>', 'keys of molecules that must not be trained on (default: heldout.txt.gz in the data folder; "none" for none)')
    .option('--exclude-actives <file>', 'a screening protocol whose actives must not be trained on (default for recipes that learn from activities: screening/dud.json.gz in the data folder; "none" for none)')
    .option('--output <folder>', 'where data files, checkpoints and the model go (default: runs/<recipe>)')
    .option('--steps <number>', 'train this many steps instead of the recipe\'s')
    .option('--threads <number>', 'threads of the engine (default: all)')
    .option('--device <device>', 'cpu, cuda (the first GPU, or the CPU where there is none) or cuda:N', 'cpu')
    .option('--resume', 'continue from the checkpoint in the output folder')
    .option('--initial <weights>', 'start from these weights: a safetensors file, or the folder of a model')
    .option('--teacher <model>', 'for recipes with frozen towers: the folder of the model that they are taken from; TOWER=FOLDER for one of several; may be repeated', repeated)
    .option('--full-weights', 'store weights as 32-bit floats (default: 16-bit)')
    .action(async (id: string, flags: TrainFlags) => {
      const context = contextOf();
      const given = [...(flags.set ?? []), ...(flags.steps === undefined ? [] : [`training.steps=${flags.steps}`])];
      const settings = given.reduce(withSetting, flags.config === undefined ? {} : readJson(flags.config));
      const reader = resolveReaderRecipe(id, settings);
      const recipe = reader ?? resolveRecipe(id, settings);
      const dataFolder = resolve(flags.data ?? context.data);
      const threads = flags.threads === undefined ? context.threads : Number(flags.threads);
      const chem = new ChemPool({ workers: threads });
      try {
        // Only who learns from activities could learn the answers of a screening.
        const protocol = flags.excludeActives ?? (recipe.measurements === undefined ? 'none' : join(dataFolder, 'screening', 'dud.json.gz'));
        const heldOut = anyOf([
          heldOutList(flags.heldOut, dataFolder),
          ...(protocol === 'none' ? [] : [await screeningActives(context, chem, protocol)]),
          ...(recipe.measurements === undefined ? [] : await measuredMolecules(context, chem, recipe.measurements, dataFolder)),
        ]);
        const options = {
          dataFolder,
          folder: resolve(flags.output ?? join(context.root, 'runs', id)),
          heldOut,
          chem,
          threads,
          device: flags.device,
          resume: flags.resume === true,
          initial: flags.initial,
          halfWeights: flags.fullWeights !== true,
          command: `isolens train ${id}${flags.config === undefined ? '' : ' --config <file>'}${given.map((setting) => ` --set ${setting}`).join('')}`,
          date: context.date,
          version: context.version,
          progress: context.progress,
          signal: context.signal,
        };
        if (reader !== undefined) {
          const { model, summary } = await runReaderTraining({ ...options, recipe: reader });
          return context.note(`The reader is in ${model} (${summary.seen} drawings seen).`);
        }
        const { model, summary } = await runTraining({ ...options, recipe: resolveRecipe(id, settings), teachers: teachersOf(flags.teacher ?? []) });
        context.note(`The model is in ${model} (${summary.seen} samples seen). Index a library with: isolens index --model ${model} --input LIBRARY --bundle NAME`);
      } finally {
        await chem.close();
      }
    });
};

/** `a.b=value` in a tree of settings; the value is JSON, or else text. */
function withSetting(settings: Record<string, unknown>, text: string): Record<string, unknown> {
  const [, path, raw] = /^([A-Za-z][\w.-]*)=(.+)$/s.exec(text) ?? [];
  if (path === undefined || raw === undefined) throw new IsoLensError('ARGUMENT_INVALID', `Expected --set as in training.steps=400 but received ${JSON.stringify(text)}.`);
  const [name, ...rest] = path.split('.') as [string, ...string[]];
  if (rest.length === 0) return { ...settings, [name]: valueOf(raw) };
  const inner = settings[name];
  const known = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner as Record<string, unknown> : {};
  return { ...settings, [name]: withSetting(known, `${rest.join('.')}=${raw}`) };
}

function valueOf(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

/** Folders by tower; '' where none is named. */
function teachersOf(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(given.map((text) => {
    const [, name, folder] = /^([a-z][a-z0-9-]*)=(.+)$/.exec(text) ?? [text, '', text];
    return [name, resolve(folder)];
  }));
}

function readJson(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new IsoLensError('FILE_NOT_FOUND', `Expected a configuration in ${path} but it cannot be read.`, { cause: thrown });
  }
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (thrown) {
    throw new IsoLensError('ARGUMENT_INVALID', `Expected JSON in ${path}: ${thrown instanceof Error ? thrown.message : ''}`, { cause: thrown });
  }
}
