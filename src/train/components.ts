/**
 * What a tower serves in place of its projection: principal components of the trunk's features, at unit length, as they differ from those
 * of ordinary molecules. The projection learns what the losses ask for; the layer before it knows more, of what is new most of all.
 * References: Sariyildiz et al. 2023, arXiv:2206.15369 (t-ReX: an expendable projector); Su et al. 2021, arXiv:2103.15316 (centred features).
 */
import { readModel } from '../bundle/index.ts';
import type { ChemPool } from '../chem/index.ts';
import { IsoLensError, dot, l2Normalise, matrixOf, rowOf, stackRows, symmetricEigen } from '../core/index.ts';
import type { Matrix, Progress } from '../core/index.ts';
import { openTrunk } from '../ingest/index.ts';
import { COMPONENTS } from '../model/index.ts';
import type { Recipe } from '../recipes/index.ts';
import { isExported } from './assemble.ts';
import type { Assembly } from './assemble.ts';
import { isRowHeldOut } from './held-out.ts';
import type { HeldOut } from './held-out.ts';
import { readSources } from './sources.ts';

export interface ComponentsOptions {
  readonly heldOut: HeldOut;
  readonly chem: ChemPool;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface ServedComponents {
  /** Weights and biases of the layer that serves, by name. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  /** For the model card: ordinary molecules that were looked at, those dropped as held out, and the share of their variance that is kept. */
  readonly counts: { readonly molecules: number; readonly heldOut: number; readonly variance: number };
}

const BATCH = 1024;

/**
 * SMILES of the ordinary molecules; undefined where the recipe wants no components. Refuses, before anything is trained, a recipe whose
 * components would be no shared space, or more than its trunk has features.
 */
export function ordinaryMolecules({ components, embeddingDimension, gallery, training }: Recipe, { towers }: Pick<Assembly, 'towers'>, dataFolder: string): readonly string[] | undefined {
  if (components === undefined) return undefined;
  const exported = towers.filter((one) => isExported(one, gallery));
  const [{ modality, spec }] = exported as [Assembly['towers'][number]];
  const width = spec.encoder.outputWidth(spec.config);
  if (exported.length === 1 && modality.source === 'molecule' && width >= embeddingDimension) return readSources([components.background], dataFolder, training.seed).smiles;
  const received = exported.length > 1 ? `${exported.length} towers` : `one of "${modality.id}" with ${width}`;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected "components" in a recipe that exports one tower of molecules, with ${embeddingDimension} features or more, but received ${received}.`);
}

/** `model`: folder of the exported model, which has one tower; `smiles`: what `ordinaryMolecules` gave. */
export async function servedComponents(model: string, smiles: readonly string[], { embeddingDimension }: Recipe, options: ComponentsOptions): Promise<ServedComponents> {
  const { progress } = options;
  progress.start('components of ordinary molecules', smiles.length);
  const { tower, features, heldOut } = await featuresOf(model, smiles, options);
  if (features.rows < embeddingDimension) throw new IsoLensError('DATASET_INVALID', `Expected at least ${embeddingDimension} molecules of "components" that can be read and are not held out but received ${features.rows}.`);
  const { mean, covariance } = momentsOf(features);
  const width = features.cols;
  const { values, vectors } = symmetricEigen(covariance, width);
  const order = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]!).slice(0, embeddingDimension);
  const weight = stackRows(order.map((k) => Float32Array.from(vectors.subarray(k * width, (k + 1) * width))));
  const bias = Float32Array.from(order, (_, i) => -dot(rowOf(weight, i), mean));
  const variance = order.reduce((sum, k) => sum + values[k]!, 0) / values.reduce((sum, value) => sum + value, 0);
  progress.finish(`${order.length} components of ${features.rows} molecules hold ${(100 * variance).toFixed(1)} % of their variance; dropped ${heldOut} held-out molecules`);
  const scope = `${tower}.${COMPONENTS}`;
  return { parameters: new Map([[`${scope}.weight`, weight.data], [`${scope}.bias`, bias]]), counts: { molecules: features.rows, heldOut, variance } };
}

/** (molecules, width), rows of unit length, of those that can be read and are not held out. */
async function featuresOf(model: string, smiles: readonly string[], { chem, heldOut, progress, signal }: ComponentsOptions): Promise<{ readonly tower: string; readonly features: Matrix; readonly heldOut: number }> {
  const trunk = await openTrunk(await readModel(model));
  try {
    const rows: Float32Array[] = [];
    let dropped = 0;
    for (let from = 0; from < smiles.length; from += BATCH) {
      const batch = await chem.featurise(smiles.slice(from, from + BATCH), { ...trunk.request, inputKey: true }, { signal });
      if (batch.rows.length === 0) continue;
      const data = await trunk.encode(batch);
      const vectors = matrixOf(data, data.length / batch.rows.length);
      for (let row = 0; row < vectors.rows; row++) {
        if (isRowHeldOut(heldOut, batch, row)) dropped++;
        else rows.push(rowOf(vectors, row));
      }
      progress.update(Math.min(smiles.length, from + BATCH));
    }
    return { tower: trunk.tower, features: l2Normalise(stackRows(rows)), heldOut: dropped };
  } finally {
    await trunk.close();
  }
}

/** Mean (width), and covariance (width, width) about it. */
function momentsOf(features: Matrix): { readonly mean: Float32Array; readonly covariance: Float64Array } {
  const { rows, cols } = features;
  const mean = new Float64Array(cols);
  const covariance = new Float64Array(cols * cols);
  for (let r = 0; r < rows; r++) {
    const row = rowOf(features, r);
    for (let i = 0; i < cols; i++) {
      const value = row[i]! / rows;
      mean[i]! += value;
      // Features after ReLU are zero in half of the places.
      if (value !== 0) for (let j = 0; j <= i; j++) covariance[i * cols + j]! += value * row[j]!;
    }
  }
  for (let i = 0; i < cols; i++) {
    for (let j = 0; j <= i; j++) {
      covariance[i * cols + j]! -= mean[i]! * mean[j]!;
      covariance[j * cols + i] = covariance[i * cols + j]!;
    }
  }
  return { mean: Float32Array.from(mean), covariance };
}
