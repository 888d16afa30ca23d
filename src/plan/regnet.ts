/**
 * RegNetY by its published numbers: a rule of four of them gives the width of every block (Radosavovic et al. 2020, arXiv:2003.13678,
 * section 3.3), and the encoders that SEER trained (Goyal et al. 2021, arXiv:2103.01988; 2022, arXiv:2202.08360) as data.
 */
export interface RegNetDesign {
  /** Blocks in all. */
  readonly depth: number;
  /** Block j is w0 + wa * j wide, rounded to a power of wm times w0, to 8, and to whole groups. */
  readonly w0: number;
  readonly wa: number;
  readonly wm: number;
  /** Channels of one group of the 3x3 convolutions. */
  readonly groupWidth: number;
  /** Channels of the stem. */
  readonly stemWidth: number;
  /** Squeeze-and-excitation: its hidden width over the width of the block's input. */
  readonly squeeze: number;
}

/** SwAV's head: layers of these widths, ReLU between them, then one product with so many prototypes. */
export interface SwavHead {
  readonly widths: readonly number[];
  readonly prototypes: number;
}

/** So many square views of each image, each so many pixels wide. */
export interface Crops {
  readonly count: number;
  readonly pixels: number;
}

/** A step that was measured, as published. */
export interface TimedStep {
  readonly gpus: number;
  readonly gpu: string;
  readonly images: number;
  readonly seconds: number;
  readonly source: string;
}

export interface LargeEncoder {
  readonly id: string;
  readonly summary: string;
  readonly references: readonly string[];
  readonly design: RegNetDesign;
  readonly head: SwavHead;
  readonly crops: readonly Crops[];
  /** Images of one step over all GPUs, and of the whole training, as published. */
  readonly batch: number;
  readonly samples: number;
  /** How long a step took those who trained it. */
  readonly timed?: TimedStep;
}

const STEM = { stemWidth: 32, squeeze: 0.25 } as const;
/** 2 x 160 + 4 x 96 pixels, a billion images, a head of three layers and 16,000 prototypes: SEER 2021, section 3. */
const SEER = {
  head: { widths: [8192, 8192, 256], prototypes: 16_000 },
  crops: [{ count: 2, pixels: 160 }, { count: 4, pixels: 96 }],
  samples: 1e9,
} as const;
const SEER_2021 = 'Goyal et al. 2021, arXiv:2103.01988 (SEER)';
const SEER_2022 = 'Goyal et al. 2022, arXiv:2202.08360 (SEER 10B)';
const REGNET = 'Radosavovic et al. 2020, arXiv:2003.13678 (RegNet)';

/** Adding an encoder: its numbers here. Widths and counts follow from them. */
export const LARGE_ENCODERS: readonly LargeEncoder[] = [
  {
    id: '10b',
    summary: 'SEER RegNetY-10B: SwAV on a billion images',
    references: [SEER_2022, REGNET],
    design: { depth: 27, w0: 1744, wa: 620.83, wm: 2.52, groupWidth: 1010, ...STEM },
    ...SEER,
    // 16 images on each of 496 GPUs.
    batch: 7936,
  },
  {
    id: '1.5b',
    summary: 'SEER RegNetY-256GF: SwAV on a billion images',
    references: [SEER_2021, SEER_2022, REGNET],
    design: { depth: 27, w0: 640, wa: 230.83, wm: 2.53, groupWidth: 373, ...STEM },
    ...SEER,
    // 17 images on each of 512 GPUs.
    batch: 8704,
    timed: { gpus: 512, gpu: 'V100 of 32 GB', images: 8704, seconds: 6.125, source: 'arXiv:2103.01988, section 3.2' },
  },
  {
    id: '128gf',
    summary: 'RegNetY-128GF with SEER\'s head: SwAV on a billion images',
    references: [SEER_2021, REGNET],
    design: { depth: 27, w0: 456, wa: 160.83, wm: 2.52, groupWidth: 264, ...STEM },
    ...SEER,
    // 32 images on each of 16 x 8 GPUs, by the name of the published weights.
    batch: 4096,
  },
];

export interface RegNetStage {
  readonly width: number;
  /** Blocks. */
  readonly depth: number;
  /** Groups of the 3x3 convolutions. */
  readonly groups: number;
}

/** Widths and depths of the stages. */
export function regnetStages({ depth, w0, wa, wm, groupWidth }: RegNetDesign): RegNetStage[] {
  const stages: { width: number; depth: number; groups: number }[] = [];
  for (let block = 0; block < depth; block++) {
    const power = roundEven(Math.log((w0 + wa * block) / w0) / Math.log(wm));
    const raw = 8 * roundEven((w0 * wm ** power) / 8);
    const group = Math.min(groupWidth, raw);
    const groups = roundEven(raw / group);
    const last = stages.at(-1);
    if (last?.width === groups * group) last.depth++;
    else stages.push({ width: groups * group, depth: 1, groups });
  }
  return stages;
}

/** To the nearest whole number, halves to the even one: how the published networks were rounded. */
export function roundEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest === 0.5) return below % 2 === 0 ? below : below + 1;
  return rest < 0.5 ? below : below + 1;
}
