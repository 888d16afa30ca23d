import { describe, expect, it } from 'vitest';
import { RECIPES, recipeSchema } from '../../src/recipes/index.ts';
import { assemble } from '../../src/train/index.ts';

describe('recipes', () => {
  it('have distinct names', () => {
    expect(new Set(RECIPES.map((recipe) => recipe.id)).size).toBe(RECIPES.length);
  });

  for (const recipe of RECIPES) {
    describe(recipe.id, () => {
      it('is data: it survives JSON', () => {
        expect(recipeSchema.parse(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe);
      });

      it('assembles into one graph whose every input is fed by exactly one feed', () => {
        const { graph, feeds } = assemble(recipe);
        const fed = feeds.flatMap((feed) => Object.values(feed.inputs));
        expect(fed.toSorted()).toEqual(graph.ir.inputs.map((input) => input.name).toSorted());
        expect(graph.ir.outputs).toEqual(expect.arrayContaining([graph.loss, ...graph.metrics, ...Object.values(graph.embeddings)]));
      });

      it('says where its idea is published', () => {
        expect(recipe.references.length).toBeGreaterThan(0);
      });
    });
  }
});
