import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChemPool, ENVIRONMENT_RADIUS, valueOf } from '../../src/chem/index.ts';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import { Domain, fitDomain } from '../../src/score/index.ts';
import type { DomainModel } from '../../src/score/index.ts';

/** Anilides of every acid and ring. */
const ACIDS = ['C', 'CC', 'CCC', 'C(C)C', 'C1CC1', 'C1CCC1', 'CCCC', 'COC', 'CCOC', 'CN(C)C'];
const RINGS = ['c1ccccc1', 'c1ccc(F)cc1', 'c1ccc(C)cc1', 'c1cccc(C)c1', 'c1ccc(OC)cc1', 'c1cccc(F)c1', 'c1ccccc1C'];
const anilides = ACIDS.flatMap((acid) => RINGS.map((ring) => `O=C(${acid})N${ring}`));
const others = ['O=C(CCF)Nc1ccccc1', 'O=C(CC)Nc1ccc(CC)cc1', 'O=C(C)Nc1ccc(C)c(F)c1', 'O=C(CCC)NCc1ccccc1', 'O=C(NC)Nc1ccccc1', 'O=C(CC1CC1)Nc1ccccc1', 'OB(O)c1ccc(S(=O)(=O)C#N)cc1', 'O=C(C)Nc1ccncc1', 'CC(=O)Nc1ccc(Cl)cc1'];

let chem: ChemPool;
let model: DomainModel;
beforeAll(async () => {
  chem = new ChemPool({ workers: 1 });
  const otherKeys = new Set((await chem.standardise(others)).map((one) => valueOf(one).connectivityKey));
  model = await fitDomain({
    smiles: [...anilides, ...anilides, 'C[Si](C)(C)C', 'C(', ...others], isTrainedOn: (key) => !otherKeys.has(key), isExcluded: () => false, others, chem, progress: SILENT_PROGRESS,
  });
}, 60_000);
afterAll(() => chem.close());

async function environmentsOf(smiles: string): Promise<Uint32Array> {
  return valueOf((await chem.environments([valueOf((await chem.standardise([smiles]))[0]!).parentSmiles]))[0]!);
}

describe('environments of atoms', () => {
  it('are equal for equal surroundings, and reach two bonds', async () => {
    const [toluene, xylene] = [await environmentsOf('Cc1ccccc1'), await environmentsOf('Cc1ccc(C)cc1')];
    expect(toluene).toHaveLength(7);
    // Of toluene the atoms ortho to one another, and of xylene the four in the middle.
    expect(new Set(toluene).size).toBe(5);
    expect(new Set(xylene).size).toBe(3);
    expect(ENVIRONMENT_RADIUS).toBe(2);
    // The methyl group and what it hangs on; the others see the second methyl group.
    expect([...toluene].filter((one) => xylene.includes(one)).length).toBe(2);
  });
});

describe('the domain of a model', () => {
  it('counts each molecule once, and what it knows', async () => {
    expect(model).toMatchObject({ radius: 2, least: 5, molecules: anilides.length + 1 });
    const domain = new Domain(model);
    expect(domain.molecules).toBe(anilides.length + 1);
    const [usual] = [domain.applicabilityOf(await environmentsOf('O=C(CC)Nc1ccccc1'))];
    expect(usual).toMatchObject({ atoms: 11, known: 11, isFar: false });
    // A single molecule makes nothing known.
    expect(domain.applicabilityOf(await environmentsOf('C[Si](C)(C)C'))).toMatchObject({ atoms: 5, known: 0, isFar: true });
    expect(domain.applicabilityOf(await environmentsOf('OB(O)c1ccc(S(=O)(=O)C#N)cc1')).known).toBeLessThan(6);
  });

  it('tells how near such molecules are, from those that are new', () => {
    expect(model.bands[0]!.from).toBe(0);
    expect(model.bands.reduce((sum, { molecules }) => sum + molecules, 0)).toBe(others.length);
    for (const { nearest: { lower, median, upper } } of model.bands) {
      expect(lower).toBeLessThanOrEqual(median);
      expect(median).toBeLessThanOrEqual(upper);
      expect(upper).toBeLessThan(1);
    }
    expect(model.bands.at(-1)!.nearest.median).toBeGreaterThan(model.bands[0]!.nearest.median);
  });

  it('refuses a run of other molecules', async () => {
    const options = { isExcluded: () => false, chem, progress: SILENT_PROGRESS };
    await expect(fitDomain({ ...options, smiles: anilides, isTrainedOn: () => false, others })).rejects.toMatchObject({ code: 'DATASET_INVALID' });
    await expect(fitDomain({ ...options, smiles: anilides, isTrainedOn: () => true, others: anilides })).rejects.toMatchObject({ code: 'DATASET_INVALID' });
  });
});
