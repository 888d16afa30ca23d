/** How hits are shown on a terminal. */
import type { SearchHit, SearchResult } from '../search/index.ts';
import { formatTable } from './table.ts';
import type { Column } from './table.ts';

const HIT_COLUMNS: readonly Column<SearchHit & { rank: number }>[] = [
  { title: '#', align: 'right', cell: (hit) => String(hit.rank) },
  { title: 'identifier', maxWidth: 28, cell: (hit) => hit.id },
  { title: 'name', maxWidth: 28, cell: (hit) => (hit.names[0] === hit.id ? '' : hit.names[0] ?? '') },
  { title: 'score', align: 'right', cell: (hit) => hit.score.toFixed(3) },
  { title: 'cosine', align: 'right', cell: (hit) => hit.cosine.toFixed(3) },
  { title: 'closer than', align: 'right', cell: (hit) => (hit.percentile === null ? '-' : formatPercentile(hit.percentile)) },
  { title: 'ECFP4', align: 'right', cell: (hit) => (hit.tanimoto === null ? '-' : hit.tanimoto.toFixed(2)) },
  { title: 'scaffold', cell: (hit) => (hit.sameScaffold === null ? '-' : hit.sameScaffold ? 'same' : 'other') },
  { title: 'SMILES', cell: (hit) => hit.smiles },
];

/** What was understood, then the candidates. */
export function describeResult({ query, index, hits, filters, tookMs }: SearchResult, width?: number): string {
  const understood = [
    ...(query.reading === null ? [] : [`read as ${query.reading.smiles ?? 'no molecule'}, sure to ${shareText(query.reading.confidence)}`]),
    searchedBy(query),
    ...(query.removed.length > 0 ? [`set aside: ${query.removed.join(', ')}`] : []),
    ...(query.chance === null ? [] : [`chance that the first hit is the drawn molecule: ${shareText(query.chance)}`]),
    ...query.warnings,
    ...filters.map(({ filter, remaining }) => `${filter}: ${remaining} left`),
  ];
  const reasons = hits.flatMap(({ reason }, i) => (reason === null ? [] : [`${i + 1}  ${reason.text}`]));
  const table = hits.length === 0 ? 'no candidate: nothing passes the filters or is above the score floor' : formatTable(HIT_COLUMNS, hits.map((hit, i) => ({ ...hit, rank: i + 1 })), width);
  return `${understood.join('\n')}\n${hits.length} of ${index.count} molecules in ${tookMs.toFixed(1)} ms, ${index.name}@${index.generation}\n\n${table}${reasons.length === 0 ? '' : `\n\n${reasons.join('\n')}`}`;
}

function searchedBy({ kind, smiles, reading, input }: SearchResult['query']): string {
  if (smiles !== null) return `searched as ${smiles}`;
  if (kind === 'sites') return 'searched by sites of cells';
  if (kind === 'wells') return `searched by the profile of ${input ?? 'cells'}`;
  return reading === null ? 'searched by the picture itself' : 'searched by the picture and its reading';
}

/** Never all, and never nothing. */
function shareText(share: number): string {
  const percent = Math.round(100 * share);
  return percent > 99 ? 'more than 99 %' : percent < 1 ? 'less than 1 %' : `about ${percent} %`;
}

/** Enough digits to tell the near ones apart, and never rounded up to "all". */
export function formatPercentile(percentile: number): string {
  const digits = percentile >= 99.9 ? 3 : percentile >= 99 ? 2 : percentile >= 90 ? 1 : 0;
  const scale = 10 ** digits;
  return `${(Math.floor(percentile * scale) / scale).toFixed(digits)} %`;
}
