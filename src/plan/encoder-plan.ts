/** What it takes to train a very large encoder: sharded over GPUs, with activations recomputed. */
import { IsoLensError } from '../core/index.ts';
import { planNumbers } from './arithmetic.ts';
import { costOf, parameterCount, sum } from './cost.ts';
import type { StepNode } from './cost.ts';
import { checkRequest } from './define.ts';
import type { Plan, PlanRequest } from './define.ts';
import { MIXED, SINGLE } from './memory.ts';
import { WORKING_OUTPUTS } from './recipe-plan.ts';
import { regnetGraph } from './regnet-graph.ts';
import { LARGE_ENCODERS } from './regnet.ts';
import type { LargeEncoder } from './regnet.ts';

/** That of SEER, but for the 16-bit format. */
const DEFAULT_PRECISION = 'bf16';

export function largeEncoderOf(id: string): LargeEncoder {
  const encoder = LARGE_ENCODERS.find((one) => one.id === id);
  if (encoder !== undefined) return encoder;
  const known = LARGE_ENCODERS.map((one) => one.id).join(', ');
  throw new IsoLensError('ARGUMENT_INVALID', `Expected --encoder to be one of ${known}; received "${id}".`);
}

/** Of one view at one size. */
interface CropCost {
  readonly flops: number;
  /** Inputs of all parts: what is kept where the rest is computed anew. */
  readonly checkpoints: number;
  /** What the most demanding part makes while it is computed anew, with the gradients at work. */
  readonly working: number;
}

export function planEncoder(encoder: LargeEncoder, request: PlanRequest): Plan {
  checkRequest(request);
  const { design, head, crops } = encoder;
  const { ir, parts } = regnetGraph(design, head, crops[0]!.pixels);
  const precision = request.precision ?? DEFAULT_PRECISION;
  const bytes = precision === 'bf16' ? MIXED : SINGLE;
  const costs = crops.map(({ count, pixels }) => ({ count, ...cropCost(encoder, pixels) }));
  const [trainable, states] = [parameterCount(ir, true), parameterCount(ir, false)];
  const checkpoints = sum(costs.map((cost) => cost.count * cost.checkpoints));
  // Views of one size go through the network together.
  const working = Math.max(...costs.map((cost) => cost.count * cost.working));
  const batch = request.batch ?? encoder.batch;
  const forward = batch * sum(costs.map((cost) => cost.count * cost.flops));
  const numbers = planNumbers({
    model: {
      trainable, states, bytes, sharded: true,
      largestPart: Math.max(...parts.map((prefix) => parameterCount(ir, true, prefix))),
      activationBytes: (rows) => rows * bytes.activations * (checkpoints + working),
    },
    batch,
    samples: request.samples ?? encoder.samples,
    forwardFlops: forward, backwardFlops: 2 * forward, recomputedFlops: forward,
    accumulates: true,
  }, request);
  const inHead = { trainable: parameterCount(ir, true, 'head.'), states: parameterCount(ir, false, 'head.') };
  return {
    kind: 'encoder', id: encoder.id, summary: encoder.summary, references: encoder.references, gpus: request.gpus, precision,
    parts: [
      { name: 'encoder', trainable: trainable - inHead.trainable, states: states - inHead.states },
      { name: 'projection head and prototypes', ...inHead },
    ],
    trainable, states, ...numbers,
    timed: timedOf(encoder, numbers.step),
    assumptions: assumptionsOf(encoder, numbers.step, request),
  };
}

/** What the published step sustained, by this plan's own count. */
function timedOf({ timed }: LargeEncoder, step: Plan['step']): Plan['timed'] {
  if (timed === undefined) return null;
  return { ...timed, flopsPerGpu: ((step.flops / step.samples) * timed.images) / timed.gpus / timed.seconds };
}

function cropCost({ design, head }: LargeEncoder, pixels: number): CropCost {
  const { ir, parts } = regnetGraph(design, head, pixels);
  const { nodes } = costOf(ir, { N: 1 });
  const byPart = parts.map((prefix) => nodes.filter(({ name }) => name.startsWith(prefix)));
  // A part's input is the last output of the part before it; that of the first are the pixels.
  const inputs = [3 * pixels * pixels, ...byPart.slice(0, -1).map((part) => part.at(-1)?.elements ?? 0)];
  return { flops: sum(nodes.map((node) => node.flops)), checkpoints: sum(inputs), working: Math.max(...byPart.map(workingElements)) };
}

function workingElements(part: readonly StepNode[]): number {
  const elements = part.map((node) => node.elements);
  return sum(elements) + WORKING_OUTPUTS * Math.max(0, ...elements);
}

function assumptionsOf({ crops, samples, batch }: LargeEncoder, step: Plan['step'], request: PlanRequest): string[] {
  const passes = Math.ceil(step.samplesPerGpu / step.samplesAtATime);
  const views = crops.map(({ count, pixels }) => `${count} x ${pixels}`).join(' + ');
  const bytes = (request.precision ?? DEFAULT_PRECISION) === 'bf16'
    ? '2 bytes of weights, 2 of gradients, 12 of AdamW (32-bit weights and two moments)'
    : '4 bytes of weights, 4 of gradients, 8 of AdamW\'s two moments';
  return [
    `Samples: images, each seen as ${views} pixels; as published ${samples.toLocaleString('en')} of them, `
    + `${batch.toLocaleString('en')} a step.`,
    'Operations: products and convolutions of the graph, 2 for a multiply-add; backward twice forward; '
    + 'one more forward where activations are computed anew. Element-wise work and Sinkhorn are not counted. '
    + 'A rate is that of all of these.',
    `Memory, a number trained: ${bytes}; SEER's own SGD keeps one moment, 4 bytes less.`,
    'Sharded: weights, gradients and optimiser over all GPUs (ZeRO-3, arXiv:1910.02054; FSDP); '
    + 'the largest block is gathered whole while it runs.',
    'Checkpointed: the input of every block is kept, and the most demanding block is computed anew with all its outputs; '
    + 'buffers of communication and fragmentation are not counted.',
    ...(passes === 1 ? [] : [
      `Passes: ${step.samplesPerGpu} images a GPU do not fit at once: ${passes} passes of at most ${step.samplesAtATime}; `
      + 'normalisation and Sinkhorn then see the smaller batch.',
    ]),
    'The engine here trains on one device: this is the plan for a trainer that shards.',
  ];
}
