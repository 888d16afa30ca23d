/** What is told of each candidate. */
import { TERM_IDS, probabilityOf } from '../score/index.ts';
import type { Candidate } from './candidates.ts';
import { toldOf } from './contrasts.ts';
import type { Contrasts } from './contrasts.ts';
import type { SearchHit, SearchResult } from './define.ts';
import type { SearchLibrary } from './library.ts';
import type { PercentileScale } from './percentile.ts';
import type { Ranked } from './ranking.ts';
import { reasonOf } from './reasons.ts';

const [ECFP4, SCAFFOLD] = [TERM_IDS.indexOf('ecfp4'), TERM_IDS.indexOf('scaffold')] as const;

export interface HitSources {
  readonly contrasts: Contrasts;
  readonly library: Pick<SearchLibrary, 'molecules' | 'factsOf'>;
  readonly percentile: PercentileScale | (() => null);
  /** How many of the first hits are compared with the query. */
  readonly reasoned: number;
}

export async function toHits(
  found: readonly Candidate[], ranked: Ranked, query: Pick<SearchResult['query'], 'smiles' | 'inchiKey'>, sources: HitSources,
): Promise<SearchHit[]> {
  const { smiles, inchiKey: asked } = query;
  const { contrasts, library, percentile, reasoned } = sources;
  const { queryDescriptors, pairs, scorer } = ranked;
  const rows = found.map(({ row }) => row);
  const [stored, facts] = await Promise.all([library.molecules.getAll(rows), library.factsOf(rows)]);
  const count = smiles === null || queryDescriptors === undefined ? 0 : reasoned;
  const comparisons = count === 0 ? [] : await contrasts.compare(smiles!, stored.slice(0, count).map((one) => one.smiles));
  const distances = count === 0 || !ranked.comparesScaffolds ? [] : await distancesOf(found, stored, count, smiles!, contrasts);
  return found.map(({ row, rank, cosine, raw, reading }, i): SearchHit => {
    const { ids, smiles: own, names, inchiKey, properties } = stored[i]!;
    const terms = scorer === undefined || raw === undefined ? [] : scorer.terms(raw);
    const { descriptors } = facts[i]!;
    const alerts = facts[i]!.alerts.map(({ name, source }) => ({ name, source }));
    const isQuery = inchiKey === asked;
    const sameScaffold = raw === undefined ? null : raw[SCAFFOLD] === 0;
    const percent = percentile(cosine);
    return {
      id: ids[0]!, smiles: own, names: [...names], inchiKey, isQuery, score: scoreOf(ranked, rank), cosine, reading: reading ?? null, percentile: percent === null ? null : Number(percent.toFixed(4)),
      tanimoto: raw?.[ECFP4] ?? null, sameScaffold, terms,
      reason: i < count
        ? reasonOf({ query: queryDescriptors!, hit: descriptors, comparison: toldOf(comparisons[i], pairs.get(row)), evidence: pairs.get(row)?.support, isQuery, sameScaffold: sameScaffold === true, scaffoldDistance: distances[i] ?? null, terms, alerts })
        : null,
      descriptors, alerts, properties: { ...properties },
    };
  });
}

/** 0 where the scaffolds are equal, which needs no look. */
async function distancesOf(found: readonly Candidate[], stored: readonly { readonly smiles: string }[], count: number, smiles: string, contrasts: Contrasts): Promise<number[]> {
  const others = found.flatMap(({ raw }, i) => (i < count && raw?.[SCAFFOLD] === 1 ? [i] : []));
  const distances = await contrasts.scaffoldDistances(smiles, others.map((i) => stored[i]!.smiles));
  const known = new Map(others.map((i, at) => [i, Number(distances[at]!.toFixed(4))]));
  return Array.from({ length: Math.min(count, found.length) }, (_, i) => known.get(i) ?? 0);
}

export function scoreOf({ scorer }: Ranked, rank: number): number {
  return scorer === undefined ? rank : probabilityOf(rank);
}

/** Why there are fewer hits than were asked for, where it is not that the library has no more: an empty answer says which filter left nothing. */
export function shortfall(hits: readonly SearchHit[], { steps, isIncomplete, lookedAt }: Ranked): string[] {
  const reasons = [
    ...(isIncomplete ? ['Not every molecule was searched: the substructure is rare.'] : []),
    ...(lookedAt === undefined ? [] : [`Only the ${lookedAt.toLocaleString('en')} best candidates were looked at one by one, and fewer than were asked for passed.`]),
  ];
  const at = steps.findIndex(({ remaining }) => remaining === 0);
  if (hits.length > 0 || at < 0) return reasons;
  const before = at === 0 ? '' : `; ${steps[at - 1]!.remaining} were left before it`;
  return [...reasons, `No molecule passes the filter "${steps[at]!.filter}"${before}.`];
}
