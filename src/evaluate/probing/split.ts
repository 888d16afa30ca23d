/** Training, validation and test part of a set of molecules: 80, 10 and 10 %. */
import { IsoLensError, createRng } from '../../core/index.ts';

export const SPLITS = ['scaffold', 'random'] as const;
export type SplitKind = (typeof SPLITS)[number];

/** Positions of molecules, ascending. */
export interface Split {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

const TRAIN = 0.8;
const VALIDATION = 0.1;

export function splitKindOf(text: string): SplitKind {
  const found = SPLITS.find((kind) => kind === text);
  if (found !== undefined) return found;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected a split (${SPLITS.join(', ')}) but received ${JSON.stringify(text)}.`);
}

/** Molecules of each scaffold, in order of first sight; those without a ring are one group, as in MoleculeNet. */
export function scaffoldGroups(scaffolds: readonly string[]): number[][] {
  const groups = new Map<string, number[]>();
  scaffolds.forEach((scaffold, i) => {
    const group = groups.get(scaffold);
    if (group === undefined) groups.set(scaffold, [i]);
    else group.push(i);
  });
  return [...groups.values()];
}

/**
 * No scaffold stands in two parts; the largest groups come first and so into training, the rare ones into the test part
 * (MoleculeNet, Wu et al. 2018, doi:10.1039/C7SC02664A; the order of DeepChem's ScaffoldSplitter). Without chance.
 */
export function scaffoldSplit(scaffolds: readonly string[]): Split {
  return fill(scaffoldGroups(scaffolds).sort((a, b) => b.length - a.length || b[0]! - a[0]!), scaffolds.length);
}

/**
 * No scaffold stands in two parts, groups in random order; those that would fill half of the test part go into training
 * (the balanced scaffold split of Chemprop, Yang et al. 2019, doi:10.1021/acs.jcim.9b00237).
 */
export function randomScaffoldSplit(scaffolds: readonly string[], seed: number): Split {
  const groups = createRng(seed).shuffle(scaffoldGroups(scaffolds));
  const isLarge = (group: readonly number[]): boolean => group.length > (scaffolds.length * (1 - TRAIN - VALIDATION)) / 2;
  return fill([...groups.filter(isLarge), ...groups.filter((group) => !isLarge(group))], scaffolds.length);
}

/** Every molecule by itself. */
export function randomSplit(count: number, seed: number): Split {
  return fill(createRng(seed).shuffle(Array.from({ length: count }, (_, i) => [i])), count);
}

/** A group that does not fit into one part goes into the next. */
function fill(groups: readonly (readonly number[])[], count: number): Split {
  const parts: { train: number[]; validation: number[]; test: number[] } = { train: [], validation: [], test: [] };
  for (const group of groups) {
    const fitsTraining = parts.train.length + group.length <= TRAIN * count;
    const fitsValidation = parts.train.length + parts.validation.length + group.length <= (TRAIN + VALIDATION) * count;
    const part = fitsTraining ? parts.train : fitsValidation ? parts.validation : parts.test;
    part.push(...group);
  }
  const positions = (part: readonly number[]): Int32Array => Int32Array.from(part).sort();
  return { train: positions(parts.train), validation: positions(parts.validation), test: positions(parts.test) };
}
