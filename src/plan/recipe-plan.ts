/** What it takes to train a recipe of the house: its own graph, its own steps. */
import { IsoLensError } from '../core/index.ts';
import type { GraphIr } from '../graph/index.ts';
import { RECIPES } from '../recipes/index.ts';
import type { Recipe } from '../recipes/index.ts';
import { assemble } from '../train/index.ts';
import type { Assembly } from '../train/index.ts';
import { planNumbers } from './arithmetic.ts';
import { costOf, parameterCount } from './cost.ts';
import type { StepCost } from './cost.ts';
import { checkRequest } from './define.ts';
import type { PartCount, Plan, PlanRequest } from './define.ts';
import { SINGLE } from './memory.ts';

/**
 * Sizes of an average molecule of ZINC250k, counted over its 249,455 SMILES: 23.2 heavy atoms; 24.9 bonds, each two edges, there and
 * back. By the last word of a symbol: a second view's atoms are "view_V".
 */
export const MOLECULE_SIZES: Readonly<Record<string, number>> = { N: 1, V: 23.15, E: 49.8 };

/** The symbols' sizes for a batch of `rows` molecules. */
export function sizesOf(graph: GraphIr, rows: number, molecule: Readonly<Record<string, number>> = MOLECULE_SIZES): Record<string, number> {
  return Object.fromEntries(graph.symbols.map((symbol) => [symbol, Math.ceil(rows * (molecule[symbol.split('_').at(-1)!] ?? NaN))]));
}

export function recipeOf(id: string): Recipe {
  const recipe = RECIPES.find((one) => one.id === id);
  if (recipe !== undefined) return recipe;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected --recipe to be one of ${RECIPES.map((one) => one.id).join(', ')}; received "${id}".`);
}

export function planRecipe(recipe: Recipe, request: PlanRequest): Plan {
  checkRequest(request);
  const assembly = assemble(recipe);
  const { ir, loss } = assembly.graph;
  const { training } = recipe;
  const costs = new Map<number, StepCost>();
  const costAt = (rows: number): StepCost => {
    const known = costs.get(rows) ?? costOf(ir, sizesOf(ir, rows), [loss]);
    costs.set(rows, known);
    return known;
  };
  const batch = request.batch ?? training.batchSize * training.accumulate;
  const whole = costAt(batch);
  const isChunked = training.chunk > 0 && training.chunk < batch;
  // What the towers see at a time: a chunk, or one of the batches whose gradients are added up.
  const atATime = (rows: number): number => Math.min(rows, isChunked ? training.chunk : Math.ceil(rows / training.accumulate));
  const numbers = planNumbers({
    model: {
      trainable: whole.trainable, states: whole.states, bytes: SINGLE, sharded: false, largestPart: 0,
      activationBytes: (rows) => {
        const { keptElements, largestElements } = costAt(atATime(rows));
        return SINGLE.activations * (keptElements + WORKING_OUTPUTS * largestElements);
      },
    },
    batch,
    samples: request.samples ?? training.steps * training.batchSize * training.accumulate,
    forwardFlops: whole.forwardFlops,
    backwardFlops: whole.backwardFlops,
    recomputedFlops: isChunked ? whole.forwardFlops : 0,
    accumulates: false,
  }, request);
  const precision = request.precision ?? training.precision;
  return {
    kind: 'recipe', id: recipe.id, summary: recipe.summary, references: recipe.references, gpus: request.gpus, precision,
    parts: partsOf(assembly), trainable: whole.trainable, states: whole.states, ...numbers, timed: null,
    assumptions: assumptionsOf(ir, request, isChunked),
  };
}

/** While a node runs, what it reads and what it writes, at most so large each: gradients, or values that nothing keeps. */
export const WORKING_OUTPUTS = 2;

/** Towers by their names; what is left are objectives and heads. */
function partsOf({ towers, graph: { ir } }: Assembly): PartCount[] {
  const parts = towers.map(({ recipe: { name, weightsOf } }) => ({
    name: weightsOf === undefined ? `tower ${name}` : `tower ${name} (that of ${weightsOf})`,
    trainable: parameterCount(ir, true, `${name}.`),
    states: parameterCount(ir, false, `${name}.`),
  }));
  const rest = (trainable: boolean, ofTowers: number): number => parameterCount(ir, trainable) - ofTowers;
  const others = {
    name: 'objectives and heads',
    trainable: rest(true, parts.reduce((total, part) => total + part.trainable, 0)),
    states: rest(false, parts.reduce((total, part) => total + part.states, 0)),
  };
  return others.trainable + others.states === 0 ? parts : [...parts, others];
}

function assumptionsOf(ir: GraphIr, { gpus }: PlanRequest, isChunked: boolean): string[] {
  const hasMolecules = ir.symbols.some((symbol) => symbol.split('_').at(-1) !== 'N');
  return [
    'Operations: products and convolutions of the recipe\'s graph, 2 for a multiply-add; backward twice forward where a gradient passes; '
    + 'element-wise work is not counted.',
    ...(hasMolecules ? [`Sizes: ${MOLECULE_SIZES['V']} atoms and ${MOLECULE_SIZES['E']} edges a molecule, the mean of ZINC250k.`] : []),
    'Memory: 32-bit weights, gradients and AdamW\'s two moments, as the engine keeps them in both precisions; '
    + 'activations are an upper bound: all that nodes make or read through which a gradient passes.',
    ...(isChunked ? ['Chunks: towers run forward twice, once for the embeddings and once for the gradients.'] : []),
    ...(gpus === 1 ? [] : [
      `${gpus} GPUs: a copy of the model on each and an even share of the batch; that embeddings are gathered for the loss is not counted. `
      + 'The engine here trains on one device: more need a trainer that adds up gradients over them.',
    ]),
  ];
}
