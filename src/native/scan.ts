import { addon, guarded } from './engine.ts';
import type { NativeScan, NativeScanColumns } from './types.ts';

/** Scans over columns, which are used where they lie; see `NativeScan`. `steps`: pairs of a descriptor's position and its step. */
export function createScan(columns: NativeScanColumns, steps: readonly (readonly [number, number])[]): NativeScan {
  const scan = guarded(() => new (addon().NativeScan)(columns, Float64Array.from(steps.flat())));
  return {
    nearestByFingerprint: (query, breadth, allowed) => guarded(() => scan.nearestByFingerprint(query, breadth, allowed)),
    nearestByPharmacophore: (query, breadth, allowed) => guarded(() => scan.nearestByPharmacophore(query, breadth, allowed)),
    nearestByVector: (vectors, query, breadth, allowed) => guarded(() => scan.nearestByVector(vectors, query, breadth, allowed)),
    terms: (query, rows, out) => guarded(() => scan.terms(query, rows, out)),
    keepWindow: (allowed, column, own, low, high) => guarded(() => scan.keepWindow(allowed, column, own, low, high)),
    keepWithoutAlerts: (allowed) => guarded(() => scan.keepWithoutAlerts(allowed)),
    keepOtherScaffold: (allowed, scaffold) => guarded(() => scan.keepOtherScaffold(allowed, scaffold)),
    keepUnlike: (allowed, query, limit) => guarded(() => scan.keepUnlike(allowed, query, limit)),
    keepPattern: (allowed, pattern) => guarded(() => scan.keepPattern(allowed, pattern)),
  };
}
