/** A plan in people's units. */
import type { Measured, PartCount, Plan, PlanRun } from './define.ts';
import type { LibraryPlan } from './library.ts';

export type PlanRow = readonly [what: string, figure: string];

/** One table, in order. */
export function planRows(plan: Plan, measured?: Measured): PlanRow[] {
  const rows: PlanRow[] = [[plan.kind, `${plan.id}: ${plan.summary}`], ...plan.parts.map(partRow), ['parameters in all', count(plan.trainable)]];
  rows.push(...stepRows(plan), ...memoryRows(plan));
  if (plan.timed !== null) rows.push(timedRow(plan.timed));
  if (measured !== undefined) rows.push(['measured on this machine', `${rate(measured.flops)} (${measured.what})`]);
  rows.push(...plan.runs.map(runRow));
  if (plan.runs.length === 0) rows.push(['time and cost', RATE_NEEDED]);
  return rows;
}

const RATE_NEEDED = 'need the rate of a GPU (--flops, in TFLOP/s sustained over whole steps), or that of this machine (--measure)';

/** One table, in order. */
export function libraryRows({ molecules, disk, service, buildMemory, seconds }: LibraryPlan): PlanRow[] {
  const each = (bytes: number): string => `${size(bytes)}, ${whole(Math.round(bytes / molecules))} bytes a molecule`;
  const hours = (part: number): string => duration(part / 3600);
  return [
    ['molecules', count(molecules)],
    ...disk.map(({ name, bytes }): PlanRow => [`disk, ${name}`, each(bytes)]),
    ['disk, in all', each(disk.reduce((sum, { bytes }) => sum + bytes, 0))],
    ['memory of the service', `${each(service.own)}, and up to ${size(service.mapped)} of files that the system keeps in memory while there is room`],
    ['memory to build it', size(buildMemory)],
    ['time for molecules', hours(seconds.molecules)],
    ['time for the index, partly at the same time', hours(seconds.index)],
  ];
}

function partRow({ name, trainable, states }: PartCount): PlanRow {
  return [`parameters, ${name}`, `${count(trainable)}${states === 0 ? '' : ` and ${count(states)} that are not trained`}`];
}

function stepRows({ gpus, step, training }: Plan): PlanRow[] {
  const share = gpus === 1 ? '' : `, at most ${whole(step.samplesPerGpu)} a GPU`;
  const atATime = step.samplesAtATime < step.samplesPerGpu ? `, ${whole(step.samplesAtATime)} at a time` : '';
  const again = step.recomputedFlops === 0 ? '' : `, again forward ${operations(step.recomputedFlops)}`;
  const passes = `forward ${operations(step.forwardFlops)}, backward ${operations(step.backwardFlops)}${again}`;
  return [
    ['one step', `${whole(step.samples)} samples${share}${atATime}`],
    ['one step, computed', `${operations(step.flops)}: ${passes}`],
    ['training', `${count(training.samples)} samples, ${whole(training.steps)} steps, ${operations(training.flops)}`],
  ];
}

function memoryRows(plan: Plan): PlanRow[] {
  const { memory, replicated, gpuMemory } = plan;
  const label = plan.gpus === 1 ? 'memory' : 'memory of one GPU';
  const part = (name: string, bytes: number): PlanRow[] => (bytes === 0 ? [] : [[`${label}, ${name}`, size(bytes)]]);
  const verdict = (text: string): string => (gpuMemory === null ? '' : `: ${text}`);
  return [
    ...part('weights', memory.weights),
    ...part('gradients', memory.gradients),
    ...part('optimiser', memory.optimiser),
    ...part('states', memory.states),
    ...part('largest block gathered', memory.gathered),
    ...part('activations', memory.activations),
    [`${label}, in all`, `${size(memory.total)}${fitText(plan)}`],
    ...(replicated.total === memory.total ? [] : [
      ['the same, not sharded', `${size(replicated.total)}${verdict(replicated.total <= (gpuMemory ?? 0) ? 'fits too' : 'does not fit')}`] as const,
    ]),
    ...(gpuMemory === null ? [] : [['smallest number of GPUs', smallestText(plan)] as const]),
  ];
}

function timedRow({ gpus, gpu, images, seconds, source, flopsPerGpu }: NonNullable<Plan['timed']>): PlanRow {
  const step = `${seconds} seconds for ${whole(images)} images on ${whole(gpus)} ${gpu}`;
  return ['a step as published', `${step}, ${rate(flopsPerGpu)} each by this count (${source})`];
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

const OPERATIONS = [[1e21, ' Z'], [1e18, ' E'], [1e15, ' P'], [1e12, ' T'], [1e9, ' G'], [1e6, ' M'], [1, ' ']] as const;
const count = (value: number): string => scaled(value, [[1e9, ' billion'], [1e6, ' million']]);
const operations = (value: number): string => `${scaled(value, OPERATIONS)}FLOP`;
const size = (bytes: number): string => `${scaled(bytes, [[1e9, ' G'], [1e6, ' M'], [1e3, ' k'], [0, ' ']])}B`;
const rate = (flops: number): string => `${operations(flops)}/s`;

function duration(hours: number): string {
  if (hours >= 1) return `${figure(hours)} hours`;
  return hours * 60 >= 1 ? `${figure(hours * 60)} minutes` : `${figure(hours * 3600)} seconds`;
}
