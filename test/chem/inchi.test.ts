import { beforeAll, describe, expect, it } from 'vitest';
import { createKernel } from '../../src/chem/index.ts';
import type { Kernel } from '../../src/chem/index.ts';
import { looksLikeInchi, readInchi } from '../../src/chem/inchi.ts';
import { smilesOfJson, withMolecule, withTrusted } from '../../src/chem/rdkit.ts';
import { DRUG_SMILES } from './fixtures.ts';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await createKernel();
});

const inchiOf = (smiles: string): string => withMolecule(kernel.rdkit, smiles, (mol) => mol.get_inchi());
const keyOf = (text: string): string => kernel.standardiser.standardise(text, (_, standard) => standard.inchiKey);

const SHAPES: readonly (readonly [name: string, smiles: string])[] = [
  ['E', 'C/C=C/C(=O)N'], ['Z', 'C/C=C\\C(=O)N'], ['four groups at a double bond', 'F/C(Cl)=C(Br)/I'], ['oxime', 'CC/C=N/O'], ['both hands', 'C[C@@H](O)[C@H](N)C(=O)O'],
  ['the other hand', 'C[C@H](O)[C@@H](N)C(=O)O'], ['quaternary centre', 'CC[C@](C)(O)C#N'], ['chiral sulfoxide', 'CC[S@](=O)c1ccccc1'], ['meso', 'O[C@@H]1CCCC[C@@H]1O'],
  ['xanthine', 'Cn1c(=O)[nH]c2nc[nH]c2c1=O'], ['guanidine', 'NC(N)=NCCc1ccccc1'], ['nitro', 'Cc1cc([N+](=O)[O-])ccc1[N+](=O)[O-]'], ['azide', 'CCCN=[N+]=[N-]'],
  ['diazo', 'CCOC(=O)C=[N+]=[N-]'], ['isocyanide', '[C-]#[N+]C1CCCC1'], ['N-oxide', '[O-][n+]1ccccc1CC'], ['sydnone', 'Cc1c([O-])on[n+]1C'], ['betaine', 'C[N+](C)(C)CCC(=O)[O-]'],
  ['quaternary', 'CC[n+]1ccccc1.[Br-]'], ['phosphonium', 'CC[P+](C)(C)C'], ['sulfone', 'CCS(=O)(=O)c1ccccc1'], ['phosphate', 'CCOP(=O)(O)OC'], ['sodium salt', 'CCC(=O)[O-].[Na+]'],
  ['twice the same', 'CCN.CCN.OS(=O)(=O)O'], ['polyene', 'C1=CC=CC2=CC=CC2=C1'], ['cumulene', 'CC=C=CC'], ['isocyanate', 'CCN=C=O'], ['silane', 'C[Si](C)(C)C#CC'],
  ['boronic acid', 'OB(O)c1ccccc1C'], ['methane', 'C'], ['ring', 'C1CCC1'], ['fused', 'c1ccc2cc3ccccc3cc2c1'], ['labelled', '[2H]C([2H])([2H])OC'],
];

describe('readInchi', () => {
  it.each(SHAPES)('%s', (_, smiles) => {
    const inchi = inchiOf(smiles);
    expect(keyOf(inchi)).toBe(keyOf(smiles));
    expect(keyOf(inchi.replace('InChI=', ''))).toBe(keyOf(smiles));
  });

  it('reads drugs back', () => {
    for (const smiles of DRUG_SMILES) expect(keyOf(inchiOf(smiles))).toBe(keyOf(smiles));
  });

  it('says that the structure was rebuilt', () => {
    const standard = kernel.standardiser.standardise(' InChI=1S/C3H8O/c1-2-3-4/h4H,2-3H2,1H3 ', (_, found) => found);
    expect(standard).toMatchObject({ parentSmiles: 'CCCO', warnings: ['INCHI_READ'] });
  });

  it.each([
    ['an atom that is not there', 'InChI=1S/C2H6/c1-3'],
    ['no formula', 'InChI=1S/c1-2/h1-2H3'],
    ['hydrogens that do not fit', 'InChI=1S/C2H6/c1-2/h1-2H4'],
    ['a metal complex', 'InChI=1S/2C5H5.Fe/c2*1-2-4-5-3-1;/h2*1-5H;/q2*-1;+2'],
    ['too long', `InChI=1S/C9H9/${'c1-2'.repeat(2000)}`],
    ['too many atoms', 'InChI=1S/C400H802'],
  ])('refuses %s', (_, inchi) => {
    expect(() => keyOf(inchi)).toThrow(expect.objectContaining({ code: 'MOLECULE_UNSUPPORTED' }));
  });

  it('comes to an end where nothing fits', () => {
    const tools = {
      smilesOf: (json: string) => smilesOfJson(kernel.rdkit, json),
      inchiOf: (smiles: string) => withTrusted(kernel.rdkit, smiles, (mol) => mol.get_inchi()),
    };
    const started = performance.now();
    const wrong = inchiOf('Nc1nc2nc(C(=O)NC(CO)C(=O)NC(Cc3ccccc3)C(=O)O)cnc2c(=O)[nH]1').replace('/h', '/h99H,');
    expect(() => readInchi(wrong, tools)).toThrow('give the SMILES');
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

it('knows an InChI from a SMILES', () => {
  for (const text of ['InChI=1S/CH4/h1H4', ' inchi=1S/CH4/h1H4', '1S/CH4/h1H4', 'InChI=1/CH4/h1H4', '1S/2CH4/h2*1H4']) expect(looksLikeInchi(text)).toBe(true);
  for (const text of ['CCO', 'I/C=C/I', 'InChIKey=RYYVLZVUVIJVGH-UHFFFAOYSA-N', 'C1/C=C/CC1']) expect(looksLikeInchi(text)).toBe(false);
});
