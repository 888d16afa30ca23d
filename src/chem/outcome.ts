import { IsoLensError } from '../core/index.ts';
import type { Outcome } from './tasks.ts';

/** What came out, or the item's error thrown: for callers to whom one failed item is the failure of all. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  const { code, message, details } = outcome.error;
  throw new IsoLensError(code, message, { details });
}
