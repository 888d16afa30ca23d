import { toIsoLensError } from '../core/index.ts';
import type { Products } from '../evaluate/index.ts';
import { nativeInfo, nativeProducts } from '../native/index.ts';
import type { Context } from './context.ts';

/** The engine's matrix product; without an engine, which measuring does not need, the slower one. */
export function productsOf({ threads, progress }: Context): Products | undefined {
  try {
    nativeInfo();
    return nativeProducts(threads);
  } catch (thrown) {
    progress.warn(`Ranking in JavaScript, which takes minutes for a large pool. ${toIsoLensError(thrown).message}`);
    return undefined;
  }
}
