/** What a text means: the molecule that would be searched, with what the library knows of it. */
import { alertsOf, valueOf } from '../chem/index.ts';
import type { ChemPool } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import type { SearchResult, Understanding } from './define.ts';
import { describe } from './facts.ts';
import type { SearchLibrary } from './library.ts';
import { calledBy, notationOf } from './naming.ts';

export interface UnderstandingParts {
  readonly text: string;
  /** As it is prepared for a search: a molecule. */
  readonly query: Pick<SearchResult['query'], 'smiles' | 'inchiKey' | 'removed' | 'warnings'>;
  readonly chem: ChemPool;
  /** Its row, where the library holds it. */
  readonly stored: number | undefined;
  readonly library: Pick<SearchLibrary, 'molecules' | 'factsOf'>;
  /** In the order of DESCRIPTOR_NAMES. */
  readonly descriptors: Float32Array;
}

export async function understandingOf({ text, query, chem, stored, library, descriptors }: UnderstandingParts): Promise<Understanding> {
  const smiles = query.smiles!;
  const [batch, [comparison]] = await Promise.all([chem.featurise([smiles], { alerts: true }, { urgent: true }), chem.compare([{ from: smiles, to: smiles }], { urgent: true })]);
  const [molecule] = batch.molecules;
  if (molecule === undefined) throw new IsoLensError('INTERNAL', `Expected a molecule that was searched to be read again but: ${batch.errors[0]?.message ?? 'nothing came back'}`);
  const alerts = stored === undefined ? alertsOf(batch.alerts!.data) : (await library.factsOf([stored]))[0]!.alerts;
  const held = stored === undefined ? undefined : await library.molecules.get(stored);
  return {
    kind: (await calledBy(library.molecules, text))?.how ?? notationOf(text),
    smiles, inchiKey: query.inchiKey!, formula: molecule.formula, id: held?.ids[0] ?? null, names: [...(held?.names ?? [])],
    removed: query.removed, warnings: query.warnings,
    descriptors: describe(descriptors), alerts: alerts.map(({ name, source }) => ({ name, source })),
    ionisation: valueOf(comparison!).ionisation.from,
  };
}
