import { IsoLensError } from '../core/index.ts';
import type { IndexBackend } from './define.ts';
import { exact } from './exact.ts';
import { hnsw } from './hnsw.ts';

export { Bitset } from './bitset.ts';
export { buildIndex, defineBackend } from './define.ts';
export type { IndexBackend, IndexStats, NeighbourOptions, Neighbours, VectorIndex } from './define.ts';
export { exactOver } from './exact.ts';
export { IndexBuilder } from './builder.ts';

/** Every backend; adding one is one line here. */
export const INDEX_BACKENDS = [exact, hnsw] as const;

export type IndexBackendId = (typeof INDEX_BACKENDS)[number]['id'];

export const DEFAULT_INDEX_BACKEND: IndexBackendId = 'hnsw';

export function indexBackend(id: string): IndexBackend {
  const found = INDEX_BACKENDS.find((backend) => backend.id === id);
  if (found !== undefined) return found;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected an index backend (${INDEX_BACKENDS.map((backend) => backend.id).join(', ')}) but received ${JSON.stringify(id)}.`);
}
export { TopK } from './top-k.ts';
