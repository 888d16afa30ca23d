/** Treated cells as a query: their sites, or their profile, in the space of structures. */
import * as z from 'zod';
import { IsoLensError, l2Normalise, matrixOf, meanOfRows } from '../core/index.ts';
import type { CellsQuery, SearchResult } from './define.ts';
import type { Pairing } from './pairing.ts';
import type { Towers } from './towers.ts';
import { warningText } from './warnings.ts';

/** What `isolens evaluate cells --card` has measured of the model. */
const factSchema = z.object({
  among: z.number(), compounds: z.number(), top: z.array(z.object({ rank: z.number(), share: z.number(), interval: z.tuple([z.number(), z.number()]) })).min(1),
});

/** How far an answer can be trusted: what came true for compounds that the model had not seen. Nothing where it was not measured. */
function trustIn(card: Readonly<Record<string, unknown>>): string[] {
  const { data } = factSchema.safeParse(card['cellsRetrieval']);
  if (data === undefined) return [];
  const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
  const parts = data.top.map(({ rank, share, interval: [low, high] }) => `${rank === 1 ? 'first' : `among the first ${rank}`} in ${percent(share)} (95 % interval ${percent(low)} to ${percent(high)})`);
  return [`Of ${data.compounds} compounds that the model had not seen, the right structure of ${data.among} came ${parts.join(', ')}.`];
}

interface EmbeddedCells {
  /** Of unit length: the mean over the sites. */
  readonly vector: Float32Array;
  readonly query: Omit<SearchResult['query'], 'held' | 'descriptors' | 'applicability'>;
}

/** Sites that cannot be read are left out and told; where none can, the first one's error is the answer. */
export async function embeddedCells(query: CellsQuery, towers: Towers, { tower }: Pairing, card: Readonly<Record<string, unknown>>): Promise<EmbeddedCells> {
  if (query.kind === 'sites' && towers.portrays(tower)) {
    throw new IsoLensError('MODALITY_UNSUPPORTED', `Expected a bundle whose encoders read images of cells but they read ${towers.modalities.join(', ')}; index the library by a model of cells with "isolens index --model".`);
  }
  const items = query.kind === 'sites' ? query.sites : [query.features];
  const { vectors, errors, warnings = [] } = await towers.items(tower, items, true);
  const [error] = errors;
  if (vectors.rows === 0) {
    if (error === undefined) throw new IsoLensError('IMAGE_EMPTY', 'Expected at least one site of cells but received none.');
    throw new IsoLensError(error.code, error.message, { details: error.details });
  }
  const rows = [...Array.from({ length: vectors.rows }).keys()];
  const vector = l2Normalise(matrixOf(meanOfRows(l2Normalise(vectors), rows), vectors.cols)).data;
  const texts = [
    ...(query.kind === 'wells' ? query.warnings : []), ...new Set(warnings.flat().map(warningText)),
    ...trustIn(card),
    ...errors.map(({ index, message }) => `Site ${index + 1} of ${items.length} was left out: ${message}`),
  ];
  return { vector, query: { kind: query.kind, smiles: null, input: query.kind === 'wells' ? query.name : null, inchiKey: null, removed: [], warnings: texts, chance: null, reading: null } };
}
