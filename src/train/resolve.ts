/** A recipe by name, with single settings replaced by a configuration file. */
import { IsoLensError } from '../core/index.ts';
import { RECIPES, recipeSchema } from '../recipes/index.ts';
import type { Recipe } from '../recipes/index.ts';

/** `overrides` is merged into the recipe: objects key by key, lists and values as a whole. */
export function resolveRecipe(id: string, overrides: unknown = {}): Recipe {
  const recipe = RECIPES.find((one) => one.id === id);
  if (recipe === undefined) throw new IsoLensError('ARGUMENT_INVALID', `Expected a recipe (${RECIPES.map((one) => one.id).join(', ')}) but received "${id}".`);
  const parsed = recipeSchema.safeParse(merge(recipe, overrides));
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
