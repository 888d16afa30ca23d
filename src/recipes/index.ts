import { bioactivity } from './bioactivity.ts';
import { drawingStructureLoob } from './drawing-structure-loob.ts';
import { drawingStructure } from './drawing-structure.ts';
import { graphFingerprint } from './graph-fingerprint.ts';
import { molclr } from './molclr.ts';
import { simcse } from './simcse.ts';

/** Adding a recipe: one file and one line here. */
export const RECIPES = [drawingStructure, drawingStructureLoob, graphFingerprint, molclr, simcse, bioactivity] as const;

export { defineRecipe, recipeSchema } from './define.ts';
export type { Recipe, RecipeSource, RecipeTower } from './define.ts';
