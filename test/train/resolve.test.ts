import { describe, expect, it } from 'vitest';
import { RECIPES, recipeSchema } from '../../src/recipes/index.ts';
import { resolveRecipe } from '../../src/train/index.ts';

describe.each(RECIPES.map((recipe) => [recipe.id, recipe] as const))('recipe %s', (id, recipe) => {
  it('is whole, and stays as it is without settings', () => {
    expect(recipeSchema.parse(recipe)).toEqual(recipe);
    expect(resolveRecipe(id)).toEqual(recipe);
  });

  it('takes single settings and leaves the others', () => {
    const isOfMolecules = recipe.images === undefined && recipe.profiles === undefined;
    const own = isOfMolecules ? { sources: [{ file: 'mine.smi' }] } : recipe.images === undefined ? { profiles: { tables: ['mine.csv'] } } : { images: { table: 'mine.tsv' } };
    const resolved = resolveRecipe(id, { training: { steps: 7 }, ...own });
    expect(resolved.training).toEqual({ ...recipe.training, steps: 7 });
    if (isOfMolecules) expect(resolved.sources).toEqual([{ file: 'mine.smi', repeat: 1 }]);
    expect(resolved.images).toEqual(recipe.images === undefined ? undefined : { ...recipe.images, table: 'mine.tsv' });
    expect(resolved.profiles).toEqual(recipe.profiles === undefined ? undefined : { ...recipe.profiles, tables: ['mine.csv'] });
    expect(resolved.towers).toEqual(recipe.towers);
  });

  it('refuses settings that do not exist or make no sense, by name', () => {
    const refusal = (overrides: unknown): string => {
      try {
        resolveRecipe(id, overrides);
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'ARGUMENT_INVALID' });
        return (thrown as Error).message;
      }
      throw new Error('not refused');
    };
    expect(refusal({ training: { step: 7 } })).toContain('step');
    expect(refusal({ training: { steps: -1 } })).toContain('training.steps');
    expect(refusal({ training: { steps: Number.NaN } })).toContain('training.steps');
    expect(refusal({ towers: [] })).toContain('towers');
    expect(refusal([])).not.toBe('');
    expect(refusal('fast')).not.toBe('');
  });
});

it('names the recipes that exist', () => {
  expect(() => resolveRecipe('nonsense')).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID', message: expect.stringContaining(RECIPES[0].id) as string }));
});
