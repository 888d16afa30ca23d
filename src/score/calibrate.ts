/**
 * Fits the score on measured activities: two actives of one assay act alike; an active and an inactive of its assay, a random molecule,
 * or one with the same properties do not. Weights are those that put the active before the others of the same query; scale and
 * intercept then make a probability of their sum, in the mix of pairs that the provenance counts. Assays are drawn by a hash of their name, so that an encoder can be trained on the
 * others: cosines of pairs that an encoder was trained on say too much.
 */
import type { ChemPool, FeatureBatch, FeatureRequest } from '../chem/index.ts';
import { IsoLensError, createRng, l2Normalise, matrixOf, shareOf } from '../core/index.ts';
import type { Progress, Rng } from '../core/index.ts';
import { bandsOf } from './bands.ts';
import { TERMS } from './define.ts';
import type { CalibrationAssay, EvidenceSource, Mode } from './define.ts';
import { fitEvidence } from './evidence-weight.ts';
import { fitLogistic } from './fit.ts';
import type { Example } from './fit.ts';
import { SCORE_FORMAT, SCORE_VERSION, Scorer, rawTerms, surpriseOf } from './model.ts';
import type { ScoreModel } from './model.ts';
import { PROFILE_REQUEST } from './columns.ts';
import { ProfilesBuilder, profileOf } from './profiles.ts';
import type { Profiles } from './profiles.ts';

export interface CalibrationEncoder {
  readonly request: FeatureRequest;
  readonly dimension: number;
  encode(batch: FeatureBatch): Promise<Float32Array>;
}

export interface CalibrateOptions {
  readonly assays: readonly CalibrationAssay[];
  readonly encoder: CalibrationEncoder;
  readonly encoderSha256: string;
  readonly chem: ChemPool;
  /** First blocks of InChIKeys that must not be learned from. */
  readonly isExcluded: (connectivityKey: string) => boolean;
  /** Share of the assays, by the hash of their names. */
  readonly assayShare: number;
  /** At most this many of them. */
  readonly maxAssays: number;
  readonly seed: number;
  /** From a table that was mined without the assays of the share and without their molecules; absent: evidence keeps its own log-odds. */
  readonly evidence?: EvidenceSource | undefined;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

type Against = keyof typeof NEGATIVES;

const [ACTIVES, INACTIVES, PAIRS] = [10, 6, 12] as const;
/** Of each positive pair: inactives of the assay, molecules of other assays, and those of them with the properties of the positive. */
const NEGATIVES = { inactive: 2, random: 5, matched: 5 } as const;
const MATCHED_FROM = 150;
const BACKGROUND_PAIRS = 100_000;
/** Shares of random pairs that are at least as alike, at the points of a scale. */
const TAIL_SHARES: readonly number[] = [1, 0.9, 0.75, 0.5, 0.35, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001];
/** Identity is this much more of a surprise than the rarest pair seen. */
const BEYOND = 1.5;
const RIDGE = 1;
/** A hop's pair looks different: what hop mode is fitted on. */
const HOP_TANIMOTO = 0.4;
/** Without a table that knows nothing of these assays, its log-odds are taken as they are: learned from the same assays, the weight would be too large. */
const REPLACEMENT_PRIOR = 1;
/** Inactives look like the actives of their assay by design: no likeness can tell them apart, and they must not drown what it can tell. */
const WEIGHTS: Readonly<Record<Against, number>> = { inactive: 0.1, random: 1, matched: 1 };
/** One assay of this many is left out of the fit, to measure on. */
const LEFT_OUT = 5;

/** Whether an assay belongs to the share that scores are fitted on. The rest is for encoders. */
export function isCalibrationAssay(id: string, share: number): boolean {
  return shareOf(id) < share;
}

interface Pair {
  readonly a: number;
  readonly b: number;
  readonly against: Against | 'active';
  /** Position of the pair of actives that it is compared with; its own for one of these. */
  readonly positive: number;
  readonly isLeftOut: boolean;
}

export async function calibrate(options: CalibrateOptions): Promise<ScoreModel> {
  const { assays, assayShare, maxAssays, seed, progress, encoderSha256 } = options;
  const rng = createRng(seed);
  const usable = assays.filter(({ id, active }) => isCalibrationAssay(id, assayShare) && countOf(active, 1) >= 4 && countOf(active, 0) >= 2);
  const drawn = rng.shuffle([...usable]).slice(0, maxAssays);
  const chosen = drawn.map((assay) => sampleAssay(assay, rng));
  if (chosen.length < LEFT_OUT) throw new IsoLensError('DATASET_INVALID', `Expected at least ${LEFT_OUT} assays with 4 actives and 2 inactives in the share ${assayShare} but found ${chosen.length}; take a larger share.`);
  const molecules = await readMolecules(chosen.flatMap(({ actives, inactives }) => [...actives, ...inactives]), options);
  const members = chosen.map(({ actives, inactives }) => ({ actives: placed(actives, molecules), inactives: placed(inactives, molecules) }));
  const pairs = drawPairs(members, molecules.profiles, rng);
  progress.start('terms', pairs.length);
  const scales = scalesOf(members, molecules.profiles, rng);
  const raw = pairs.map(({ a, b }) => rawTerms(molecules.profiles, molecules.profiles.at(a), b, 0, new Float64Array(TERMS.length)));
  progress.finish(`${pairs.length} pairs`);
  const values = raw.map((one) => valuesOf(one, scales));
  const bands = bandsOf(raw, pairs.map(({ against }) => against === 'active'), pairs.map(({ against }) => (against === 'active' ? 1 : WEIGHTS[against])));
  const fit = (mode: Mode, isOf: (i: number) => boolean): ScoreModel['modes'][Mode] => {
    progress.start(`fit: ${mode}`);
    const compared = pairs.flatMap(({ against, positive, isLeftOut }, i): Example[] => {
      if (against === 'active' || isLeftOut || !isOf(i) || !isOf(positive)) return [];
      return [{ values: values[positive]!.map((value, t) => value - values[i]![t]!), label: 1, weight: WEIGHTS[against] }];
    });
    const { weights } = fitLogistic(compared, TERMS.map(({ sign }) => sign), RIDGE, false);
    const sum = (i: number): number => weights.reduce((total, weight, t) => total + weight * values[i]![t]!, 0);
    const examples = pairs.flatMap(({ against, isLeftOut }, i): Example[] => (isLeftOut || !isOf(i) ? [] : [{ values: Float64Array.of(sum(i)), label: against === 'active' ? 1 : 0, weight: against === 'active' ? 1 : WEIGHTS[against] }]));
    const { intercept, weights: [slope = 1] } = fitLogistic(examples, [1], RIDGE);
    progress.finish(`${compared.length} comparisons`);
    const named = Object.fromEntries(TERMS.map(({ id }, t) => [id, Number((slope * weights[t]!).toFixed(4))])) as Record<(typeof TERMS)[number]['id'], number>;
    named.replacement = evidence?.weight ?? REPLACEMENT_PRIOR;
    return { intercept: Number(intercept.toFixed(4)), weights: named };
  };
  const evidence = options.evidence === undefined ? undefined : await fitEvidence({ ...options, assays: drawn, evidence: options.evidence, leftOut: LEFT_OUT, rng: createRng(seed) });
  const all = fit('default', () => true);
  const hop = fit('hop', (i) => raw[i]![6] === 1 && raw[i]![1]! < HOP_TANIMOTO);
  const count = (against: Pair['against']): number => pairs.filter((pair) => pair.against === against).length;
  const model: ScoreModel = { format: SCORE_FORMAT, version: SCORE_VERSION, encoder: encoderSha256, scales, modes: { default: all, hop, replace: all }, bands, provenance: {} };
  const provenance = {
    assays: chosen.length, assayShare, seed, molecules: molecules.smiles.length, dropped: molecules.dropped,
    pairs: { active: count('active'), inactive: count('inactive'), random: count('random'), matched: count('matched') },
    replacement: evidence ?? 'prior',
    leftOutAuc: { default: leftOut(model, 'default', pairs, raw, () => true), hop: leftOut(model, 'hop', pairs, raw, (i) => raw[i]![6] === 1 && raw[i]![1]! < HOP_TANIMOTO) },
  };
  return { ...model, provenance };
}

function countOf(active: Uint8Array, value: number): number {
  return active.reduce((sum, one) => sum + (one === value ? 1 : 0), 0);
}

interface SampledAssay {
  readonly actives: readonly string[];
  readonly inactives: readonly string[];
}

function sampleAssay({ smiles, active }: CalibrationAssay, rng: Rng): SampledAssay {
  const pick = (value: number, count: number): string[] => rng.shuffle([...new Set(smiles.filter((_, i) => active[i] === value))]).slice(0, count);
  return { actives: pick(1, ACTIVES), inactives: pick(0, INACTIVES) };
}

interface Molecules {
  readonly smiles: readonly string[];
  readonly profiles: Profiles;
  /** Row of each SMILES that is used. */
  readonly places: ReadonlyMap<string, number>;
  readonly dropped: { readonly excluded: number; readonly unreadable: number };
}

const BATCH = 1024;

async function readMolecules(given: readonly string[], { encoder, chem, isExcluded, progress, signal }: CalibrateOptions): Promise<Molecules> {
  const distinct = [...new Set(given)];
  const batches: { batch: FeatureBatch; vectors: Float32Array; from: number }[] = [];
  progress.start('molecules', distinct.length);
  for (let from = 0; from < distinct.length; from += BATCH) {
    signal?.throwIfAborted();
    const request = { ...encoder.request, ...PROFILE_REQUEST, bits: { ...encoder.request.bits, ...PROFILE_REQUEST.bits } };
    const batch = await chem.featurise(distinct.slice(from, from + BATCH), request);
    batches.push({ batch, vectors: batch.rows.length === 0 ? new Float32Array(0) : await encoder.encode(batch), from });
    progress.update(Math.min(distinct.length, from + BATCH));
  }
  const kept = batches.flatMap(({ batch, vectors, from }) => Array.from(batch.rows, (index, row) => ({ batch, vectors, row, smiles: distinct[from + index]! })))
    .filter(({ batch, row }) => !isExcluded(batch.molecules[row]!.connectivityKey));
  const read = batches.reduce((sum, { batch }) => sum + batch.rows.length, 0);
  const { dimension } = encoder;
  const vectors = matrixOf(new Float32Array(kept.length * dimension), dimension);
  kept.forEach((one, i) => vectors.data.set(one.vectors.subarray(one.row * dimension, (one.row + 1) * dimension), i * dimension));
  const builder = new ProfilesBuilder(l2Normalise(vectors));
  kept.forEach(({ batch, row }, i) => builder.set(i, profileOf(batch, row)));
  const dropped = { excluded: read - kept.length, unreadable: distinct.length - read };
  progress.finish(`${kept.length} used, ${dropped.excluded} held out, ${dropped.unreadable} cannot be read`);
  return { smiles: kept.map(({ batch, row }) => batch.molecules[row]!.parentSmiles), profiles: builder.profiles, places: new Map(kept.map(({ smiles }, i) => [smiles, i])), dropped };
}

function placed(smiles: readonly string[], { places }: Molecules): number[] {
  return smiles.flatMap((one) => places.get(one) ?? []);
}

interface Members {
  readonly actives: readonly number[];
  readonly inactives: readonly number[];
}

function drawPairs(members: readonly Members[], profiles: Profiles, rng: Rng): Pair[] {
  const pairs: Pair[] = [];
  members.forEach(({ actives, inactives }, assay) => {
    const own = new Set([...actives, ...inactives]);
    const isLeftOut = assay % LEFT_OUT === 0;
    const other = (): number => {
      for (;;) {
        const found = rng.int(profiles.count);
        if (!own.has(found)) return found;
      }
    };
    const positives = rng.shuffle(actives.flatMap((a, i) => actives.slice(i + 1).map((b) => [a, b] as const)));
    // Hops first: they are what the score is for.
    const isSame = ([a, b]: readonly [number, number]): number => Number(profiles.sameScaffold(profiles.at(a), b));
    positives.sort((p, q) => isSame(p) - isSame(q));
    for (const [a, b] of positives.slice(0, PAIRS)) {
      const positive = pairs.length;
      const add = (against: Pair['against'], rows: readonly number[]): void => rows.forEach((row) => pairs.push({ a, b: row, against, positive, isLeftOut }));
      const active = profiles.at(b);
      const near = Array.from({ length: MATCHED_FROM }, other).map((row) => ({ row, agreement: profiles.propertyAgreement(active, row) })).sort((p, q) => q.agreement - p.agreement);
      add('active', [b]);
      add('inactive', rng.shuffle([...inactives]).slice(0, NEGATIVES.inactive));
      add('random', Array.from({ length: NEGATIVES.random }, other));
      add('matched', near.slice(0, NEGATIVES.matched).map(({ row }) => row));
    }
  });
  return pairs;
}

/** Surprise at points of each likeness, from random pairs of different assays. */
function scalesOf(members: readonly Members[], profiles: Profiles, rng: Rng): ScoreModel['scales'] {
  const assayOf = new Map(members.flatMap(({ actives, inactives }, assay) => [...actives, ...inactives].map((row) => [row, assay] as const)));
  const columns = TERMS.map(() => new Float64Array(BACKGROUND_PAIRS));
  const raw = new Float64Array(TERMS.length);
  for (let pair = 0; pair < BACKGROUND_PAIRS; pair++) {
    let [a, b] = [rng.int(profiles.count), rng.int(profiles.count)];
    while (assayOf.get(a) === assayOf.get(b)) [a, b] = [rng.int(profiles.count), rng.int(profiles.count)];
    rawTerms(profiles, profiles.at(a), b, 0, raw);
    for (let t = 0; t < raw.length; t++) columns[t]![pair] = raw[t]!;
  }
  return Object.fromEntries(TERMS.flatMap(({ id, kind }, t) => {
    if (kind !== 'likeness') return [];
    const sorted = columns[t]!.sort();
    const points = TAIL_SHARES.map((share) => ({ similarity: sorted[Math.min(sorted.length - 1, Math.floor((1 - share) * sorted.length))]!, surprise: -Math.log10(share) }));
    const top = points.at(-1)!;
    if (top.similarity < 1) points.push({ similarity: 1, surprise: top.surprise + BEYOND });
    // Many pairs may share one value (no common bit): the last of equal points holds.
    const distinct = points.filter(({ similarity }, i) => i === points.length - 1 || points[i + 1]!.similarity > similarity + 1e-5);
    return [[id, { similarity: distinct.map((point) => Number(point.similarity.toFixed(6))), surprise: distinct.map((point) => Number(point.surprise.toFixed(4))) }]];
  }));
}

function valuesOf(raw: Float64Array, scales: ScoreModel['scales']): Float64Array {
  return Float64Array.from(TERMS, ({ id, kind }, t) => (kind === 'likeness' ? surpriseOf(scales[id]!, raw[t]!) : raw[t]!));
}

/** Of left-out assays: how often the active stands before another molecule of the same query, by the score and by the terms alone; ties count half. */
function leftOut(model: ScoreModel, mode: Mode, pairs: readonly Pair[], raw: readonly Float64Array[], isOf: (i: number) => boolean): Record<string, Record<string, number>> {
  const scorer = new Scorer(model, mode);
  const rankers: Record<string, (i: number) => number> = { score: (i) => scorer.logit(raw[i]!) };
  TERMS.forEach(({ id, kind }, t) => { if (kind === 'likeness') rankers[id] = (i) => raw[i]![t]!; });
  return Object.fromEntries(Object.entries(rankers).map(([name, score]) => [name, Object.fromEntries((Object.keys(NEGATIVES) as Against[]).map((against) => {
    let [right, all] = [0, 0];
    pairs.forEach((pair, i) => {
      if (pair.against !== against || !pair.isLeftOut || !isOf(i) || !isOf(pair.positive)) return;
      const difference = score(pair.positive) - score(i);
      right += difference > 0 ? 1 : difference === 0 ? 0.5 : 0;
      all++;
    });
    return [against, all === 0 ? null : Number((right / all).toFixed(4))];
  }))])) as Record<string, Record<string, number>>;
}
