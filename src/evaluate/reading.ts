/**
 * How well readers turn real drawings into molecules: every image is read, and what comes out is compared with the molecule that
 * the labels name, both standardised.
 */
import { ECFP4, tanimoto } from '../chem/index.ts';
import type { FeatureBatch } from '../chem/index.ts';
import { median } from '../core/index.ts';
import { checkSignal, formatShare } from './define.ts';
import type { EvaluationServices, Table } from './define.ts';
import { readText } from './files.ts';
import { parseLabels, readImage, resolveFile, spreadLabels } from './labels.ts';
import type { DrawingLabel } from './labels.ts';
import { meanOf, wilsonInterval } from './metrics.ts';
import type { Interval } from './metrics.ts';

/** What a reader made of an image: a molfile or a SMILES; undefined where it read nothing. `error`: the code of a refusal. */
export interface ReadOutcome {
  readonly structure: string | undefined;
  readonly error?: string | undefined;
}

export interface EvaluatedReader {
  readonly name: string;
  /** Changes each image before it is read, e.g. turns it; the time does not count. */
  readonly alter?: ((bytes: Uint8Array) => Promise<Uint8Array>) | undefined;
  read(bytes: Uint8Array, path: string): Promise<ReadOutcome>;
}

/** What became of one image, by the first of these that holds. */
export const READING_OUTCOMES = ['exact', 'stereo only', 'order or charge', 'element', 'atoms missing', 'atoms extra', 'other skeleton', 'not a molecule', 'nothing read', 'refused'] as const;
export type ReadingOutcome = (typeof READING_OUTCOMES)[number];

export interface ReadingShares {
  readonly n: number;
  /** The same skeleton: first block of the InChIKey. */
  readonly exact: number;
  readonly exactInterval: Interval;
  /** The same InChIKey, stereo and isotopes included. */
  readonly exactWithStereo: number;
  /** Of the exact ones whose label has stereo, those with all of it right; n of them. */
  readonly stereo: number;
  readonly stereoOf: number;
  /** Mean ECFP4 Tanimoto with the right molecule; 0 where nothing was read. */
  readonly tanimoto: number;
  /** Share of images whose heavy atoms are counted right, element by element. */
  readonly atoms: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Median time of one image. */
  readonly milliseconds: number;
}

export interface ReadingResult {
  readonly reader: string;
  readonly sets: Readonly<Record<string, ReadingShares>>;
  readonly all: ReadingShares;
  /** Labels that cannot be standardised; their images count as wrong. */
  readonly unusableLabels: number;
}

export interface ReadingOptions extends EvaluationServices {
  /** Table with the columns file (relative to it), smiles and set. */
  readonly labels: string;
  readonly perSet?: number | undefined;
  /** Images read at a time. */
  readonly parallel: number;
  readonly now: () => number;
  readonly onRead?: ((file: string, set: string, outcome: ReadingOutcome, truth: string, read: string) => void) | undefined;
}

interface Item {
  readonly label: DrawingLabel;
  readonly outcome: ReadOutcome;
  readonly milliseconds: number;
}

interface Facts {
  readonly smiles: string;
  readonly key: string;
  readonly connectivity: string;
  readonly bits: Uint8Array;
}

/** One reader after the other, over the same images. */
export async function evaluateReading(readers: readonly EvaluatedReader[], options: ReadingOptions): Promise<ReadingResult[]> {
  const labels = spreadLabels(parseLabels(options.labels, await readText(options.labels)), options.perSet);
  const truths = await factsOf(labels.map(({ smiles }) => smiles), options);
  const results: ReadingResult[] = [];
  for (const reader of readers) {
    const items = await readAll(reader, labels, options);
    const read = await factsOf(items.map(({ outcome }) => outcome.structure ?? ''), options);
    results.push(summarise(reader.name, items, truths, read, options));
  }
  return results;
}

async function readAll(reader: EvaluatedReader, labels: readonly DrawingLabel[], { labels: path, parallel, now, progress, signal }: ReadingOptions): Promise<Item[]> {
  const items = new Array<Item>(labels.length);
  progress.start(`reading by ${reader.name}`, labels.length);
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (next < labels.length) {
      checkSignal(signal);
      const at = next++;
      const label = labels[at]!;
      const file = resolveFile(path, label.file);
      const bytes = await readImage(file);
      const shown = reader.alter === undefined ? bytes : await reader.alter(bytes);
      const began = now();
      const outcome = await reader.read(shown, file);
      items[at] = { label, outcome, milliseconds: now() - began };
      progress.update(++done);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  progress.finish(`${items.filter(({ outcome }) => outcome.structure !== undefined).length} of ${labels.length} read`);
  return items;
}

/** Of SMILES or molfiles; undefined where one cannot be used. */
async function factsOf(structures: readonly string[], { chem }: ReadingOptions): Promise<(Facts | undefined)[]> {
  const batch: FeatureBatch = await chem.featurise(structures, { bits: { ecfp4: ECFP4 } });
  const facts = new Array<Facts | undefined>(structures.length).fill(undefined);
  const { data, bytes } = batch.bits['ecfp4']!;
  batch.rows.forEach((index, row) => {
    const { parentSmiles, inchiKey, connectivityKey } = batch.molecules[row]!;
    facts[index] = { smiles: parentSmiles, key: inchiKey, connectivity: connectivityKey, bits: data.subarray(row * bytes, (row + 1) * bytes) };
  });
  return facts;
}

function summarise(reader: string, items: readonly Item[], truths: readonly (Facts | undefined)[], read: readonly (Facts | undefined)[], { onRead }: ReadingOptions): ReadingResult {
  const judged = items.map((item, i) => ({ ...item, truth: truths[i], read: read[i], verdict: judge(item.outcome, truths[i], read[i]) }));
  for (const { label, truth, read: found, verdict } of judged) onRead?.(label.file, label.set, verdict, truth?.smiles ?? label.smiles, found?.smiles ?? '');
  const sets = [...new Set(items.map(({ label }) => label.set))];
  return {
    reader,
    sets: Object.fromEntries(sets.map((set) => [set, sharesOf(judged.filter(({ label }) => label.set === set))])),
    all: sharesOf(judged),
    unusableLabels: truths.filter((truth) => truth === undefined).length,
  };
}

type Judged = Item & { readonly truth: Facts | undefined; readonly read: Facts | undefined; readonly verdict: ReadingOutcome };

function sharesOf(items: readonly Judged[]): ReadingShares {
  const n = items.length;
  const right = items.filter(({ truth, read }) => truth !== undefined && truth.connectivity === read?.connectivity);
  const withStereo = right.filter(({ truth }) => /[@/\\]/.test(truth!.smiles));
  const share = (some: readonly unknown[], of: readonly unknown[] = items): number => (of.length === 0 ? Number.NaN : some.length / of.length);
  return {
    n,
    exact: share(right),
    exactInterval: wilsonInterval(share(right), n),
    exactWithStereo: share(right.filter(({ truth, read }) => truth!.key === read!.key)),
    stereo: share(withStereo.filter(({ truth, read }) => truth!.key === read!.key), withStereo),
    stereoOf: withStereo.length,
    tanimoto: meanOf(items.map(({ truth, read }) => (truth === undefined || read === undefined ? 0 : tanimoto(truth.bits, read.bits)))),
    atoms: share(items.filter(({ truth, read }) => truth !== undefined && read !== undefined && sameCounts(atomCounts(truth.smiles), atomCounts(read.smiles)))),
    outcomes: Object.fromEntries(READING_OUTCOMES.map((name) => [name, items.filter(({ verdict }) => verdict === name).length])),
    milliseconds: median(items.map(({ milliseconds }) => milliseconds)),
  };
}

function judge(outcome: ReadOutcome, truth: Facts | undefined, read: Facts | undefined): ReadingOutcome {
  if (outcome.structure === undefined) return outcome.error === undefined ? 'nothing read' : 'refused';
  if (truth === undefined || read === undefined) return 'not a molecule';
  if (truth.key === read.key) return 'exact';
  if (truth.connectivity === read.connectivity) return 'stereo only';
  const [wanted, found] = [atomCounts(truth.smiles), atomCounts(read.smiles)];
  const total = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total(found) < total(wanted)) return 'atoms missing';
  if (total(found) > total(wanted)) return 'atoms extra';
  if (!sameCounts(wanted, found)) return 'element';
  return bareSkeleton(truth.smiles) === bareSkeleton(read.smiles) ? 'order or charge' : 'other skeleton';
}

/** Heavy atoms of a SMILES by element. */
export function atomCounts(smiles: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [, bracket, plain] of smiles.matchAll(/\[\d*([A-Za-z][a-z]?)[^\]]*\]|(Cl|Br|[BCNOPSFIbcnops])/g)) {
    const symbol = bracket === undefined ? plain! : elementIn(bracket);
    const element = symbol.charAt(0).toUpperCase() + symbol.slice(1);
    if (element !== 'H') counts.set(element, (counts.get(element) ?? 0) + 1);
  }
  return counts;
}

/** "nH", "N" or "Na" of a bracket: the hydrogen is no part of the symbol. */
function elementIn(text: string): string {
  return /^(?:[A-Z][a-z]?|se|as|[bcnops])/.exec(text)?.[0] ?? text;
}

function sameCounts(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([element, count]) => b.get(element) === count);
}

/** Rough: letters and branches without orders, charges and stereo. */
function bareSkeleton(smiles: string): string {
  return smiles.replace(/[=#@/\\+-]|\[|\]|H\d?/g, '').toUpperCase();
}

export function readingTable(results: readonly ReadingResult[]): Table {
  const line = (name: string, s: ReadingShares): string[] => [
    name, String(s.n), `${formatShare(s.exact)} (${formatShare(s.exactInterval[0])} to ${formatShare(s.exactInterval[1])})`, formatShare(s.exactWithStereo),
    `${formatShare(s.stereo)} of ${s.stereoOf}`, formatShare(s.tanimoto), formatShare(s.atoms), String(Math.round(s.milliseconds)),
  ];
  return [
    ['reader and set', 'n', 'exact', 'with stereo', 'stereo right', 'Tanimoto', 'atoms right', 'ms'],
    ...results.flatMap(({ reader, sets, all }) => [...Object.entries(sets).map(([set, shares]) => line(`${reader}, ${set}`, shares)), line(`${reader}, all`, all)]),
  ];
}

export function failuresTable(results: readonly ReadingResult[]): Table {
  return [
    ['what became of it', ...results.map(({ reader }) => reader)],
    ...READING_OUTCOMES.map((name) => [name, ...results.map(({ all }) => String(all.outcomes[name] ?? 0))]),
  ];
}
