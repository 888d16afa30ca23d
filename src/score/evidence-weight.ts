/**
 * What measured evidence for a replacement is worth in the score. Of an active and the molecules of its assay that one replacement leads
 * to, some act alike and some do not: the weight is the one that puts the former first (a conditional logistic regression: what an assay's
 * molecules have in common drops out). The table must know nothing of these assays, nor of their molecules.
 */
import { ECFP4, tanimoto } from '../chem/index.ts';
import type { ChemPool } from '../chem/index.ts';
import type { Progress, Rng } from '../core/index.ts';
import type { CalibrationAssay, EvidenceSource } from './define.ts';
import { fitLogistic } from './fit.ts';
import type { Example } from './fit.ts';

export interface EvidenceFit {
  readonly weight: number;
  /** Pairs with evidence, those of them that acted alike, and the assays that they are from. */
  readonly pairs: number;
  readonly alike: number;
  readonly assays: number;
  /** In the assays that the fit left out: how often, of two molecules of one query, the evidence is for the one that acted alike. */
  readonly leftOutAuc: number | null;
  /** By log-odds of the evidence, from `from` on: pairs, and the share that acted alike. */
  readonly bands: readonly { readonly from: number | null; readonly pairs: number; readonly alike: number }[];
}

export interface EvidenceOptions {
  readonly assays: readonly CalibrationAssay[];
  readonly evidence: EvidenceSource;
  readonly chem: ChemPool;
  readonly isExcluded: (connectivityKey: string) => boolean;
  /** One assay of so many is measured on instead. */
  readonly leftOut: number;
  readonly rng: Rng;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

/** Molecules of either kind, and the pairs of an active and another that are looked at, the closest first. */
const [MEMBERS, LOOKED_AT] = [40, 150];
const BANDS: readonly number[] = [-1, -0.5, 0, 0.5, 1];
const RIDGE = 1;

interface Candidate {
  readonly value: number;
  readonly isAlike: boolean;
}

/** The candidates of one query. */
interface Query {
  readonly assay: number;
  readonly candidates: readonly Candidate[];
}

export async function fitEvidence(options: EvidenceOptions): Promise<EvidenceFit> {
  const { assays, leftOut, progress, signal } = options;
  const queries: Query[] = [];
  progress.start('evidence', assays.length);
  for (const [assay, one] of assays.entries()) {
    signal?.throwIfAborted();
    for (const candidates of await candidatesOf(one, options)) queries.push({ assay, candidates });
    progress.update(assay + 1);
  }
  const pairs = queries.flatMap(({ candidates }) => candidates);
  progress.finish(`${pairs.length} pairs`);
  const isLeftOut = ({ assay }: Query): boolean => assay % leftOut === 0;
  const { weights: [weight = 0] } = fitLogistic(queries.filter((query) => !isLeftOut(query)).flatMap(comparisonsOf), [1], RIDGE, false);
  return {
    weight: Number(weight.toFixed(4)), pairs: pairs.length, alike: pairs.filter(({ isAlike }) => isAlike).length,
    assays: new Set(queries.map(({ assay }) => assay)).size,
    leftOutAuc: shareInOrder(queries.filter(isLeftOut).flatMap(comparisonsOf)),
    bands: bandsOf(pairs),
  };
}

/** Of each active: the members of its assay that one replacement leads to, of which something is known. */
async function candidatesOf({ smiles, active }: CalibrationAssay, { evidence, chem, isExcluded, rng }: EvidenceOptions): Promise<Candidate[][]> {
  const pick = (value: number): string[] => rng.shuffle([...new Set(smiles.filter((_, i) => active[i] === value))]).slice(0, MEMBERS);
  const [actives, inactives] = [pick(1), pick(0)];
  const batch = await chem.featurise([...actives, ...inactives], { bits: { ecfp4: ECFP4 } });
  const { data, bytes } = batch.bits['ecfp4']!;
  const members = Array.from(batch.rows, (index, row) => ({ molecule: batch.molecules[row]!, isActive: index < actives.length, bits: data.subarray(row * bytes, (row + 1) * bytes) }))
    .filter(({ molecule }) => !isExcluded(molecule.connectivityKey));
  const near = members.flatMap((a, i) => (a.isActive ? members.flatMap((b, j) => (b.isActive && j <= i ? [] : [{ a, b, likeness: tanimoto(a.bits, b.bits) }])) : []))
    .filter(({ a, b }) => a.molecule.connectivityKey !== b.molecule.connectivityKey)
    .sort((p, q) => q.likeness - p.likeness).slice(0, LOOKED_AT);
  const changes = (await chem.changes(near.map(({ a, b }) => [a.molecule.parentSmiles, b.molecule.parentSmiles] as const))).map((outcome) => (outcome.ok ? outcome.value : []));
  const support = await evidence.support(changes);
  const byQuery = new Map<string, Candidate[]>();
  near.forEach(({ a, b }, i) => {
    const known = support[i];
    if (known === undefined) return;
    const found = byQuery.get(a.molecule.parentSmiles);
    const candidate = { value: known.value, isAlike: b.isActive };
    if (found === undefined) byQuery.set(a.molecule.parentSmiles, [candidate]);
    else found.push(candidate);
  });
  return [...byQuery.values()];
}

/** Every candidate that acted alike against every one that did not; a query counts by its candidates, not by how they can be paired. */
function comparisonsOf({ candidates }: Query): Example[] {
  const [alike, others] = [candidates.filter(({ isAlike }) => isAlike), candidates.filter(({ isAlike }) => !isAlike)];
  const weight = (candidates.length - 1) / Math.max(1, alike.length * others.length);
  return alike.flatMap((one) => others.map((other): Example => ({ values: Float64Array.of(one.value - other.value), label: 1, weight })));
}

function shareInOrder(comparisons: readonly Example[]): number | null {
  const all = comparisons.reduce((sum, { weight }) => sum + weight, 0);
  const right = comparisons.reduce((sum, { values: [difference], weight }) => sum + weight * (difference! > 0 ? 1 : difference === 0 ? 0.5 : 0), 0);
  return all === 0 ? null : Number((right / all).toFixed(4));
}

function bandsOf(pairs: readonly Candidate[]): EvidenceFit['bands'] {
  return [Number.NEGATIVE_INFINITY, ...BANDS].map((from, i) => {
    const inside = pairs.filter(({ value }) => value >= from && value < (BANDS[i] ?? Number.POSITIVE_INFINITY));
    return { from: Number.isFinite(from) ? from : null, pairs: inside.length, alike: Number((inside.filter(({ isAlike }) => isAlike).length / Math.max(1, inside.length)).toFixed(4)) };
  });
}
