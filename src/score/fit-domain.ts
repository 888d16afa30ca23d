/** Counts the environments of the molecules that a model learned from, and measures by new ones what their share says. */
import { ECFP4, ENVIRONMENT_RADIUS, tanimoto } from '../chem/index.ts';
import type { ChemPool } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import type { Progress } from '../core/index.ts';
import { Domain, packed } from './domain.ts';
import type { DomainModel } from './domain.ts';

export interface FitDomainOptions {
  /** SMILES of what may have been learned from; `isTrainedOn` decides by the first block of an InChIKey. */
  readonly smiles: readonly string[];
  readonly isTrainedOn: (connectivityKey: string) => boolean;
  /** First blocks of InChIKeys that nothing may be measured by. */
  readonly isExcluded: (connectivityKey: string) => boolean;
  /** New molecules of the same kind: those of assays that training left out. */
  readonly others: readonly string[];
  readonly chem: ChemPool;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

/** An environment of fewer molecules is not known. */
const LEAST = 5;
const BATCH = 2048;
/** Of new molecules, by their share of known atoms: as many in each band. */
const BANDS = 4;
/** Of the new molecules so many are called far: what is rarer among them was hardly learned. */
const FAR_SHARE = 0.05;

export async function fitDomain({ smiles, isTrainedOn, isExcluded, others, chem, progress, signal }: FitDomainOptions): Promise<DomainModel> {
  const counts = new Map<number, number>();
  const seen = new Set<string>();
  const fingerprints: Uint8Array[] = [];
  progress.start('environments', smiles.length);
  for (let from = 0; from < smiles.length; from += BATCH) {
    signal?.throwIfAborted();
    for (const { key, environments, bits } of await readBatch(chem, smiles.slice(from, from + BATCH), isTrainedOn)) {
      if (seen.has(key)) continue;
      seen.add(key);
      for (const one of new Set(environments)) counts.set(one, (counts.get(one) ?? 0) + 1);
      fingerprints.push(bits);
    }
    progress.update(Math.min(smiles.length, from + BATCH));
  }
  const known = Uint32Array.from([...counts].flatMap(([environment, count]) => (count >= LEAST ? [environment] : []))).sort();
  progress.finish(`${known.length} known, of ${fingerprints.length} molecules`);
  if (known.length === 0) throw new IsoLensError('DATASET_INVALID', `Expected molecules that were trained on among ${smiles.length} of the sources but found ${fingerprints.length}; check that the run and the data folder belong together.`);
  const unmeasured: DomainModel = { radius: ENVIRONMENT_RADIUS, molecules: fingerprints.length, least: LEAST, environments: packed(known), far: 0, bands: [{ from: 0, molecules: 0, nearest: { lower: 0, median: 0, upper: 0 } }], provenance: {} };
  const domain = new Domain(unmeasured);
  const fresh = await readBatch(chem, others, (key) => !seen.has(key) && !isExcluded(key));
  progress.start('nearest molecules', fresh.length);
  const measured = fresh.map(({ environments, bits }, i) => {
    progress.update(i + 1);
    return { share: domain.applicabilityOf(environments).known / Math.max(1, environments.length), nearest: fingerprints.reduce((best, other) => Math.max(best, tanimoto(bits, other)), 0) };
  }).sort((a, b) => a.share - b.share);
  progress.finish(`${measured.length} new molecules`);
  if (measured.length < 2 * BANDS) throw new IsoLensError('DATASET_INVALID', `Expected at least ${2 * BANDS} molecules that were not trained on in the left-out assays but found ${measured.length}.`);
  const far = measured[Math.floor(FAR_SHARE * measured.length)]!.share;
  return { ...unmeasured, far: rounded(far), bands: bandsOf(measured, far) };
}

interface ReadMolecule {
  /** First block of the InChIKey. */
  readonly key: string;
  readonly environments: Uint32Array;
  /** ECFP4. */
  readonly bits: Uint8Array;
}

async function readBatch(chem: ChemPool, smiles: readonly string[], isWanted: (connectivityKey: string) => boolean): Promise<ReadMolecule[]> {
  const batch = await chem.featurise(smiles, { bits: { ecfp4: ECFP4 } });
  const { data, bytes } = batch.bits['ecfp4']!;
  const rows = Array.from(batch.rows.keys()).filter((row) => isWanted(batch.molecules[row]!.connectivityKey));
  const outcomes = await chem.environments(rows.map((row) => batch.molecules[row]!.parentSmiles));
  return rows.flatMap((row, i) => {
    const outcome = outcomes[i]!;
    return outcome.ok ? [{ key: batch.molecules[row]!.connectivityKey, environments: outcome.value, bits: data.slice(row * bytes, (row + 1) * bytes) }] : [];
  });
}

/** The far ones, then equal parts of the rest. */
function bandsOf(measured: readonly { readonly share: number; readonly nearest: number }[], far: number): DomainModel['bands'] {
  const near = measured.filter(({ share }) => share > far);
  const edges = [...new Set([0, ...(near.length === 0 ? [] : Array.from({ length: BANDS }, (_, i) => near[Math.floor((i * near.length) / BANDS)]!.share))])];
  return edges.flatMap((from, i) => {
    const nearest = measured.filter(({ share }) => share >= from && share < (edges[i + 1] ?? Infinity)).map((one) => one.nearest).sort((a, b) => a - b);
    const at = (quantile: number): number => rounded(nearest[Math.floor(quantile * (nearest.length - 1))]!);
    return nearest.length === 0 ? [] : [{ from: rounded(from), molecules: nearest.length, nearest: { lower: at(0.25), median: at(0.5), upper: at(0.75) } }];
  });
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
