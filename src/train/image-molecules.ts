/** Molecules beside images: what the cells of a site were treated with, standardised once for all its images. */
import type { ChemPool, FeatureBatch, FeatureRequest } from '../chem/index.ts';
import type { TableImage } from '../ingest/index.ts';
import { isRowHeldOut } from './held-out.ts';
import type { HeldOut } from './held-out.ts';

export interface ImageChemistry {
  readonly chem: ChemPool;
  /** What the towers need of each molecule. */
  readonly request: FeatureRequest;
  readonly heldOut: HeldOut;
}

export interface ImageMolecules {
  /** A row for each readable SMILES of the table. */
  readonly batch: FeatureBatch;
  readonly rowOf: ReadonlyMap<string, number>;
  /** Those that may be trained on, in the table's order; the first block of the parent's InChIKey is their group and their class. */
  readonly images: readonly TableImage[];
  /** Images whose molecule cannot be standardised, by code, and those whose molecule is held out. */
  readonly unreadable: Readonly<Record<string, number>>;
  readonly heldOut: number;
}

/** The molecule decides what stays together: salts, isotopes and stereoisomers of one skeleton never stand on both sides of a split. */
export async function moleculesOfImages(images: readonly TableImage[], { chem, request, heldOut }: ImageChemistry, signal?: AbortSignal): Promise<ImageMolecules> {
  const smiles = [...new Set(images.map((image) => image.smiles!))];
  const batch = await chem.featurise(smiles, { ...request, inputKey: true }, signal === undefined ? {} : { signal });
  const rowOf = new Map([...batch.rows].map((at, row) => [smiles[at]!, row]));
  const codeOf = new Map(batch.errors.map(({ index, code }) => [smiles[index]!, code]));
  const unreadable: Record<string, number> = {};
  const allowed: TableImage[] = [];
  let dropped = 0;
  for (const image of images) {
    const row = rowOf.get(image.smiles!);
    if (row === undefined) {
      const code = codeOf.get(image.smiles!)!;
      unreadable[code] = (unreadable[code] ?? 0) + 1;
    } else if (isRowHeldOut(heldOut, batch, row)) {
      dropped++;
    } else {
      const key = batch.molecules[row]!.connectivityKey;
      allowed.push({ ...image, group: key, class: key });
    }
  }
  return { batch, rowOf, images: allowed, unreadable, heldOut: dropped };
}
