/**
 * Real drawings asked of a library through the product: how often the drawn molecule comes first, whether the chance that is told
 * comes true, and what becomes of drawings whose molecule the library does not hold.
 */
import { median } from '../core/index.ts';
import { checkSignal, formatShare } from './define.ts';
import type { EvaluationServices, Table } from './define.ts';
import { readText } from './files.ts';
import { parseLabels, readImage, resolveFile, spreadLabels } from './labels.ts';
import { recallAt, wilsonInterval } from './metrics.ts';
import type { Interval } from './metrics.ts';

export interface PictureAnswer {
  /** First blocks of the InChIKeys of the hits, best first. */
  readonly hits: readonly string[];
  readonly chance: number | null;
}

export interface AskedWay {
  readonly name: string;
  /** An error where the picture is refused. */
  ask(bytes: Uint8Array): Promise<PictureAnswer>;
}

export interface PicturesOptions extends EvaluationServices {
  /** Table with the columns file (relative to it), smiles and set. */
  readonly labels: string;
  readonly perSet?: number | undefined;
  readonly ways: readonly AskedWay[];
  /** Whether the library holds a molecule of this skeleton. */
  readonly holds: (connectivityKey: string) => Promise<boolean>;
  readonly now: () => number;
}

export interface PictureShares {
  /** Drawings whose molecule the library holds. */
  readonly n: number;
  readonly r1: number;
  readonly r1Interval: Interval;
  readonly r10: number;
}

export interface WayResult {
  readonly way: string;
  readonly sets: Readonly<Record<string, PictureShares>>;
  readonly all: PictureShares;
  readonly refused: number;
  /** Median time of an answer. */
  readonly milliseconds: number;
  /** Mean distance between the chance told and what came true, over tenths; drawings in the library and outside it weigh the same, as the chance supposes. */
  readonly calibrationError: number | null;
  readonly bands: readonly { readonly from: number; readonly pictures: number; readonly share: number; readonly told: number; readonly came: number }[];
  /** Of drawings outside the library, the share told a chance as high as 95 in 100 of those inside are. */
  readonly outsideTakenAt95: number | null;
}

export interface PicturesResult {
  readonly pictures: number;
  readonly outside: number;
  readonly unusableLabels: number;
  readonly ways: readonly WayResult[];
}

interface Asked {
  readonly set: string;
  readonly inLibrary: boolean;
  /** 1 = first; Infinity where it is not among the hits, or the picture is refused. */
  readonly rank: number;
  readonly chance: number | null;
  readonly refused: boolean;
  readonly milliseconds: number;
}

export async function evaluatePictures(options: PicturesOptions): Promise<PicturesResult> {
  const { progress, chem } = options;
  const labels = spreadLabels(parseLabels(options.labels, await readText(options.labels)), options.perSet);
  const outcomes = await chem.standardise(labels.map(({ smiles }) => smiles));
  const keys = outcomes.map((outcome) => (outcome.ok ? outcome.value.connectivityKey : undefined));
  const ways: WayResult[] = [];
  for (const way of options.ways) {
    const asked: Asked[] = [];
    progress.start(`asking by ${way.name}`, labels.length);
    for (const [i, { file, set }] of labels.entries()) {
      checkSignal(options.signal);
      const key = keys[i];
      if (key !== undefined) asked.push(await askOne(way, await readImage(resolveFile(options.labels, file)), key, set, options));
      progress.update(i + 1);
    }
    progress.finish(`R@1 ${formatShare(sharesOf(asked).r1)}`);
    ways.push(summarise(way.name, asked));
  }
  const usable = keys.filter((key) => key !== undefined);
  const held = await Promise.all(usable.map((key) => options.holds(key)));
  return { pictures: usable.length, outside: held.filter((isHeld) => !isHeld).length, unusableLabels: labels.length - usable.length, ways };
}

async function askOne(way: AskedWay, bytes: Uint8Array, key: string, set: string, { holds, now }: PicturesOptions): Promise<Asked> {
  const began = now();
  const answer = await way.ask(bytes).catch(() => undefined);
  const at = answer?.hits.indexOf(key) ?? -1;
  return { set, inLibrary: await holds(key), rank: at < 0 ? Number.POSITIVE_INFINITY : at + 1, chance: answer?.chance ?? (answer === undefined ? 0 : null), refused: answer === undefined, milliseconds: now() - began };
}

function summarise(way: string, asked: readonly Asked[]): WayResult {
  const told = asked.filter((one) => one.chance !== null);
  const bands = bandsOf(told);
  const sets = [...new Set(asked.map(({ set }) => set))];
  return {
    way,
    sets: Object.fromEntries(sets.map((set) => [set, sharesOf(asked.filter((one) => one.set === set))])),
    all: sharesOf(asked),
    refused: asked.filter(({ refused }) => refused).length,
    milliseconds: median(asked.map(({ milliseconds }) => milliseconds)),
    calibrationError: told.length === 0 ? null : bands.reduce((sum, band) => sum + band.share * Math.abs(band.told - band.came), 0),
    bands,
    outsideTakenAt95: takenAt95(told),
  };
}

function sharesOf(asked: readonly Asked[]): PictureShares {
  const ranks = asked.filter(({ inLibrary }) => inLibrary).map(({ rank }) => rank);
  const r1 = recallAt(ranks, 1);
  return { n: ranks.length, r1, r1Interval: wilsonInterval(r1, ranks.length), r10: recallAt(ranks, 10) };
}

const BANDS = 10;

/** Shares and means weigh the drawings of either kind alike, where there are both. */
function bandsOf(told: readonly Asked[]): WayResult['bands'] {
  const inside = told.filter(({ inLibrary }) => inLibrary).length;
  const outside = told.length - inside;
  const isMixed = inside > 0 && outside > 0;
  const weightOf = ({ inLibrary }: Asked): number => (isMixed ? 0.5 / (inLibrary ? inside : outside) : 1 / told.length);
  return Array.from({ length: BANDS }, (_, b) => {
    const own = told.filter(({ chance }) => Math.min(BANDS - 1, Math.floor(chance! * BANDS)) === b);
    const share = own.reduce((sum, one) => sum + weightOf(one), 0);
    const mean = (of: (one: Asked) => number): number => (own.length === 0 ? 0 : own.reduce((sum, one) => sum + weightOf(one) * of(one), 0) / share);
    return { from: b / BANDS, pictures: own.length, share, told: mean(({ chance }) => chance!), came: mean(({ rank }) => (rank === 1 ? 1 : 0)) };
  });
}

function takenAt95(told: readonly Asked[]): number | null {
  const [inside, outside] = [told.filter(({ inLibrary }) => inLibrary), told.filter(({ inLibrary }) => !inLibrary)];
  if (inside.length === 0 || outside.length === 0) return null;
  const sorted = inside.map(({ chance }) => chance!).sort((a, b) => a - b);
  const threshold = sorted[Math.floor(0.05 * sorted.length)]!;
  return outside.filter(({ chance }) => chance! >= threshold).length / outside.length;
}

export function picturesTable({ ways, pictures, outside }: PicturesResult): Table {
  const share = (value: number | null): string => (value === null ? '-' : formatShare(value));
  const line = (name: string, { n, r1, r1Interval: [low, high], r10 }: PictureShares, rest: readonly string[]): string[] => (
    [name, String(n), `${formatShare(r1)} (${formatShare(low)} to ${formatShare(high)})`, formatShare(r10), ...rest]
  );
  return [
    [`${pictures} pictures, ${outside} not in the library`, 'n', 'R@1', 'R@10', 'calibration error', 'outside taken at 95 %', 'refused', 'ms'],
    ...ways.flatMap(({ way, sets, all, refused, milliseconds, calibrationError, outsideTakenAt95 }) => [
      ...Object.entries(sets).map(([set, shares]) => line(`${way}, ${set}`, shares, ['', '', '', ''])),
      line(`${way}, all`, all, [share(calibrationError), share(outsideTakenAt95), String(refused), String(Math.round(milliseconds))]),
    ]),
  ];
}
