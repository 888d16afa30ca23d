/** A plan in people's units. */
import type { Measured, Plan, PlanRun } from './define.ts';

export type PlanRow = readonly [what: string, figure: string];

/** One table, in order. */
export function planRows(plan: Plan, measured?: Measured): PlanRow[] {
  const perGpu = plan.gpus === 1 ? 'memory' : 'memory of one GPU';
  const { memory, step, training } = plan;
  return [
    [plan.kind, `${plan.id}: ${plan.summary}`],
    ...plan.parts.map(({ name, trainable, states }): PlanRow => [`parameters, ${name}`, `${count(trainable)}${states === 0 ? '' : ` and ${count(states)} that are not trained`}`]),
    ['parameters in all', count(plan.trainable)],
    ['one step', `${whole(step.samples)} samples${plan.gpus === 1 ? '' : `, at most ${whole(step.samplesPerGpu)} a GPU`}${step.samplesAtATime < step.samplesPerGpu ? `, ${whole(step.samplesAtATime)} at a time` : ''}`],
    ['one step, computed', `${operations(step.flops)}: forward ${operations(step.forwardFlops)}, backward ${operations(step.backwardFlops)}${step.recomputedFlops === 0 ? '' : `, again forward ${operations(step.recomputedFlops)}`}`],
    ['training', `${count(training.samples)} samples, ${whole(training.steps)} steps, ${operations(training.flops)}`],
    [`${perGpu}, weights`, size(memory.weights)],
    [`${perGpu}, gradients`, size(memory.gradients)],
    [`${perGpu}, optimiser`, size(memory.optimiser)],
    ...(memory.states === 0 ? [] : [[`${perGpu}, states`, size(memory.states)] as const]),
    ...(memory.gathered === 0 ? [] : [[`${perGpu}, largest block gathered`, size(memory.gathered)] as const]),
    [`${perGpu}, activations`, size(memory.activations)],
    [`${perGpu}, in all`, `${size(memory.total)}${fitText(plan)}`],
    ...(plan.replicated.total === memory.total ? [] : [['the same, not sharded', `${size(plan.replicated.total)}${plan.gpuMemory === null ? '' : plan.replicated.total <= plan.gpuMemory ? ': fits too' : ': does not fit'}`] as const]),
    ...(plan.gpuMemory === null ? [] : [['smallest number of GPUs', smallestText(plan)] as const]),
    ...(plan.timed === null ? [] : [timedRow(plan.timed)]),
    ...(measured === undefined ? [] : [['measured on this machine', `${rate(measured.flops)} (${measured.what})`] as const]),
    ...plan.runs.map(runRow),
    ...(plan.runs.length > 0 ? [] : [['time and cost', 'need the rate of a GPU (--flops, in TFLOP/s sustained over whole steps), or that of this machine (--measure)'] as const]),
  ];
}

function timedRow({ gpus, gpu, images, seconds, source, flopsPerGpu }: NonNullable<Plan['timed']>): PlanRow {
  return ['a step as published', `${seconds} seconds for ${whole(images)} images on ${whole(gpus)} ${gpu}, ${rate(flopsPerGpu)} each by this count (${source})`];
}

function fitText({ fits, gpuMemory }: Plan): string {
  if (gpuMemory === null) return '';
  return `: ${fits === true ? 'fits' : 'does not fit'} in ${size(gpuMemory)}`;
}

function smallestText({ kind, smallestGpus, step }: Plan): string {
  if (smallestGpus === null) return `none up to ${whole(step.samples)} is enough`;
  return `${whole(smallestGpus)}${kind === 'encoder' ? ', one image at a time' : ''}`;
}

function runRow({ on, flopsPerDevice, hours, deviceHours, devices, cost }: PlanRun): PlanRow {
  const days = hours / 24;
  const longer = days < 2 ? '' : ` (${days < 730 ? `${figure(days)} days` : `${figure(days / 365.25)} years`})`;
  const parts = [
    `${duration(hours)}${longer} at ${rate(flopsPerDevice)}${devices === 1 ? '' : ' each'}`,
    ...(devices === 1 ? [] : [`${whole(Math.round(deviceHours))} GPU hours`]),
    ...(cost === null ? [] : [`cost ${whole(Math.round(cost))}`]),
  ];
  return [`time on ${on}`, parts.join(', ')];
}

/** Three figures. */
function figure(value: number): string {
  return value >= 1000 ? whole(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function whole(value: number): string {
  return value.toLocaleString('en');
}

function scaled(value: number, steps: readonly (readonly [scale: number, name: string])[]): string {
  const [scale, name] = steps.find(([least]) => value >= least) ?? [1, ''];
  return `${figure(value / scale)}${name}`;
}

const count = (value: number): string => scaled(value, [[1e9, ' billion'], [1e6, ' million']]);
const operations = (value: number): string => `${scaled(value, [[1e21, ' Z'], [1e18, ' E'], [1e15, ' P'], [1e12, ' T'], [1e9, ' G'], [1e6, ' M'], [1, ' ']])}FLOP`;
const size = (bytes: number): string => `${scaled(bytes, [[1e9, ' G'], [1e6, ' M'], [1e3, ' k'], [0, ' ']])}B`;
const rate = (flops: number): string => `${operations(flops)}/s`;

function duration(hours: number): string {
  if (hours >= 1) return `${figure(hours)} hours`;
  return hours * 60 >= 1 ? `${figure(hours * 60)} minutes` : `${figure(hours * 3600)} seconds`;
}
