/** What a text means: the molecule that would be searched, with what the library knows of it. */
import { valueOf } from '../chem/index.ts';
import type { ChemPool } from '../chem/index.ts';
import type { MoleculeStore } from '../store/index.ts';
import type { SearchResult, Understanding } from './define.ts';
import type { Library } from './library.ts';
import { calledBy, notationOf } from './naming.ts';

export interface UnderstandingParts {
  readonly text: string;
  /** As it is prepared for a search: a molecule. */
  readonly query: Pick<SearchResult['query'], 'smiles' | 'inchiKey' | 'removed' | 'warnings'>;
  readonly chem: ChemPool;
  readonly molecules: MoleculeStore;
  /** Its row, where the library holds it. */
  readonly stored: number | undefined;
  readonly library: Library;
  /** Its row among the profiles; another query may take its place at every wait. */
  readonly rowNow: () => number;
}

export async function understandingOf({ text, query, chem, molecules, stored, library, rowNow }: UnderstandingParts): Promise<Understanding> {
  const smiles = query.smiles!;
  const [[molecule], [comparison]] = await Promise.all([chem.standardise([smiles], { urgent: true }), chem.compare([{ from: smiles, to: smiles }], { urgent: true })]);
  const row = rowNow();
  const held = stored === undefined ? undefined : molecules.get(stored);
  return {
    kind: calledBy(molecules, text)?.how ?? notationOf(text),
    smiles, inchiKey: query.inchiKey!, formula: valueOf(molecule!).formula, id: held?.ids[0] ?? null, names: [...(held?.names ?? [])],
    removed: query.removed, warnings: query.warnings,
    descriptors: library.descriptorsOf(row), alerts: library.alerts(row).map(({ name, source }) => ({ name, source })),
    ionisation: valueOf(comparison!).ionisation.from,
  };
}
