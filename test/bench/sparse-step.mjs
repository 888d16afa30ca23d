/**
 * Training step of a recipe's fingerprint towers with sparse first layers beside the same with dense ones: fingerprints of the demo
 * library's molecules, the recipe's widths, batch and precision, dropout as trained. Steps alternate; medians are compared.
 *
 *   node test/bench/sparse-step.mjs [--recipe bioactivity] [--precision bf16] [--batch N] [--threads 2] [--steps 15] [--json]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { createKernel, featurise } from '../../dist/chem/index.js';
import { median } from '../../dist/core/index.js';
import { GraphBuilder } from '../../dist/graph/index.js';
import { buildTower } from '../../dist/model/index.js';
import { createProgram } from '../../dist/native/index.js';
import { objectiveById, objectiveConfig } from '../../dist/objectives/index.js';
import { assemble, resolveRecipe } from '../../dist/train/index.js';

const { values } = parseArgs({ options: {
  recipe: { type: 'string', default: 'bioactivity' }, precision: { type: 'string' }, batch: { type: 'string' },
  threads: { type: 'string', default: '2' }, steps: { type: 'string', default: '15' }, json: { type: 'boolean', default: false },
} });
const recipe = resolveRecipe(values.recipe);
const towers = assemble(recipe).towers.filter(({ spec }) => spec.sparseRoles.length > 0);
const batch = Number(values.batch ?? recipe.training.batchSize);
const precision = values.precision ?? recipe.training.precision;
const dimension = recipe.embeddingDimension;
const threads = Number(values.threads);

const root = new URL('../../', import.meta.url);
const lines = gunzipSync(readFileSync(new URL('indexes/demo-library/molecules.smi.gz', root))).toString('utf8').trim().split('\n');
const every = Math.max(1, Math.floor(lines.length / (batch * 1.2)));
const smiles = lines.filter((_, i) => i % every === 0).map((line) => line.split(/\s/)[0]);
const kernel = await createKernel();
const { modality, modalityConfig } = towers[0];
const features = featurise(kernel, smiles, modality.request(modalityConfig));
const { data, shape } = modality.tensors(features, modalityConfig, { from: 0, to: batch }).dense;

function program(isSparse) {
  const g = new GraphBuilder('bench');
  const dense = g.input('dense', 'f32', ['N', shape[1]], { isSparse });
  const partner = g.input('partner', 'f32', ['N', dimension]);
  const clip = objectiveById('clip');
  const losses = towers.map(({ spec }) => {
    const options = { embeddingDimension: dimension, projection: spec.projection, weightsOf: spec.weightsOf };
    const { embedding } = buildTower(g, spec.encoder, spec.config, options, spec.prefix, { dense });
    return clip.build(g.scope(`objective-${spec.prefix}`), { a: embedding, b: partner }, objectiveConfig(clip, {})).loss;
  });
  g.output(g.named('loss', losses.reduce((sum, loss) => g.apply('Add', [sum, loss]))));
  const bound = createProgram(g.toIr(), { training: true, capacity: { N: batch }, loss: 'loss', threads, precision, seed: 1 });
  bound.bind({ N: batch });
  bound.setInput('dense', data, [batch, shape[1]]);
  bound.setInput('partner', new Float32Array(batch * dimension).fill(1 / Math.sqrt(dimension)), [batch, dimension]);
  return bound;
}

const PARTS = ['zero', 'forward', 'backward', 'adamw'];
const { learningRate, weightDecay, clipNorm } = recipe.training;
function step(bound, at) {
  const work = [
    () => bound.zeroGradients(), () => bound.forward(true, at), () => bound.backward(),
    () => bound.adamwStep({ learningRate, weightDecay, clipNorm }, at),
  ];
  const ms = work.map((part) => {
    const start = performance.now();
    part();
    return performance.now() - start;
  });
  return [...ms, ms.reduce((a, b) => a + b)];
}

const programs = { dense: program(false), sparse: program(true) };
const times = { dense: [], sparse: [] };
const losses = [];
for (let at = 1; at <= Number(values.steps) + 2; at++) {
  for (const [name, bound] of Object.entries(programs)) {
    const ms = step(bound, at);
    if (at > 2) times[name].push(ms);
  }
  losses.push([programs.dense, programs.sparse].map((bound) => bound.value('loss').data[0]));
}
const of = (name) => Object.fromEntries([...PARTS, 'step'].map((part, i) => [part, median(times[name].map((ms) => ms[i]))]));
const share = data.reduce((sum, value) => sum + (value !== 0), 0) / batch;
const ratio = median(times.dense.map((ms, i) => ms[4] / times.sparse[i][4]));
const lossDifference = Math.max(...losses.slice(0, 3).map(([a, b]) => Math.abs(a - b)));
const result = {
  recipe: recipe.id, towers: towers.length, batch, width: shape[1], entriesPerRow: share, precision, threads,
  dense: of('dense'), sparse: of('sparse'), ratio, lossDifference,
};
if (values.json) console.log(JSON.stringify(result));
else {
  const columns = `${share.toFixed(0)} of ${shape[1]} columns`;
  console.log(`${recipe.id}: ${towers.length} tower(s), batch ${batch}, ${columns}, ${precision}, ${threads} thread(s)`);
  console.log(`${ratio.toFixed(2)} x; losses of the first steps within ${lossDifference.toExponential(1)}`);
  const row = (name) => Object.fromEntries(Object.entries(result[name]).map(([part, ms]) => [`${part} ms`, ms.toFixed(1)]));
  console.table({ dense: row('dense'), sparse: row('sparse') });
}
