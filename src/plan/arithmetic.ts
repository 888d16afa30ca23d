/** From what a step computes and keeps to memory, time and cost. Knows neither recipes nor encoders. */
import { checkBatch } from './define.ts';
import type { Plan, PlanRequest, PlanRun, StepPlan } from './define.ts';
import { memoryOf, rowsThatFit, smallestGpus } from './memory.ts';
import type { Model } from './memory.ts';

/** What is planned. */
export interface Workload {
  readonly model: Model;
  /** Samples of one step over all GPUs, and of the whole training. */
  readonly batch: number;
  readonly samples: number;
  /** Of one step over all GPUs. */
  readonly forwardFlops: number;
  readonly backwardFlops: number;
  readonly recomputedFlops: number;
  /** A GPU's share of the batch may be seen in several passes, their gradients added up. */
  readonly accumulates: boolean;
}

type Numbers = Pick<Plan, 'step' | 'training' | 'memory' | 'replicated' | 'gpuMemory' | 'fits' | 'smallestGpus' | 'runs'>;

const SECONDS_AN_HOUR = 3600;

export function planNumbers(work: Workload, request: PlanRequest): Numbers {
  const { gpus } = request;
  const gpuMemory = gpuMemoryOf(request);
  checkBatch(work.batch, gpus);
  const step = stepOf(work, request);
  const memory = memoryOf(work.model, gpus, step.samplesAtATime);
  const steps = Math.ceil(work.samples / work.batch);
  const rowsOf = (number: number): number => (work.accumulates ? 1 : Math.ceil(work.batch / number));
  return {
    step,
    training: { samples: work.samples, steps, flops: steps * step.flops },
    memory,
    replicated: memoryOf({ ...work.model, sharded: false }, gpus, step.samplesAtATime),
    gpuMemory: gpuMemory ?? null,
    fits: gpuMemory === undefined ? null : memory.total <= gpuMemory,
    smallestGpus: gpuMemory === undefined ? null : smallestGpus(work.model, gpuMemory, work.batch, rowsOf) ?? null,
    runs: runsOf(steps, step, request),
  };
}

const gpuMemoryOf = ({ gpuMemoryGb }: PlanRequest): number | undefined => (gpuMemoryGb === undefined ? undefined : gpuMemoryGb * 1e9);

function stepOf(work: Workload, request: PlanRequest): StepPlan {
  const { gpus } = request;
  const gpuMemory = gpuMemoryOf(request);
  const share = Math.ceil(work.batch / gpus);
  const fitting = gpuMemory === undefined || !work.accumulates ? share : rowsThatFit(work.model, gpus, gpuMemory, share);
  const { forwardFlops, backwardFlops, recomputedFlops } = work;
  return {
    samples: work.batch,
    samplesPerGpu: share,
    // Where not even one fits, the memory of one is shown.
    samplesAtATime: Math.max(1, fitting),
    forwardFlops, backwardFlops, recomputedFlops,
    flops: forwardFlops + backwardFlops + recomputedFlops,
  };
}

function runsOf(steps: number, step: StepPlan, { gpus, teraflops, price, measured }: PlanRequest): PlanRun[] {
  const runs: PlanRun[] = [];
  if (teraflops !== undefined) {
    const flops = teraflops * 1e12;
    // The GPU with the largest share is waited for.
    const hours = (steps * step.flops * step.samplesPerGpu) / step.samples / flops / SECONDS_AN_HOUR;
    const deviceHours = gpus * hours;
    const cost = price === undefined ? null : price * deviceHours;
    runs.push({ devices: gpus, on: gpus === 1 ? '1 GPU' : `${gpus} GPUs`, flopsPerDevice: flops, hours, deviceHours, cost });
  }
  if (measured !== undefined) {
    const hours = (steps * step.flops) / measured.flops / SECONDS_AN_HOUR;
    runs.push({ devices: 1, on: 'this machine', flopsPerDevice: measured.flops, hours, deviceHours: hours, cost: null });
  }
  return runs;
}
