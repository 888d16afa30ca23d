/**
 * The query beside its candidates: what both share, and the single replacement that leads from one to the other. Limits count work, never
 * time. All are parents that this program wrote: what fails is a worker, and an answer without it would be another answer.
 */
import { valueOf } from '../chem/index.ts';
import type { ChemPool, Comparison, GroupChange, StructuralChange } from '../chem/index.ts';
import type { EvidenceSource, ReplacementSupport } from '../score/index.ts';
import { PairMemory } from './pair-memory.ts';

export interface MatchedPair {
  /** The way to see the change that leaves the largest common part. */
  readonly change: StructuralChange;
  /** What is known of the first way of which anything is. */
  readonly support: ReplacementSupport | undefined;
}

/** Nobody reads the reasons of more. */
const MOST_COMPARED = 200;
/** Of the query's heavy atoms: less is no core. */
const LEAST_KEPT_SHARE = 1 / 3;

/** Pairs of molecules of which an answer is remembered: a query that comes back with other filters meets the same candidates. */
const REMEMBERED = 20_000;

/** Compares pairs of molecules on the chemistry workers; what was compared lately is remembered. */
export class Contrasts {
  private readonly compared = new PairMemory<Comparison>(REMEMBERED);
  private readonly changed = new PairMemory<readonly StructuralChange[]>(REMEMBERED);
  private readonly contrasted = new PairMemory<boolean>(REMEMBERED);
  private readonly distances = new PairMemory<number>(REMEMBERED);
  private readonly chem: ChemPool;
  private readonly evidence: EvidenceSource | undefined;

  constructor(chem: ChemPool, evidence: EvidenceSource | undefined) {
    this.chem = chem;
    this.evidence = evidence;
  }

  /** In the order of `to`; undefined beyond MOST_COMPARED. */
  async compare(from: string, to: readonly string[]): Promise<(Comparison | undefined)[]> {
    const known = await this.compared.of(from, to.slice(0, MOST_COMPARED), async (missing) => (
      (await this.chem.compare(missing.map((smiles) => ({ from, to: smiles })), { urgent: true })).map(valueOf)
    ));
    return to.map((_, i) => known[i]);
  }

  /** One answer a candidate; undefined where no single replacement leads there. */
  async matchedPairs(from: string, to: readonly string[]): Promise<(MatchedPair | undefined)[]> {
    const ways = await this.changed.of(from, to, async (missing) => (await this.chem.changes(missing.map((smiles) => [from, smiles] as const), { urgent: true })).map(valueOf));
    const known = await this.evidence?.support(ways) ?? [];
    return ways.map(([change], i) => (change === undefined ? undefined : { change, support: known[i] }));
  }

  /** How much of each scaffold is new, 0 to 1. */
  scaffoldDistances(from: string, to: readonly string[]): Promise<number[]> {
    return this.distances.of(from, to, async (missing) => (await this.chem.scaffoldDistance(missing.map((smiles) => ({ from, to: smiles })), { urgent: true })).map(valueOf));
  }

  /** Whether what is told of each is one change, and a core of the query is kept. */
  singleChanges(from: string, to: readonly string[]): Promise<boolean[]> {
    return this.contrasted.of(from, to, async (missing) => {
      const outcomes = await this.chem.contrast(missing.map((smiles) => ({ from, to: smiles })), { urgent: true });
      return outcomes.map(valueOf).map(({ kept, changes, atoms }) => changes === 1 && kept >= LEAST_KEPT_SHARE * atoms);
    });
  }
}

/** What is told of a candidate: the common part, or the matched pair where that keeps more (the two sides of a linker). */
export function toldOf(common: Comparison | undefined, pair: MatchedPair | undefined): Comparison | undefined {
  if (common === undefined || pair === undefined || pair.change.keptA.length <= common.fromAtoms.length) return common;
  const { cuts, from, to, keptA, keptB } = pair.change;
  // A single attachment point needs no number.
  const shown = (smiles: string): string => (cuts === 1 ? smiles.replace('[*:1]', '*') : smiles);
  const change: GroupChange = { kind: 'group', from: shown(from), to: shown(to), text: `${shown(from)} -> ${shown(to)}`, names: null };
  return { fromAtoms: keptA, toAtoms: keptB, changes: [change], atoms: common.atoms, ionisation: common.ionisation };
}
