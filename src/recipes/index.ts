import { drawingStructure } from './drawing-structure.ts';

/** Adding a recipe: one file and one line here. */
export const RECIPES = [drawingStructure] as const;

export { recipeSchema } from './define.ts';
export type { Recipe, RecipeSource, RecipeTower } from './define.ts';
