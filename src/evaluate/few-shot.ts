/**
 * A probe on frozen features: in each assay of a set (FS-Mol, Stanley et al. 2021), logistic regression learns from a few actives and
 * inactives and ranks the rest. Delta AUPRC is its average precision less the share of actives: what guessing would give. Split by
 * scaffold, nothing that is ranked shares its Murcko scaffold with an example.
 */
import { IsoLensError, createRng } from '../core/index.ts';
import type { Rng } from '../core/index.ts';
import type { ChemPool } from '../chem/index.ts';
import { readAssays } from './activity.ts';
import { checkSignal, formatShare } from './define.ts';
import type { Similarities, Table } from './define.ts';
import { averagePrecision, bootstrapInterval, meanOf } from './metrics.ts';
import type { Interval } from './metrics.ts';
import { fitProbeByValidation } from './probe.ts';
import { Places, methodById, prepareMethods } from './similarity.ts';
import type { MethodServices } from './similarity.ts';

/** How the examples are drawn: molecule by molecule, or whole scaffolds. */
export const FEW_SHOT_SPLITS = ['molecule', 'scaffold'] as const;
export type FewShotSplit = (typeof FEW_SHOT_SPLITS)[number];

export interface FewShotResult {
  /** Ids of methods; "+" stands between those whose features lie side by side. */
  readonly method: string;
  readonly reference: string;
  readonly support: number;
  readonly split: FewShotSplit;
  readonly seeds: number;
  /** Means over seeds. */
  readonly assays: Readonly<Record<string, { readonly n: number; readonly deltaAuprc: number; readonly referenceDeltaAuprc: number }>>;
  /** Means over assays, with 95 % intervals by resampling assays. */
  readonly deltaAuprc: number;
  readonly referenceDeltaAuprc: number;
  readonly gain: number;
  readonly deltaInterval: Interval;
  readonly referenceInterval: Interval;
  readonly gainInterval: Interval;
  /** Assays with too few actives or inactives, or too few scaffolds to rank some beside the examples. */
  readonly skipped: number;
  readonly unreadable: number;
}

export interface FewShotOptions extends MethodServices {
  /** Table with the columns assay, smiles and active. */
  readonly data: string;
  /** One method, or several whose features lie side by side, each at unit length. */
  readonly methods: readonly string[];
  /** What the method is compared with. */
  readonly reference: string;
  /** Actives, and as many inactives, to learn from. */
  readonly support: number;
  readonly split: FewShotSplit;
  readonly seeds: number;
}

interface PlacedAssay {
  readonly id: string;
  readonly places: readonly number[];
  readonly active: readonly number[];
}

export async function evaluateFewShot(options: FewShotOptions): Promise<FewShotResult> {
  const { progress, support, seeds, split } = options;
  const places = new Places();
  const read = (await readAssays(options.data)).map(({ id, smiles, active }) => ({ id, active, places: smiles.map((one) => places.add(one)) }));
  const prepared = await prepare([...options.methods, options.reference], places, options);
  const scaffolds = split === 'scaffold' ? await scaffoldsOf(places.smiles, options.chem) : undefined;
  const assays = read.map((assay) => usable(assay, prepared));
  const products = { own: sideBySide(prepared.slice(0, -1)), reference: sideBySide(prepared.slice(-1)) };
  const results: Record<string, { n: number; deltaAuprc: number; referenceDeltaAuprc: number }> = {};
  progress.start('probes', assays.length);
  for (const [i, assay] of assays.entries()) {
    checkSignal(options.signal);
    // The same support for both: chance is then no part of their difference.
    const splits = Array.from({ length: seeds }, (_, seed) => splitOf(assay, support, scaffolds, createRng(seed + 1))).filter((one) => isRankable(assay, one, support));
    const mean = (product: Product): number => meanOf(splits.map((one) => probe(assay, one, product)));
    if (splits.length > 0) results[assay.id] = { n: assay.places.length, deltaAuprc: mean(products.own), referenceDeltaAuprc: mean(products.reference) };
    progress.update(i + 1);
  }
  const all = Object.values(results);
  const interval = (pick: (one: (typeof all)[number]) => number): Interval => bootstrapInterval(all.map((one) => [pick(one)]), createRng(1));
  const deltaAuprc = meanOf(all.map((one) => one.deltaAuprc));
  const referenceDeltaAuprc = meanOf(all.map((one) => one.referenceDeltaAuprc));
  progress.finish(`${formatShare(deltaAuprc)} against ${formatShare(referenceDeltaAuprc)}`);
  return {
    method: options.methods.join(' + '), reference: options.reference, support, split, seeds, assays: results,
    deltaAuprc, referenceDeltaAuprc, gain: deltaAuprc - referenceDeltaAuprc,
    deltaInterval: interval((one) => one.deltaAuprc),
    referenceInterval: interval((one) => one.referenceDeltaAuprc),
    gainInterval: interval((one) => one.deltaAuprc - one.referenceDeltaAuprc),
    skipped: assays.length - all.length,
    unreadable: Math.max(...prepared.map(({ failed }) => failed)),
  };
}

async function prepare(ids: readonly string[], places: Places, options: FewShotOptions): Promise<Similarities[]> {
  const { smiles } = places;
  options.progress.start('molecules', smiles.length);
  const prepared = await prepareMethods(ids.map(methodById), smiles, 'parent', options, (done) => options.progress.update(done));
  options.progress.finish(`${prepared[0]!.failed} cannot be read`);
  const bare = prepared.findIndex((similarities) => similarities.product === undefined);
  if (bare >= 0) throw new IsoLensError('ARGUMENT_INVALID', `Expected a method with features for a probe (embedding, a fingerprint) but "${ids[bare]!}" only compares pairs.`);
  return prepared;
}

/** Murcko scaffolds; that of a molecule without rings, or one that cannot be read, is ''. */
async function scaffoldsOf(smiles: readonly string[], chem: ChemPool): Promise<string[]> {
  const { rows, scaffolds } = await chem.featurise(smiles, { scaffold: true });
  const found = new Array<string>(smiles.length).fill('');
  rows.forEach((index, row) => (found[index] = scaffolds![row]!));
  return found;
}

type Product = (a: number, b: number) => number;

/** Of one method the product of its features; of several the sum of their cosines. */
function sideBySide(methods: readonly Similarities[]): Product {
  const [only] = methods;
  if (methods.length === 1) return (a, b) => only!.product!(a, b);
  const lengths = methods.map((method) => Float64Array.from({ length: method.count }, (_, item) => (method.isKnown(item) ? Math.sqrt(method.product!(item, item)) : 0)));
  return (a, b) => methods.reduce((sum, method, m) => sum + method.product!(a, b) / Math.max(Number.MIN_VALUE, lengths[m]![a]! * lengths[m]![b]!), 0);
}

/** Molecules that both can read, each once. */
function usable({ id, places, active }: { id: string; places: readonly number[]; active: Uint8Array }, read: readonly Similarities[]): PlacedAssay {
  const seen = new Set<number>();
  const kept = Array.from(places.keys()).filter((i) => {
    const place = places[i]!;
    if (seen.has(place) || !read.every((one) => one.isKnown(place))) return false;
    seen.add(place);
    return true;
  });
  return { id, places: kept.map((i) => places[i]!), active: kept.map((i) => active[i]!) };
}

interface Split {
  readonly support: readonly number[];
  readonly rest: readonly number[];
}

/** Examples of either class, and what is left of the assay; with scaffolds, what is left of it that has none of theirs. */
function splitOf({ active, places }: PlacedAssay, support: number, scaffolds: readonly string[] | undefined, rng: Rng): Split {
  const shuffled = rng.shuffle(Array.from(active.keys()));
  const scaffoldOf = (i: number): string => scaffolds?.[places[i]!] ?? '';
  // Whole scaffolds in the order of their first molecules; without a split by scaffold all molecules are of one.
  const groups = new Map<string, number[]>();
  for (const i of shuffled) {
    const scaffold = scaffoldOf(i);
    const members = groups.get(scaffold);
    if (members === undefined) groups.set(scaffold, [i]);
    else members.push(i);
  }
  const order = [...groups.values()].flat();
  const chosen = [0, 1].map((value) => order.filter((i) => active[i] === value).slice(0, support));
  const examples = new Set(chosen.flat());
  const seen = new Set([...examples].map(scaffoldOf));
  const rest = order.filter((i) => !examples.has(i) && (scaffolds === undefined || !seen.has(scaffoldOf(i))));
  return { support: [...chosen[1]!, ...chosen[0]!], rest };
}

/** Whether there are enough examples, and something of either class to rank. */
function isRankable({ active }: PlacedAssay, { support, rest }: Split, wanted: number): boolean {
  return support.length === 2 * wanted && [0, 1].every((value) => rest.some((i) => active[i] === value));
}

/** Delta AUPRC of one split. */
function probe({ places, active }: PlacedAssay, { support, rest }: Split, of: Product): number {
  const product: Product = (a, b) => of(places[a]!, places[b]!);
  const n = support.length;
  const gram = { n, values: Float64Array.from({ length: n * n }, (_, at) => product(support[Math.floor(at / n)]!, support[at % n]!)) };
  const { alpha } = fitProbeByValidation(gram, support.map((i) => active[i]!));
  const scores = new Map(rest.map((i) => [i, support.reduce((sum, s, j) => sum + alpha[j]! * product(s, i), 0)]));
  const ranking = rest.toSorted((a, b) => scores.get(b)! - scores.get(a)! || places[a]! - places[b]!);
  return averagePrecision(ranking.map((i) => active[i]!)) - meanOf(rest.map((i) => active[i]!));
}

export function fewShotTable(result: FewShotResult): Table {
  const between = ([low, high]: Interval): string => `${low.toFixed(3)} to ${high.toFixed(3)}`;
  return [
    [`delta AUPRC, ${result.support} + ${result.support} support, split by ${result.split}, ${result.seeds} seeds`, 'value', '95 % interval'],
    [result.method, result.deltaAuprc.toFixed(3), between(result.deltaInterval)],
    [result.reference, result.referenceDeltaAuprc.toFixed(3), between(result.referenceInterval)],
    ['difference', result.gain.toFixed(3), between(result.gainInterval)],
    ['assays', String(Object.keys(result.assays).length), ''],
  ];
}
