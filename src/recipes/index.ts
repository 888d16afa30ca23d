import { drawingStructureLoob } from './drawing-structure-loob.ts';
import { drawingStructure } from './drawing-structure.ts';
import { graphFingerprint } from './graph-fingerprint.ts';

/** Adding a recipe: one file and one line here. */
export const RECIPES = [drawingStructure, drawingStructureLoob, graphFingerprint] as const;

export { defineRecipe, recipeSchema } from './define.ts';
export type { Recipe, RecipeSource, RecipeTower } from './define.ts';
