/** What is asked of a plan, in the units that people write, and what it says: bytes, hours and operations. */
import { IsoLensError } from '../core/index.ts';
import type { GpuMemory } from './memory.ts';
import type { TimedStep } from './regnet.ts';

export const PRECISIONS = ['bf16', 'f32'] as const;
export type Precision = (typeof PRECISIONS)[number];

export interface PlanRequest {
  readonly gpus: number;
  /** Of one GPU, 10^9 bytes; without it nothing is said of what fits. */
  readonly gpuMemoryGb?: number | undefined;
  /** 10^12 floating-point operations a second that one GPU sustains over whole steps. */
  readonly teraflops?: number | undefined;
  /** Of one GPU for one hour. */
  readonly price?: number | undefined;
  /** Samples seen in training, and in one step over all GPUs; default: as the recipe or the publication has it. */
  readonly samples?: number | undefined;
  readonly batch?: number | undefined;
  readonly precision?: Precision | undefined;
  /** What steps on this machine reached; `planRecipe` and `planEncoder` say how long all would take here. */
  readonly measured?: Measured | undefined;
}

export interface Measured {
  /** Floating-point operations a second. */
  readonly flops: number;
  /** Of what, in words. */
  readonly what: string;
}

export interface PartCount {
  readonly name: string;
  readonly trainable: number;
  readonly states: number;
}

/** Training at one rate. */
export interface PlanRun {
  readonly devices: number;
  readonly on: string;
  readonly flopsPerDevice: number;
  readonly hours: number;
  readonly deviceHours: number;
  /** Null where no price is known. */
  readonly cost: number | null;
}

export interface Plan {
  readonly kind: 'recipe' | 'encoder';
  readonly id: string;
  readonly summary: string;
  readonly references: readonly string[];
  readonly gpus: number;
  readonly precision: Precision;
  readonly parts: readonly PartCount[];
  readonly trainable: number;
  readonly states: number;
  readonly step: StepPlan;
  readonly training: { readonly samples: number; readonly steps: number; readonly flops: number };
  /** Of one GPU; and where the whole model lay on each. */
  readonly memory: GpuMemory;
  readonly replicated: GpuMemory;
  /** Null where the memory of a GPU is not given; `smallestGpus` also where no number of them is enough. */
  readonly gpuMemory: number | null;
  readonly fits: boolean | null;
  readonly smallestGpus: number | null;
  readonly runs: readonly PlanRun[];
  /** Others' step as published, and what each GPU sustained by the count here; null where none is known. */
  readonly timed: (TimedStep & { readonly flopsPerGpu: number }) | null;
  readonly assumptions: readonly string[];
}

export interface StepPlan {
  readonly samples: number;
  readonly samplesPerGpu: number;
  /** Of those, so many at a time. */
  readonly samplesAtATime: number;
  readonly forwardFlops: number;
  readonly backwardFlops: number;
  /** Forward passes that are done again rather than kept. */
  readonly recomputedFlops: number;
  readonly flops: number;
}

/** Refuses what cannot be planned, by the name of the field. */
export function checkRequest(request: PlanRequest): void {
  whole('gpus', request.gpus);
  if (request.samples !== undefined) whole('samples', request.samples);
  if (request.batch !== undefined) whole('batch', request.batch);
  positive('gpu-memory', request.gpuMemoryGb, 'the GB of one GPU, such as 80');
  positive('flops', request.teraflops, 'the TFLOP/s that one GPU sustains, such as 150');
  if (request.price !== undefined && !(request.price >= 0 && Number.isFinite(request.price))) {
    refuse('price', 'what one GPU costs for an hour, 0 or more', request.price);
  }
  if (request.precision !== undefined && !PRECISIONS.includes(request.precision)) refuse('precision', PRECISIONS.join(' or '), request.precision);
}

/** The batch over all GPUs, which is at least one sample for each. */
export function checkBatch(batch: number, gpus: number): void {
  if (batch < gpus) refuse('batch', `at least one sample for each of the ${gpus} GPUs; make the batch larger, or --gpus at most ${batch}`, batch);
}

function whole(field: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) refuse(field, 'a whole number from 1', value);
}

function positive(field: string, value: number | undefined, what: string): void {
  if (value !== undefined && !(value > 0 && Number.isFinite(value))) refuse(field, `a number above 0: ${what}`, value);
}

function refuse(field: string, expected: string, received: unknown): never {
  throw new IsoLensError('ARGUMENT_INVALID', `Expected --${field} to be ${expected}; received ${String(received)}.`);
}
