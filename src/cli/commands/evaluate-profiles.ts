import type { Command } from 'commander';
import { ChemPool } from '../../chem/index.ts';
import { rowOf } from '../../core/index.ts';
import { PROFILE_METHODS, evaluateProfiles, profilesTables } from '../../evaluate/index.ts';
import type { ProfileModels } from '../../evaluate/index.ts';
import { CellsModel, compoundKeys } from '../cells-model.ts';
import type { Context } from '../context.ts';
import { prepareFor, readProfiles } from '../../ingest/index.ts';
import type { Profiles } from '../../ingest/index.ts';
import { foldersOf, namedModel } from '../named-model.ts';
import { repeated, wholeNumber } from '../options.ts';
import { tableText } from '../table.ts';

interface ProfilesFlags {
  readonly data: readonly string[];
  readonly method: string;
  readonly model?: readonly string[];
  readonly folds: number;
  readonly permutations: number;
  readonly seed: number;
  readonly json?: boolean;
}

export function registerProfiles(evaluate: Command, contextOf: () => Context): void {
  const methods = PROFILE_METHODS.map(({ id, summary }) => `${id} (${summary})`).join(' ');
  evaluate.command('profiles')
    .description('Profiles of treated cells: do wells of one compound look alike, and compounds of one mechanism of action? Within a setting and across two.')
    .requiredOption('--data <file>', 'table of CellProfiler or pycytominer, a row a well, plain or gzip; one for each setting', repeated)
    .option('--method <names>', `separated by commas, the others compared with the first: ${methods}`, 'raw,robust,sphered')
    .option('--model <folder>', 'beside them the embedding of a model of profiles, of the compounds that it was trained without; NAME=FOLDER names it, {fold} in it stands for the models that were each trained without one fold; may be repeated', repeated)
    .option('--folds <number>', 'so many models where --model holds {fold}', wholeNumber(2, 100), 5)
    .option('--permutations <number>', 'random rankings that a compound must beat', wholeNumber(100, 1_000_000), 10_000)
    .option('--seed <number>', 'everything drawn follows from it', wholeNumber(0), 1)
    .option('--json', 'print one JSON object')
    .action(async (flags: ProfilesFlags) => {
      const context = contextOf();
      const { data, method, permutations, seed } = flags;
      const asked = method.split(',').map((name) => name.trim());
      const { models, close } = await openProfileModels(context, flags);
      try {
        const result = await evaluateProfiles({ data, methods: asked, models, permutations, seed, progress: context.progress, signal: context.signal });
        for (const remark of result.remarks) context.note(remark);
        context.print(flags.json === true ? JSON.stringify(result) : profilesTables(result).map(tableText).join('\n\n'));
      } finally {
        await close();
      }
    });
}

/** Models as ways to prepare profiles: what they embed wells as. */
async function openProfileModels(context: Context, { model: named = [], folds, data }: ProfilesFlags): Promise<{ models: ProfileModels[]; close: () => Promise<void> }> {
  if (named.length === 0) return { models: [], close: async () => {} };
  const chem = new ChemPool({ workers: 1 });
  const opened: CellsModel[] = [];
  const close = async (): Promise<void> => {
    for (const model of opened) await model.close();
    await chem.close();
  };
  try {
    const keyOf = await keysOf(chem, data);
    const models: ProfileModels[] = [];
    for (const one of named) {
      const { name: id, folder } = namedModel(one);
      const own: CellsModel[] = [];
      for (const path of foldersOf(folder, folds)) own.push(await CellsModel.open(path, { chem }));
      opened.push(...own);
      models.push({ id, parts: own.map((model) => partOf(model, keyOf)) });
    }
    context.note('Asked are the compounds that the models were trained without, by every method; candidates are all.');
    return { models, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** By the SMILES of the tables. */
async function keysOf(chem: ChemPool, tables: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const smiles = new Set<string>();
  for (const path of tables) for (const well of (await readProfiles(path)).wells) if (well.smiles !== null) smiles.add(well.smiles);
  return compoundKeys(chem, [...smiles]);
}

function partOf(model: CellsModel, keyOf: ReadonlyMap<string, string>): ProfileModels['parts'][number] {
  const { features, ...preparation } = model.preparation;
  return {
    apply: async (tables) => {
      const remarks: string[] = [];
      const embedded: Profiles[] = [];
      for (const table of tables) {
        const { flat, matrix, ...rest } = prepareFor(table, features, preparation);
        if (flat.length > 0) remarks.push(`features that do not vary among controls: ${flat.length} of ${features.length}`);
        const vectors = await model.embedCells(Array.from({ length: matrix.rows }, (_, row) => rowOf(matrix, row)));
        embedded.push({ ...rest, features: Array.from({ length: vectors.cols }, (_, c) => `embedding ${c + 1}`), matrix: vectors });
      }
      return { tables: embedded, remarks };
    },
    asks: ({ smiles }) => smiles !== null && model.leftOut?.has(keyOf.get(smiles) ?? '') === true,
  };
}
