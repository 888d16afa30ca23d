/** What is asked of candidates beside the query, one by one: a single change, or another scaffold. */
import { IsoLensError } from '../core/index.ts';
import type { Contrasts } from './contrasts.ts';
import type { SearchMode } from './define.ts';
import type { SearchFilters } from './filters.ts';

export interface CloserLook {
  /** So many of the best are looked at, at the most. */
  readonly most: number;
  /** One answer a candidate. */
  keeps(to: readonly string[]): Promise<readonly boolean[]>;
}

/** In the mode `hop` so much of the scaffold must be new: not another ring on it, nor another atom in it. */
const HOP_DISTANCE = 0.3;
const [SINGLE_AMONG, FAR_AMONG] = [400, 2000];

/** undefined where nothing of the kind is asked for. `smiles`: null for a query that is no molecule. */
export function closerLook(contrasts: Contrasts, smiles: string | null, mode: SearchMode, { scaffoldDistance }: Pick<SearchFilters, 'scaffoldDistance'>): CloserLook | undefined {
  const least = scaffoldDistance ?? (mode === 'hop' ? HOP_DISTANCE : 0);
  const isSingle = mode === 'replace';
  if (!isSingle && least <= 0) return undefined;
  if (smiles === null) {
    throw new IsoLensError('ARGUMENT_INVALID', `Expected a molecule as the query for ${isSingle ? 'the mode "replace"' : 'other scaffolds'} but received a picture that is compared as a whole; search by what is read of it.`);
  }
  return {
    most: isSingle ? SINGLE_AMONG : FAR_AMONG,
    keeps: async (to) => {
      const single = isSingle ? await contrasts.singleChanges(smiles, to) : undefined;
      const distances = least <= 0 ? undefined : await contrasts.scaffoldDistances(smiles, to);
      return to.map((_, i) => single?.[i] !== false && (distances === undefined || distances[i]! >= least));
    },
  };
}
