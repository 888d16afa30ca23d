/** Layers over inputs that are declared sparse: another operator in training, the same numbers, the same files. */
import { expect, test } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { encoderById, encoderConfig } from '../../src/encoders/index.ts';
import { writeOnnx } from '../../src/graph/index.ts';
import type { GraphIr } from '../../src/graph/index.ts';
import { buildTrainingGraph } from '../../src/model/index.ts';
import type { TowerSpec } from '../../src/model/index.ts';
import { createProgram } from '../../src/native/index.ts';
import { RECIPES } from '../../src/recipes/index.ts';
import { assemble, resolveRecipe } from '../../src/train/index.ts';
import { servingGraph } from '../../src/train/assemble.ts';
import { NATIVE_BUILT, noisyWeights, relativeError } from '../contracts/execute.ts';
import type { Data } from '../contracts/execute.ts';

const WIDTH = 300;
const N = 24;

const sparseNodes = ({ nodes }: GraphIr): string[] => nodes.filter(({ op }) => op === 'SparseGemm').map(({ name }) => name);

function towerOf(sparseRoles: readonly string[]): TowerSpec {
  const encoder = encoderById('mlp');
  const config = encoderConfig(encoder, 'tiny', { inputWidth: WIDTH, hidden: [48, 32] });
  return { encoder, config, prefix: 'structure', projection: { layers: 1, hidden: 16 }, sparseRoles };
}

function trainingOf(sparseRoles: readonly string[]): GraphIr {
  const tower = towerOf(sparseRoles);
  const other = { ...tower, prefix: 'view', weightsOf: 'structure', inputNames: { dense: 'structure.dense' } };
  const losses = [{ objective: 'nt-xent', between: ['structure', 'view'] }];
  return buildTrainingGraph({ towers: [tower, other], losses, embeddingDimension: 16 }).ir;
}

/** (N, WIDTH) like counts of environments; row 0 is of a molecule without any. */
function fingerprints(): Data {
  const rng = createRng(3);
  const count = (): number => Math.log1p(1 + Math.floor(rng.next() * 3));
  const data = Float32Array.from({ length: N * WIDTH }, (_, i) => (i >= WIDTH && rng.next() < 0.04 ? count() : 0));
  return { data, shape: [N, WIDTH] };
}

test('what the modality declares sparse reaches the first layer through dropout, and no other layer', () => {
  expect(sparseNodes(trainingOf(['dense']))).toEqual(['structure.layers.0.linear.gemm', 'view.layers.0.linear.gemm']);
  expect(sparseNodes(trainingOf([]))).toEqual([]);
});

test('recipes of fingerprints train sparse layers, those of profiles and drawings do not, and none is served', () => {
  for (const recipe of RECIPES) {
    const { graph, towers } = assemble(resolveRecipe(recipe.id));
    const reading = towers.filter(({ modality, spec }) => modality.id === 'fingerprint' && spec.encoder.id === 'mlp');
    expect(sparseNodes(graph.ir).length, recipe.id).toBe(reading.length);
    for (const tower of towers) expect(sparseNodes(servingGraph(tower, recipe).ir), recipe.id).toEqual([]);
  }
});

test('a file is the same, byte for byte, with batch normalisation folded or not', () => {
  const [dense, sparse] = [[], ['dense']].map((sparseRoles) => trainingOf(sparseRoles));
  const embeddings = (ir: GraphIr): GraphIr => ({ ...ir, outputs: ['structure.embedding'] });
  const weights = noisyWeights(dense!, 5);
  for (const foldBatchNormalization of [false, true]) {
    const [plain, other] = [dense!, sparse!].map((ir) => writeOnnx(embeddings(ir), weights, { foldBatchNormalization }));
    expect(other).toEqual(plain);
  }
});

function lossesOf(ir: GraphIr, threads: number): { losses: number[]; weight: Float32Array } {
  const program = createProgram(ir, { training: true, capacity: { N }, loss: 'loss', threads, seed: 1 });
  program.bind({ N });
  const { data, shape } = fingerprints();
  program.setInput('structure.dense', data, shape);
  const losses = Array.from({ length: 12 }, (_, i) => {
    program.zeroGradients();
    program.forward(true, i + 1);
    program.backward();
    program.adamwStep({ learningRate: 1e-3, weightDecay: 0.02, clipNorm: 5 }, i + 1);
    return program.value('loss').data[0]!;
  });
  return { losses, weight: program.getParameter('structure.layers.0.linear.weight').data };
}

test.skipIf(!NATIVE_BUILT)('training goes as with dense layers, and the same on any number of threads', () => {
  const dense = lossesOf(trainingOf([]), 1), sparse = lossesOf(trainingOf(['dense']), 1), two = lossesOf(trainingOf(['dense']), 2);
  expect(relativeError(Float32Array.from(sparse.losses), dense.losses)).toBeLessThan(1e-4);
  expect(relativeError(sparse.weight, dense.weight)).toBeLessThan(1e-3);
  expect(sparse.losses.at(-1)!).toBeLessThan(sparse.losses[0]!);
  expect(relativeError(two.weight, sparse.weight)).toBeLessThan(1e-5);
});
