/** Stage 3: observations of one replacement become its statistics; what was seen too seldom is dropped. */
import { RADII } from '../../chem/index.ts';
import type { Progress } from '../../core/index.ts';
import { HISTOGRAM, KEPT_WITHIN } from '../define.ts';
import { readObservations } from './observations.ts';
import type { Observation } from './observations.ts';
import { PARTITIONS, loadPart } from './pairs.ts';
import { digestOf } from './work-folder.ts';
import type { WorkFolder } from './work-folder.ts';

/**
 * What a replacement needs to be shipped. Two assays and two constant parts at the least: no row tells of one molecule, and one
 * series of one paper makes no rule.
 */
export interface Thresholds {
  readonly pairs: number;
  readonly assays: number;
  readonly contexts: number;
  /** Pairs that an environment needs. */
  readonly environmentPairs: number;
}

export interface EnvironmentRow {
  readonly key: number;
  readonly pairs: number;
  readonly kept: number;
  /** Mean change of activity over exact pairs; 0 without any. */
  readonly mean: number;
}

export interface ReplacementRow {
  /** Hashes of the fragments. */
  readonly from: number;
  readonly to: number;
  readonly mapping: number;
  readonly pairs: number;
  readonly assays: number;
  readonly contexts: number;
  readonly exact: number;
  readonly kept: number;
  readonly lost: number;
  readonly gained: number;
  /** Pairs in which `from` was needed, and those in which `to` kept the activity or raised it; then the other way round. */
  readonly neededFrom: number;
  readonly neededFromKept: number;
  readonly neededTo: number;
  readonly neededToKept: number;
  readonly mean: number;
  readonly sd: number;
  readonly q10: number;
  readonly q50: number;
  readonly q90: number;
  /** Exact pairs by change of activity. */
  readonly counts: readonly number[];
  readonly logP: number;
  readonly tpsa: number;
  /** `environments[radius]`, by key. */
  readonly environments: readonly (readonly EnvironmentRow[])[];
}

/** Sums over all replacements that are kept, from which the strength of shrinking is estimated (see `strengthOf`). */
export interface Agreement {
  replacements: number;
  /** Mean share kept, every replacement counting once. */
  shareSum: number;
  /** Chance that two pairs of one replacement in different assays both keep their activity: sum over replacements, and their number. */
  apartSum: number;
  apartCount: number;
  /** The same within one assay, and the share kept among those pairs: weighted by their number of pairs of pairs. */
  togetherSum: number;
  togetherShareSum: number;
  togetherApartSum: number;
  togetherCount: number;
}

export interface Aggregate {
  /** Distinct replacements before thresholds. */
  readonly distinct: number;
  /** Of these, seen three times or more. */
  readonly seenThrice: number;
  readonly rows: readonly ReplacementRow[];
  readonly agreement: Agreement;
}

export interface AggregateOptions {
  /** Of the pairs. */
  readonly digest: string;
  readonly blocks: number;
  readonly thresholds: Thresholds;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

export async function aggregateAll(work: WorkFolder, options: AggregateOptions): Promise<Aggregate> {
  const { digest, thresholds, progress, signal } = options;
  progress.start('counting replacements', PARTITIONS);
  const parts: Aggregate[] = [];
  for (let part = 0; part < PARTITIONS; part++) {
    const name = `table-${digestOf(digest, thresholds)}-${String(part).padStart(3, '0')}.bin`;
    if (!work.has(name)) work.save(name, aggregatePart(work, part, options));
    parts.push(work.load(name) as Aggregate);
    progress.update(part + 1);
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  }
  const sum = (value: (one: Aggregate) => number): number => parts.reduce((total, one) => total + value(one), 0);
  const agreement = parts.map((one) => one.agreement).reduce(addAgreement);
  const rows = parts.flatMap((one) => one.rows);
  progress.finish(`${rows.length} replacements`);
  return { distinct: sum((one) => one.distinct), seenThrice: sum((one) => one.seenThrice), rows, agreement };
}

function aggregatePart(work: WorkFolder, part: number, { digest, blocks, thresholds }: AggregateOptions): Aggregate {
  const groups = new Map<string, Observation[]>();
  for (let block = 0; block < blocks; block++) {
    for (const one of readObservations(loadPart(work, digest, block, part))) {
      const key = `${one.from} ${one.to} ${one.mapping}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [one]);
      else group.push(one);
    }
  }
  let seenThrice = 0;
  const rows: ReplacementRow[] = [];
  const agreements: Agreement[] = [];
  for (const group of groups.values()) {
    if (group.length >= 3) seenThrice++;
    const assays = new Set(group.map((one) => one.assay)).size;
    const contexts = new Set(group.map((one) => one.constant)).size;
    if (group.length < thresholds.pairs || assays < thresholds.assays || contexts < thresholds.contexts) continue;
    rows.push(rowOf(group, assays, contexts, thresholds));
    agreements.push(agreementOf(group));
  }
  return { distinct: groups.size, seenThrice, rows, agreement: agreements.reduce(addAgreement, NO_AGREEMENT) };
}

export function isKept({ outcome, delta }: Observation): boolean {
  return outcome === 'exact' && Math.abs(delta) < KEPT_WITHIN;
}

/** No weaker by KEPT_WITHIN or more; `direction` 1: from -> to. */
function isHeld({ outcome, delta }: Observation, direction: 1 | -1): boolean {
  return outcome === 'exact' ? direction * delta > -KEPT_WITHIN : (outcome === 'gained') === (direction === 1);
}

function rowOf(group: readonly Observation[], assays: number, contexts: number, thresholds: Thresholds): ReplacementRow {
  const { from, to, mapping } = group[0]!;
  const deltas = group.filter((one) => one.outcome === 'exact').map((one) => one.delta).sort((a, b) => a - b);
  const mean = meanOf(deltas);
  const variance = deltas.length < 2 ? 0 : deltas.reduce((sum, delta) => sum + (delta - mean) ** 2, 0) / (deltas.length - 1);
  const count = (is: (one: Observation) => boolean): number => group.filter(is).length;
  return {
    from, to, mapping, pairs: group.length, assays, contexts, exact: deltas.length,
    kept: count(isKept), lost: count((one) => one.outcome === 'lost'), gained: count((one) => one.outcome === 'gained'),
    neededFrom: count((one) => one.needed.from), neededFromKept: count((one) => one.needed.from && isHeld(one, 1)),
    neededTo: count((one) => one.needed.to), neededToKept: count((one) => one.needed.to && isHeld(one, -1)),
    mean, sd: Math.sqrt(variance), q10: quantile(deltas, 0.1), q50: quantile(deltas, 0.5), q90: quantile(deltas, 0.9), counts: countsOf(deltas),
    logP: meanOf(group.map((one) => one.logP)), tpsa: meanOf(group.map((one) => one.tpsa)),
    environments: Array.from({ length: RADII }, (_, radius) => environmentRows(group, radius, thresholds.environmentPairs)),
  };
}

function environmentRows(group: readonly Observation[], radius: number, least: number): EnvironmentRow[] {
  const byKey = new Map<number, Observation[]>();
  for (const one of group) {
    const key = one.environments[radius]!;
    const members = byKey.get(key);
    if (members === undefined) byKey.set(key, [one]);
    else members.push(one);
  }
  return [...byKey]
    .filter(([, members]) => members.length >= least)
    .map(([key, members]) => ({ key, pairs: members.length, kept: members.filter(isKept).length, mean: meanOf(members.filter((one) => one.outcome === 'exact').map((one) => one.delta)) }))
    .sort((a, b) => a.key - b.key);
}

function countsOf(deltas: readonly number[]): number[] {
  const counts = new Array<number>(HISTOGRAM.bins).fill(0);
  for (const delta of deltas) counts[Math.max(0, Math.min(HISTOGRAM.bins - 1, Math.floor((delta - HISTOGRAM.from) / HISTOGRAM.width)))]!++;
  return counts;
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Linear between the neighbours; 0 for none. */
function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return 0;
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
}

const NO_AGREEMENT: Agreement = { replacements: 0, shareSum: 0, apartSum: 0, apartCount: 0, togetherSum: 0, togetherShareSum: 0, togetherApartSum: 0, togetherCount: 0 };

function addAgreement(a: Agreement, b: Agreement): Agreement {
  return Object.fromEntries(Object.entries(a).map(([name, value]) => [name, value + b[name as keyof Agreement]])) as unknown as Agreement;
}

function agreementOf(group: readonly Observation[]): Agreement {
  const byAssay = new Map<number, { all: number; kept: number }>();
  for (const one of group) {
    const found = byAssay.get(one.assay) ?? { all: 0, kept: 0 };
    byAssay.set(one.assay, { all: found.all + 1, kept: found.kept + (isKept(one) ? 1 : 0) });
  }
  const assays = [...byAssay.values()];
  const all = group.length;
  const kept = assays.reduce((sum, one) => sum + one.kept, 0);
  const squares = assays.reduce((sum, one) => sum + one.all ** 2, 0);
  const apart = (kept ** 2 - assays.reduce((sum, one) => sum + one.kept ** 2, 0)) / (all ** 2 - squares);
  const together = assays.reduce((sum, one) => sum + one.all * (one.all - 1), 0);
  return {
    replacements: 1, shareSum: kept / all, apartSum: apart, apartCount: 1,
    togetherSum: assays.reduce((sum, one) => sum + one.kept * (one.kept - 1), 0),
    togetherShareSum: together * (kept / all), togetherApartSum: together * apart, togetherCount: together,
  };
}

/** How far statistics of one replacement can be trusted, by the method of moments over all of them. */
export interface Strength {
  /** Usual share of pairs that keep their activity. */
  readonly keptShare: number;
  /** As many pairs as the usual share is worth. */
  readonly priorPairs: number;
  /** Correlation of two pairs of one replacement within one assay. */
  readonly assayCorrelation: number;
}

/**
 * The share kept varies between replacements with the variance E[p^2] - E[p]^2, where E[p^2] is the chance that two pairs of different
 * assays both keep it; a Beta distribution of that variance is worth m(1 - m)/variance - 1 pairs. Within an assay pairs agree
 * more than that: the excess, in units of what is left to explain, is their correlation.
 */
export function strengthOf(sums: Agreement): Strength {
  const share = sums.shareSum / Math.max(1, sums.replacements);
  const variance = Math.max(1e-4, sums.apartSum / Math.max(1, sums.apartCount) - share ** 2);
  const excess = sums.togetherSum - sums.togetherApartSum;
  const left = Math.max(1e-9, sums.togetherShareSum - sums.togetherApartSum);
  return {
    keptShare: share,
    priorPairs: Math.min(50, Math.max(1, (share * (1 - share)) / variance - 1)),
    assayCorrelation: sums.togetherCount === 0 ? 0 : Math.min(0.95, Math.max(0, excess / left)),
  };
}
