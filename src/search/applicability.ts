/** Whether a query is like what the model learned from. */
import { valueOf } from '../chem/index.ts';
import type { ChemPool } from '../chem/index.ts';
import { Domain } from '../score/index.ts';
import type { Applicability, ScoreModel } from '../score/index.ts';

export class QueryDomain {
  private readonly domain: Domain | undefined;
  private readonly chem: ChemPool;

  constructor(score: ScoreModel | undefined, chem: ChemPool) {
    this.domain = score?.domain === undefined ? undefined : new Domain(score.domain);
    this.chem = chem;
  }

  /** null for what is no molecule, and where the model has no count of what it met. */
  async of(smiles: string | null): Promise<Applicability | null> {
    if (smiles === null || this.domain === undefined) return null;
    const [environments] = await this.chem.environments([smiles], { urgent: true });
    return this.domain.applicabilityOf(valueOf(environments!));
  }

  warningsOf(applicability: Applicability | null): string[] {
    if (applicability === null || !applicability.isFar) return [];
    const { atoms, known, nearest: { median } } = applicability;
    return [`Far from what the model learned from: it knows the surroundings of only ${known} of ${atoms} heavy atoms from its ${this.domain!.molecules.toLocaleString('en')} molecules. New molecules that it knew as little of had a median ECFP4 Tanimoto of ${median.toFixed(2)} to the nearest of these; scores may mean little.`];
  }
}
