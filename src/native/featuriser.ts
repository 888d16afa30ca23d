/** Everything that is counted over the graphs of molecules, a batch at a time. */
import { addon, guarded } from './engine.ts';
import type { NativeCommonParts, NativeFeatureRequest, NativeFeatures } from './types.ts';

export interface NativeFeaturiser {
  /** smiles: of standardised parents, as RDKit writes them. threads >= 1; the call returns when all are done. */
  compute(smiles: readonly string[], request: NativeFeatureRequest, threads: number): NativeFeatures;
  /** The largest common part of one molecule with each of others, atoms in the order of their SMILES. */
  commonParts(from: string, to: readonly string[]): NativeCommonParts;
}

/** alerts: SMARTS of at most 64 structural alerts. NATIVE_UNAVAILABLE where the engine is not built for this machine. */
export function createFeaturiser(alerts: readonly string[]): NativeFeaturiser {
  return guarded(() => {
    const featuriser = new (addon().NativeFeaturiser)(JSON.stringify({ alerts }));
    return {
      commonParts: (from, to) => guarded(() => addon().commonParts(from, to.map((text) => `${text}\n`).join(''))),
      compute: (smiles, request, threads) => guarded(() => featuriser.compute(smiles.map((text) => `${text}\n`).join(''), JSON.stringify(request), threads)),
    };
  });
}
