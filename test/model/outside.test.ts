/** What is promised to others: an objective with a state and an encoder that this program has never seen train like its own. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineEncoder } from '../../src/encoders/index.ts';
import { parseGraph } from '../../src/graph/index.ts';
import { buildTrainingGraph } from '../../src/model/index.ts';
import { train } from '../../src/native/index.ts';
import type { TrainEvent } from '../../src/native/index.ts';
import { defineObjective } from '../../src/objectives/index.ts';
import { readSafetensors } from '../../src/train/safetensors.ts';
import { NATIVE_BUILT } from '../contracts/execute.ts';
import { WIDTH, lossesOf, microConfig, temporaryFolder, writeMicroData } from '../native/support.ts';

const path = temporaryFolder();

/** As DINO centres its teacher: the mean of the second side in the batch before is taken away before both are compared. */
const centred = defineObjective({
  id: 'centred',
  summary: 'Squared distance to the other side less its former mean.',
  references: ['Caron et al. 2021, arXiv:2104.14294 (centring)'],
  config: z.strictObject({ share: z.number().min(0).max(1).default(0.5) }),
  build: (g, { a, b }, { share }) => {
    const centre = g.parameter('centre', [Number(b.shape[1])], { kind: 'zeros' }, { trainable: false });
    const moved = g.apply('Sub', [b, g.apply('Mul', [centre, g.constant(share)])]);
    const apart = g.apply('Sub', [a, moved]);
    g.rule({ rule: 'assign', parameter: centre, from: g.apply('ReduceMean', [b], { axes: [0], keepdims: 0 }) });
    return { loss: g.apply('ReduceMean', [g.apply('Mul', [apart, apart])]), metrics: {} };
  },
});

/** One map and a sine. */
const wave = defineEncoder({
  id: 'wave',
  summary: 'A linear map and its sine-like activation.',
  references: [],
  presets: { tiny: { width: 16 } },
  config: z.strictObject({ width: z.number() }),
  inputs: () => [{ role: 'dense', dtype: 'f32', shape: ['N', WIDTH] }],
  outputWidth: ({ width }) => width,
  build: (g, { dense }, { width }) => g.apply('Tanh', [g.apply('Gemm', [dense!, g.parameter('weight', [width, WIDTH], { kind: 'normal', std: 0.3 })], { transB: 1 })]),
});

describe.skipIf(!NATIVE_BUILT)('from outside', () => {
  it('an objective with a state and an encoder are built, trained and kept', async () => {
    const tower = (prefix: string) => ({ encoder: wave, config: 'tiny', prefix, projection: { layers: 1, hidden: 16 } }) as const;
    const graph = buildTrainingGraph({ towers: [tower('left'), tower('right')], losses: [{ objective: centred, between: ['left', 'right'] }], embeddingDimension: 8 });
    expect(parseGraph(JSON.parse(JSON.stringify(graph.ir)))).toEqual(graph.ir);
    writeMicroData(path('data'), 64);
    const events: TrainEvent[] = [];
    await train(microConfig(path('data'), {
      graph: graph.ir, loss: graph.loss, metrics: [...graph.metrics], schedule: { steps: 60, warmupSteps: 3 }, checkpoint: { path: path('run') },
      feeds: [{ kind: 'dense', column: 'a', inputs: { dense: graph.inputs['left']!['dense']! } }, { kind: 'dense', column: 'b', inputs: { dense: graph.inputs['right']!['dense']! } }],
    }), (event) => events.push(event)).done;
    const losses = lossesOf(events);
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2);
    const centre = readSafetensors(path('run')).tensors['param/objective.centre']!.data as Float32Array;
    expect(centre.some((value) => value !== 0)).toBe(true);
  });
});
