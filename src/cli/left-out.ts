/** What a run must not learn from: the held-out list, and the actives of screening protocols that it will be judged by. */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { ChemPool } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import { readActives } from '../evaluate/index.ts';
import type { Recipe } from '../recipes/index.ts';
import { NOTHING_HELD_OUT, moleculesLeftOut, readHeldOut, resolveRecipe, targetsLeftOut } from '../train/index.ts';
import type { HeldOut } from '../train/index.ts';
import type { Context } from './context.ts';

export interface LeftOut extends HeldOut {
  readonly name: string;
}

/** The list given, that of the data folder, or with "none" an empty one. */
export function heldOutList(given: string | undefined, dataFolder: string): LeftOut {
  const list = given === 'none' ? NOTHING_HELD_OUT : readHeldOut(given ?? join(dataFolder, 'heldout.txt.gz'));
  return { ...list, name: 'the held-out list' };
}

type Services = Pick<Context, 'progress' | 'signal'>;

/** The actives of a screening protocol; "none": nothing. */
export async function screeningActives(services: Services, chem: ChemPool, path: string): Promise<LeftOut> {
  const name = `the actives of ${basename(path)}`;
  return path === 'none' ? { ...NOTHING_HELD_OUT, name } : moleculeList(services, chem, name, await readActives(path));
}

/** Molecules of the assays that a recipe leaves to the fit of scores, and of the tables that it is measured on. */
export async function measuredMolecules(services: Services, chem: ChemPool, wish: NonNullable<Recipe['measurements']>, dataFolder: string): Promise<LeftOut[]> {
  const lists: LeftOut[] = [];
  for (const { name, smiles } of moleculesLeftOut(wish, dataFolder)) lists.push(await moleculeList(services, chem, `the molecules of ${name}`, smiles));
  return lists;
}

/** Targets that a recipe leaves out of training, so that new targets can be measured on, with what is known of each. */
export function newTargetsOf(recipe: string, dataFolder: string): ReturnType<typeof targetsLeftOut> {
  const { measurements } = resolveRecipe(recipe);
  const found = measurements === undefined ? [] : targetsLeftOut(measurements, dataFolder);
  if (found.length > 0) return found;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected a recipe that leaves targets out for --left-out-of but received "${recipe}".`);
}

export async function moleculesOfNewTargets(services: Services & Pick<Context, 'data'>, chem: ChemPool, recipe: string): Promise<LeftOut> {
  const smiles = new Set(newTargetsOf(recipe, services.data).flatMap((target) => target.smiles));
  return moleculeList(services, chem, `the molecules of the targets that ${recipe} leaves out`, [...smiles]);
}

const BATCH = 2048;

/** Their skeletons, counter-ions included and without. */
export async function moleculeList({ progress, signal }: Services, chem: ChemPool, name: string, smiles: readonly string[]): Promise<LeftOut> {
  const keys = new Set<string>();
  progress.start(name, smiles.length);
  for (let from = 0; from < smiles.length; from += BATCH) {
    const { molecules, inputKeys = [] } = await chem.featurise(smiles.slice(from, from + BATCH), { inputKey: true }, { signal });
    molecules.forEach(({ connectivityKey }) => keys.add(connectivityKey));
    inputKeys.forEach((key) => keys.add(key.slice(0, 14)));
    progress.update(Math.min(smiles.length, from + BATCH));
  }
  progress.finish(`${keys.size} skeletons`);
  const digest = createHash('sha256').update([...keys].sort().join('\n')).digest('hex');
  return { name, size: keys.size, digest, has: (given) => given.some((key) => keys.has(key.slice(0, 14))) };
}

/** What any of the lists leaves out. */
export function anyOf(lists: readonly HeldOut[]): HeldOut {
  const digest = createHash('sha256').update(lists.map((list) => list.digest).join('\n')).digest('hex');
  return { size: lists.reduce((sum, { size }) => sum + size, 0), digest: lists.length === 1 ? lists[0]!.digest : digest, has: (keys) => lists.some((list) => list.has(keys)) };
}
