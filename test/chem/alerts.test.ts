import { beforeAll, describe, expect, it } from 'vitest';
import { ALERTS, ALERT_BYTES, alertBits, alertsOf } from '../../src/chem/alerts.ts';
import { createKernel } from '../../src/chem/index.ts';
import type { Kernel } from '../../src/chem/index.ts';
import { withMolecule } from '../../src/chem/rdkit.ts';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await createKernel();
});
const alerts = (smiles: string): string[] => alertsOf(withMolecule(kernel.rdkit, smiles, (mol) => alertBits(kernel.alerts(), mol))).map(({ name }) => name);

/** One molecule that has it and one close to it that has not. */
const EXAMPLES: Readonly<Record<string, readonly [has: string, hasNot: string]>> = {
  aldehyde: ['O=Cc1ccccc1', 'CC(=O)c1ccccc1'],
  'acyl halide': ['CC(=O)Cl', 'CC(=O)OC'],
  'sulfonyl halide': ['CS(=O)(=O)Cl', 'CS(=O)(=O)N'],
  'alkyl halide': ['CCBr', 'Brc1ccccc1'],
  'three-membered heterocycle': ['C1OC1C', 'C1CC1C'],
  'Michael acceptor': ['C=CC(=O)Nc1ccccc1', 'CCC(=O)Nc1ccccc1'],
  'isocyanate or isothiocyanate': ['CN=C=S', 'CNC(=S)N'],
  azide: ['CN=[N+]=[N-]', 'CNN'],
  'diazo group': ['CC(=[N+]=[N-])C', 'CC(=N)C'],
  'nitro group': ['O=[N+]([O-])c1ccccc1', 'Nc1ccccc1'],
  'nitroso group': ['CN(C)N=O', 'CN(C)C=O'],
  hydrazine: ['CNNC', 'CC(=O)NNC(C)=O'],
  'acyl hydrazide': ['CC(=O)NN', 'CC(=O)NC'],
  hydrazone: ['CC=NNC', 'CC=NC'],
  peroxide: ['COOC', 'COC'],
  disulfide: ['CSSC', 'CSC'],
  thiol: ['CCS', 'CSC'],
  thiocarbonyl: ['CC(=S)N', 'CC(=O)N'],
  anhydride: ['CC(=O)OC(C)=O', 'CC(=O)OC'],
  oxime: ['CC(C)=NO', 'CC(C)=NC'],
  'polycyclic aromatic hydrocarbon': ['c1ccc2c(c1)ccc1ccccc12', 'c1ccc2ccccc2c1'],
  'long aliphatic chain': ['CCCCCCCCO', 'CCCCO'],
  'quaternary nitrogen': ['C[N+](C)(C)C', 'CN(C)C'],
  'phosphorus halide': ['CP(C)Cl', 'CP(C)C'],
  'sulfonic ester': ['CS(=O)(=O)OC', 'CS(=O)(=O)NC'],
  'phosphoric ester': ['COP(=O)(O)O', 'CP(=O)(C)C'],
  'nitrogen, oxygen or sulfur halide': ['CN(C)Cl', 'CN(C)CCl'],
  'four-membered lactone or lactam': ['O=C1CCN1', 'O=C1CCCN1'],
  aniline: ['Nc1ccccc1', 'CNc1ccccc1'],
  catechol: ['Oc1ccccc1O', 'Oc1cccc(O)c1'],
  hydroquinone: ['Oc1ccc(O)cc1', 'Oc1cccc(O)c1'],
  cyanohydrin: ['CC(O)C#N', 'CC(C)C#N'],
  'acyl cyanide': ['CC(=O)C#N', 'CC(=O)CC#N'],
  cyanamide: ['CN(C)C#N', 'CC(C)C#N'],
  thiocyanate: ['CSC#N', 'CCC#N'],
  alkyne: ['CC#CC', 'CC#N'],
  iodine: ['Ic1ccccc1', 'Brc1ccccc1'],
  silicon: ['C[Si](C)(C)C', 'CC(C)(C)C'],
  'sulfur with double-bonded nitrogen': ['CS(C)=NC', 'CS(C)(=O)=NC'],
  'N-oxide of a saturated amine': ['C[N+](C)(C)[O-]', '[O-][n+]1ccccc1'],
  stilbene: ['C(=C/c1ccccc1)\\c1ccccc1', 'C(Cc1ccccc1)c1ccccc1'],
  polyene: ['CC=CC=CC', 'CC=CCC=CC'],
  thioester: ['CC(=O)SC', 'CC(=O)OC'],
  imine: ['CC=NC', 'CC(C)NC'],
  quinone: ['O=C1C=CC(=O)C=C1', 'O=C1CCC(=O)CC1'],
  'ortho-quinone': ['O=C1C=CC=CC1=O', 'O=C1CCCCC1=O'],
  'azo dye': ['c1ccccc1N=Nc1ccccc1', 'c1ccccc1NNc1ccccc1'],
  'ylidene rhodanine': ['O=C1NC(=S)SC1=Cc1ccccc1', 'O=C1NC(=S)SC1Cc1ccccc1'],
  'ylidene barbiturate': ['O=C1NC(=O)NC(=O)C1=Cc1ccccc1', 'O=C1NC(=O)NC(=O)C1Cc1ccccc1'],
  'ylidene pyrazolone': ['CC1=NN(C)C(=O)C1=Cc1ccccc1', 'CC1=NN(C)C(=O)C1Cc1ccccc1'],
  'Mannich phenol': ['Oc1ccccc1CN(C)C', 'COc1ccccc1CN(C)C'],
  'hydroxyphenyl hydrazone': ['Oc1ccccc1C=NNC(C)=O', 'COc1ccccc1C=NNC(C)=O'],
  '2-amino-3-carbonylthiophene': ['Nc1sccc1C(N)=O', 'Nc1sccc1CN'],
  'alkylidene indandione': ['O=C1C(=Cc2ccccc2)C(=O)c2ccccc12', 'O=C1CC(=O)c2ccccc12'],
};

describe('structural alerts', () => {
  it('fit the bits of a bundle, each under its own name', () => {
    expect(ALERTS.length).toBeLessThanOrEqual(8 * ALERT_BYTES);
    expect(new Set(ALERTS.map(({ name }) => name)).size).toBe(ALERTS.length);
  });

  it.each(ALERTS.map(({ name }) => name))('%s', (name) => {
    const [has, hasNot] = EXAMPLES[name]!;
    expect(alerts(has)).toContain(name);
    expect(alerts(hasNot)).not.toContain(name);
  });
});
