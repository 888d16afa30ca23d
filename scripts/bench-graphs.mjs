// Writes the training graphs of the recipes that scripts/gpu-check times, for machines without Node.js.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RECIPES } from '../dist/recipes/index.js';
import { assemble, resolveRecipe } from '../dist/train/index.js';

for (const id of ['drawing-structure', 'graph-fingerprint']) {
  if (!RECIPES.some((recipe) => recipe.id === id)) throw new Error(`Expected a recipe ${id}.`);
  const { graph } = assemble(resolveRecipe(id, {}));
  writeFileSync(fileURLToPath(new URL(`../src/native/standalone/graphs/${id}.json`, import.meta.url)), `${JSON.stringify({ loss: graph.loss, graph: graph.ir })}\n`);
}
