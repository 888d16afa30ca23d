/** Molecules beside images and profiles: what the cells were treated with, standardised once for all that was seen of them. */
import type { ChemPool, FeatureBatch, FeatureRequest } from '../chem/index.ts';
import { IsoLensError, createRng } from '../core/index.ts';
import { isRowHeldOut } from './held-out.ts';
import type { HeldOut } from './held-out.ts';

export interface TreatmentChemistry {
  readonly chem: ChemPool;
  /** What the towers need of each molecule. */
  readonly request: FeatureRequest;
  readonly heldOut: HeldOut;
}

/** One thing that was seen of treated cells: a site, a well. */
export interface Treated {
  readonly smiles?: string;
  /** What stays together in every split, and what losses tell apart. */
  readonly group: string;
  readonly class: string;
}

export interface Treatments<Item extends Treated> {
  /** A row for each readable SMILES of the table. */
  readonly batch: FeatureBatch;
  readonly rowOf: ReadonlyMap<string, number>;
  /** Those that may be trained on, in the table's order; the first block of the parent's InChIKey is their group and their class. */
  readonly items: readonly Item[];
  /** Items whose molecule cannot be standardised, by code, and those whose molecule is held out. */
  readonly unreadable: Readonly<Record<string, number>>;
  readonly heldOut: number;
}

/** The molecule decides what stays together: salts, isotopes and stereoisomers of one skeleton never stand on both sides of a split. */
export async function treatmentsOf<Item extends Treated>(items: readonly Item[], { chem, request, heldOut }: TreatmentChemistry, signal?: AbortSignal): Promise<Treatments<Item>> {
  const smiles = [...new Set(items.map((item) => item.smiles!))];
  const batch = await chem.featurise(smiles, { ...request, inputKey: true }, signal === undefined ? {} : { signal });
  const rowOf = new Map([...batch.rows].map((at, row) => [smiles[at]!, row]));
  const codeOf = new Map(batch.errors.map(({ index, code }) => [smiles[index]!, code]));
  const unreadable: Record<string, number> = {};
  const allowed: Item[] = [];
  let dropped = 0;
  for (const item of items) {
    const row = rowOf.get(item.smiles!);
    if (row === undefined) {
      const code = codeOf.get(item.smiles!)!;
      unreadable[code] = (unreadable[code] ?? 0) + 1;
    } else if (isRowHeldOut(heldOut, batch, row)) {
      dropped++;
    } else {
      const key = batch.molecules[row]!.connectivityKey;
      allowed.push({ ...item, group: key, class: key });
    }
  }
  return { batch, rowOf, items: allowed, unreadable, heldOut: dropped };
}

export interface Split<Item> {
  readonly validation: readonly Item[];
  readonly train: readonly Item[];
  readonly alsoInValidation: number;
}

/** Validation has one item of each of its molecules, none of which is trained on: two of one would be each other's wrong answers. */
export function splitTreated<Item extends Treated>(items: readonly Item[], validationMolecules: number, seed: number, where: string): Split<Item> {
  const shuffled = createRng(seed).shuffle([...items]);
  const first = [...new Map([...shuffled].reverse().map((item) => [item.group, item])).values()];
  if (first.length < 2 * validationMolecules) {
    throw new IsoLensError('DATASET_INVALID', `Expected at least ${2 * validationMolecules} molecules to train on (twice the validation set) but ${where} holds ${first.length}.`);
  }
  const validation = first.slice(0, validationMolecules);
  const taken = new Set(validation.map(({ group }) => group));
  const train = shuffled.filter(({ group }) => !taken.has(group));
  return { validation, train, alsoInValidation: shuffled.length - train.length - validation.length };
}
