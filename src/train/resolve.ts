/** A recipe by name, with single settings replaced by a configuration file. */
import type * as z from 'zod';
import { IsoLensError } from '../core/index.ts';
import { READER_RECIPES, RECIPES, readerRecipeSchema, recipeSchema } from '../recipes/index.ts';
import type { ReaderRecipe, Recipe } from '../recipes/index.ts';

/** `overrides` is merged into the recipe: objects key by key, lists and values as a whole. */
export function resolveRecipe(id: string, overrides: unknown = {}): Recipe {
  const recipe = RECIPES.find((one) => one.id === id);
  if (recipe !== undefined) return checked(recipeSchema.safeParse(merge(recipe, overrides)));
  throw new IsoLensError('ARGUMENT_INVALID', `Expected a recipe (${[...RECIPES, ...READER_RECIPES].map((one) => one.id).join(', ')}) but received "${id}".`);
}

/** The same for recipes of readers; undefined where the name is none of theirs. */
export function resolveReaderRecipe(id: string, overrides: unknown = {}): ReaderRecipe | undefined {
  const recipe = READER_RECIPES.find((one) => one.id === id);
  return recipe === undefined ? undefined : checked(readerRecipeSchema.safeParse(merge(recipe, overrides)));
}

function checked<T>(parsed: z.ZodSafeParseResult<T>): T {
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new IsoLensError('ARGUMENT_INVALID', `Expected settings of a recipe but received some that are not valid: ${problems.join('; ')}.`);
}

function merge(base: unknown, over: unknown): unknown {
  if (!isObject(base) || !isObject(over)) return over;
  return Object.fromEntries([...new Set([...Object.keys(base), ...Object.keys(over)])].map((key) => [key, key in over ? (key in base ? merge(base[key], over[key]) : over[key]) : base[key]]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
