import { describe, expect, it } from 'vitest';
import { createKernel } from '../../src/chem/index.ts';
import { withCounterIons } from '../../src/train/counter-ions.ts';

const molecules = ['CCN(CC)CCNC(=O)c1ccc(N)cc1', 'CNC(C)Cc1ccccc1', 'OC(=O)c1ccc(Cl)cc1CCN', 'c1ccc2c(c1)CCNC2C', 'Cl.CNC'];

describe('withCounterIons', () => {
  it('leaves everything alone at share 0, and mixtures at share 1', () => {
    expect(withCounterIons(molecules, 0, 1)).toEqual(molecules);
    const all = withCounterIons(molecules, 1, 1);
    expect(all.map((smiles) => smiles.split('.').length)).toEqual([2, 2, 2, 2, 2]);
    expect(all[4]).toBe('Cl.CNC');
  });

  it('is the same for a seed and differs between seeds', () => {
    const many = Array.from({ length: 200 }, () => molecules[0]!);
    expect(withCounterIons(many, 0.5, 3)).toEqual(withCounterIons(many, 0.5, 3));
    expect(withCounterIons(many, 0.5, 3)).not.toEqual(withCounterIons(many, 0.5, 4));
    const share = withCounterIons(many, 0.5, 3).filter((smiles) => smiles.includes('.')).length / many.length;
    expect(share).toBeGreaterThan(0.35);
    expect(share).toBeLessThan(0.65);
  });

  it('never changes the parent: every partner is one that standardisation sets aside', async () => {
    const { standardiser } = await createKernel();
    const parent = (smiles: string): string => standardiser.standardise(smiles, (_, { inchiKey }) => inchiKey);
    const many = Array.from({ length: 400 }, () => molecules[1]!);
    const expected = parent(molecules[1]!);
    for (const smiles of new Set(withCounterIons(many, 1, 7))) expect(parent(smiles), smiles).toBe(expected);
  });
});
