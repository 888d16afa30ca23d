import { beforeAll, describe, expect, it } from 'vitest';
import { createKernel } from '../../src/chem/index.ts';
import type { Kernel } from '../../src/chem/index.ts';
import { plainSmarts } from '../../src/chem/smarts-text.ts';
import { matchSubstructures } from '../../src/chem/substructure.ts';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await createKernel();
});

const holds = (smarts: string, smiles: string): boolean => matchSubstructures(kernel, [smiles], { require: [smarts], forbid: [] }, () => {})[0] === 1;

describe('a SMARTS in the words of the library', () => {
  it.each([
    ['[H]OC(=O)c', 'OC(=O)c1ccccc1', 'COC(=O)c1ccccc1'],
    ['c1ccccc1N([H])[H]', 'Nc1ccccc1', 'CNc1ccccc1'],
    ['[H]N([H])S(=O)(=O)c', 'NS(=O)(=O)c1ccccc1', 'CNS(=O)(=O)c1ccccc1'],
    ['CC(-[H])=O', 'CCC=O', 'CC(C)=O'],
    ['[#1]-[S:1]C', 'CCS', 'CSC'],
    ['[O,N]([H])c', 'CNc1ccccc1', 'CN(C)c1ccccc1'],
    ['c1ccccc1[$(O[H])]', 'Oc1ccccc1', 'COc1ccccc1'],
    ['CN(=O)=O', 'CC[N+](=O)[O-]', 'CCN=O'],
    ['[#7X3](=O)(=O)c', 'O=[N+]([O-])c1ccccc1', 'O=Nc1ccccc1'],
    ['[$(N(=O)=O)]C', 'CC[N+](=O)[O-]', 'CCN=O'],
    ['CN=N#N', 'CCN=[N+]=[N-]', 'CCN=NC'],
    ['N#N=CC=O', 'CCOC(=O)C=[N+]=[N-]', 'CN=CC=O'],
    ['c1ccccn1=O', '[O-][n+]1ccccc1C', 'Oc1ccccn1'],
    ['CC=N(=O)C', 'CC=[N+](C)[O-]', 'CC=NC'],
    ['C[S+]([O-])C', 'CCS(C)=O', 'CCSC'],
    ['[O-][S+](C)C', 'CCS(C)=O', 'CCSC'],
  ])('%s', (smarts, yes, no) => {
    expect(holds(smarts, yes)).toBe(true);
    expect(holds(smarts, no)).toBe(false);
  });

  it.each(['[OX2H]c1ccccc1', '[N+](=O)[O-]', '[#6;!H0]~[!#1]', 'C1CC1.[Na+]', '[nH]1cccc1', '[C@H](N)(O)C', 'N=O', 'CC#N', 'c:c-!@c', '[$(C=O),$(C=S)]N', 'S(=O)(=O)N'])('%s stays', (smarts) => {
    expect(plainSmarts(smarts)).toBe(smarts);
  });

  it.each(['[H]', '[H][H]', '[$([H]O)]', '[C@]([H])(N)(O)C', 'C=[H]'])('%s is refused with a hint', (smarts) => {
    expect(() => holds(smarts, 'CCO')).toThrow(/write \[OX2H\]/);
  });
});
