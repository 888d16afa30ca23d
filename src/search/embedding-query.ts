/** An embedding as a query. */
import { IsoLensError, l2Normalise, matrixOf } from '../core/index.ts';
import type { SearchOptions, SearchResult } from './define.ts';

interface GivenEmbedding {
  /** Of unit length. */
  readonly vector: Float32Array;
  readonly query: Omit<SearchResult['query'], 'held' | 'descriptors' | 'applicability'>;
}

/** given: (dimension), of any length but zero; VECTOR_INVALID for any other. */
export function givenEmbedding(given: Float32Array, dimension: number, { from }: Pick<SearchOptions, 'from'>): GivenEmbedding {
  if (from !== undefined) throw new IsoLensError('ARGUMENT_INVALID', 'Expected no "from" beside an embedding, which no encoder reads; leave it out.');
  if (given.length !== dimension) throw new IsoLensError('VECTOR_INVALID', `Expected an embedding of ${dimension} numbers, as the encoders of this bundle give, but received ${given.length}.`);
  if (!given.every(Number.isFinite) || given.every((value) => value === 0)) throw new IsoLensError('VECTOR_INVALID', 'Expected an embedding of numbers that 32 bits hold and that are not all 0.');
  const { data: vector } = l2Normalise(matrixOf(given.slice(), dimension));
  return { vector, query: { kind: 'embedding', smiles: null, input: null, inchiKey: null, removed: [], warnings: [], chance: null, reading: null } };
}
