/** The single replacement that leads from the query to a candidate, where there is one, and what measured activities say of it. */
import type { ChemPool, StructuralChange } from '../chem/index.ts';
import type { EvidenceSource, ReplacementSupport } from '../score/index.ts';

export interface MatchedPair {
  /** The way to see the change for which something is known; else the one with the largest common part. */
  readonly change: StructuralChange;
  readonly support: ReplacementSupport | undefined;
}

const PAIRED_AT_ONCE = 16;

/** One answer a candidate; undefined where no single replacement leads there, or none was found in time: the first go first. */
export async function matchedPairs(chem: ChemPool, evidence: EvidenceSource | undefined, from: string, to: readonly string[], limitMs: number): Promise<(MatchedPair | undefined)[]> {
  const stop = AbortSignal.timeout(limitMs);
  const ways: StructuralChange[][] = [];
  for (let at = 0; at < to.length && !stop.aborted; at += PAIRED_AT_ONCE) {
    const outcomes = await chem.changes(to.slice(at, at + PAIRED_AT_ONCE).map((smiles) => [from, smiles]), { urgent: true, signal: stop }).catch((thrown: unknown) => {
      if (stop.aborted) return [];
      throw thrown;
    });
    ways.push(...outcomes.map((outcome) => (outcome.ok ? outcome.value : [])));
  }
  const known = await evidence?.support(ways) ?? [];
  return to.map((_, i) => {
    const support = known[i];
    const change = support?.change ?? ways[i]?.[0];
    return change === undefined ? undefined : { change, support };
  });
}
