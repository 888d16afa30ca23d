/**
 * Training step (forward, backward, AdamW) of the shipped drawing tower and of the fingerprint MLP: the native engine beside
 * PyTorch on the same processor, same shapes, same threads, in turns. Needs a Python with torch (Debian: python3-torch).
 *
 *   node test/bench/training-step.mjs [--threads 2] [--repeats 5] [--python /usr/bin/python3] [--json]
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { encoderById, encoderConfig } from '../../dist/encoders/index.js';
import { buildTower } from '../../dist/model/index.js';
import { GraphBuilder } from '../../dist/graph/index.js';
import { createProgram, nativeInfo } from '../../dist/native/index.js';
import { objectiveById, objectiveConfig } from '../../dist/objectives/index.js';
import { resolveRecipe } from '../../dist/train/index.js';
import { assemble } from '../../dist/train/index.js';

const { values } = parseArgs({ options: { threads: { type: 'string', default: '2' }, repeats: { type: 'string', default: '5' }, python: { type: 'string', default: '/usr/bin/python3' }, json: { type: 'boolean', default: false } } });
const threads = Number(values.threads);
const repeats = Number(values.repeats);
const DRAWING_BATCH = 128;
const MLP_BATCH = 512;

const recipe = resolveRecipe('drawing-structure');
const assembly = assemble(recipe);
const drawing = assembly.towers[0].spec.config;
// PyTorch's twin has no dropout: neither has the MLP here.
const mlp = encoderConfig(encoderById('mlp'), assembly.towers[1].spec.config, { inputDropout: 0, dropout: 0 });

function native(encoderId, config, batch, precision) {
  const g = new GraphBuilder('bench');
  const encoder = encoderById(encoderId);
  const inputs = Object.fromEntries(encoder.inputs(config).map((input) => [input.role, g.input(input.role, input.dtype, input.shape)]));
  const tower = buildTower(g, encoder, config, { embeddingDimension: recipe.embeddingDimension, projection: { layers: 1, hidden: 1 } }, 'tower', inputs);
  const partner = g.input('partner', 'f32', ['N', recipe.embeddingDimension]);
  const clip = objectiveById('clip');
  g.output(g.named('loss', clip.build(g.scope('objective'), { a: tower.embedding, b: partner }, objectiveConfig(clip, {})).loss));
  const program = createProgram(g.toIr(), { training: true, capacity: { N: batch }, loss: 'loss', threads, precision, seed: 1 });
  program.bind({ N: batch });
  for (const input of encoder.inputs(config)) {
    const shape = input.shape.map((size) => (size === 'N' ? batch : size));
    program.setInput(input.role, Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i * 2654435761 % 1000) / 1000), shape);
  }
  program.setInput('partner', new Float32Array(batch * recipe.embeddingDimension).fill(1 / Math.sqrt(recipe.embeddingDimension)), [batch, recipe.embeddingDimension]);
  let step = 0;
  return () => {
    const start = performance.now();
    program.zeroGradients();
    program.forward(true, step);
    program.backward();
    program.adamwStep({ learningRate: 1e-3, weightDecay: 0.05 }, ++step);
    return (performance.now() - start) / 1000;
  };
}

const torch = () => JSON.parse(execFileSync(values.python, [new URL('torch_step.py', import.meta.url).pathname, JSON.stringify({
  threads,
  repeats,
  drawing: { batch: DRAWING_BATCH, channels: drawing.channels, height: drawing.height, width: drawing.width, stem: { ...drawing.stem, padding: (drawing.stem.kernel - 1) >> 1 }, widths: drawing.widths, depths: drawing.depths, pool: drawing.pool === 'average-max' ? 'avg-max' : 'avg', dimension: recipe.embeddingDimension },
  mlp: { batch: MLP_BATCH, width: mlp.inputWidth, hidden: mlp.hidden, dimension: recipe.embeddingDimension },
})], { encoding: 'utf8' }));

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const sample = (run) => median(Array.from({ length: repeats + 1 }, run).slice(1));

const rounds = [];
for (let round = 0; round < 3; round++) {
  const peer = torch();
  const one = { peer };
  for (const precision of ['f32', 'bf16']) {
    one[`drawing-${precision}`] = sample(native('resnet', drawing, DRAWING_BATCH, precision));
    one[`mlp-${precision}`] = sample(native('mlp', mlp, MLP_BATCH, precision));
  }
  rounds.push(one);
}
const of = (pick) => median(rounds.map(pick));
const torchDrawing = (round) => Math.min(round.peer.drawing, round.peer.drawingChannelsLast);
const result = {
  threads,
  hasBf16: nativeInfo().hasBf16,
  torch: rounds[0].peer.torch,
  seconds: {
    torch: { drawing: of(torchDrawing), mlp: of((round) => round.peer.mlp) },
    f32: { drawing: of((round) => round['drawing-f32']), mlp: of((round) => round['mlp-f32']) },
    bf16: { drawing: of((round) => round['drawing-bf16']), mlp: of((round) => round['mlp-bf16']) },
  },
  // Of each round, then the median: what disturbs the machine disturbs both sides of a ratio.
  ratio: Object.fromEntries(['f32', 'bf16'].map((precision) => [precision, {
    drawing: of((round) => round[`drawing-${precision}`] / torchDrawing(round)),
    mlp: of((round) => round[`mlp-${precision}`] / round.peer.mlp),
  }])),
};
if (values.json) console.log(JSON.stringify(result));
else {
  console.log(`Training step, ${threads} threads, batch ${DRAWING_BATCH} drawings of ${drawing.height}x${drawing.width} / ${MLP_BATCH} fingerprints; PyTorch ${result.torch}`);
  console.table(Object.fromEntries(Object.entries(result.seconds).map(([who, s]) => [who, { 'drawing s': s.drawing.toFixed(3), 'mlp s': s.mlp.toFixed(4), 'drawing ratio': result.ratio[who]?.drawing.toFixed(2) ?? '1', 'mlp ratio': result.ratio[who]?.mlp.toFixed(2) ?? '1' }])));
}
