import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createKernel } from '../../src/chem/index.ts';
import type { Kernel, StandardMolecule } from '../../src/chem/index.ts';
import { withMolecule } from '../../src/chem/rdkit.ts';
import { RULES, SALTS_AND_SOLVENTS } from '../../src/chem/rules.ts';
import { compositionOfInchi } from '../../src/chem/standardise.ts';
import { IsoLensError } from '../../src/core/index.ts';
import { DRUG_SMILES } from './fixtures.ts';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await createKernel();
});

const standardise = (input: string): StandardMolecule => kernel.standardiser.standardise(input, (_, standard) => standard);
const parent = (input: string): string => standardise(input).parentSmiles;

describe('standardise', () => {
  it.each([
    ['sodium salt', 'CC(=O)Oc1ccccc1C(=O)[O-].[Na+]', 'CC(=O)Oc1ccccc1C(=O)O'],
    ['salt drawn as covalent', 'CC(=O)Oc1ccccc1C(=O)O[Na]', 'CC(=O)Oc1ccccc1C(=O)O'],
    ['hydrochloride', 'CNCCC(Oc1ccc(C(F)(F)F)cc1)c1ccccc1.Cl', 'CNCCC(Oc1ccc(C(F)(F)F)cc1)c1ccccc1'],
    ['protonated amine', 'C[NH+](C)CCc1ccccc1', 'CN(C)CCc1ccccc1'],
    ['zwitterion', 'C[C@H]([NH3+])C(=O)[O-]', 'C[C@H](N)C(=O)O'],
    ['pyridinium', '[nH+]1ccccc1', 'c1ccncc1'],
    ['guanidinium', 'CC(C)NC(N)=[NH2+]', 'CC(C)NC(=N)N'],
    ['tetrazolide', 'Cc1nn[n-]n1', 'Cc1nn[nH]n1'],
    ['sulfonamide anion', 'CS(=O)(=O)[N-]c1ccccc1', 'CS(=O)(=O)Nc1ccccc1'],
    ['betaine', 'C[N+](C)(C)CC(O)CC(=O)[O-]', 'C[N+](C)(C)CC(O)CC(=O)O'],
    ['its chloride gives the same', 'C[N+](C)(C)CC(O)CC(=O)O.[Cl-]', 'C[N+](C)(C)CC(O)CC(=O)O'],
    ['quaternary nitrogen stays', 'CC[N+](C)(C)C.[Br-]', 'CC[N+](C)(C)C'],
    ['nitro stays', 'O=N(=O)c1ccccc1', 'O=[N+]([O-])c1ccccc1'],
    ['N-oxide stays', '[O-][n+]1ccccc1', '[O-][n+]1ccccc1'],
    ['azide stays', 'CN=[N+]=[N-]', 'CN=[N+]=[N-]'],
    ['isocyanide stays', 'C[N+]#[C-]', '[C-]#[N+]C'],
    ['sydnone stays', 'C[n+]1cc([O-])on1', 'C[n+]1cc([O-])on1'],
    ['charge-separated sulfoxide', 'C[S@+]([O-])c1ccccc1', 'C[S@](=O)c1ccccc1'],
    ['charge-separated sulfone', 'C[S+2]([O-])([O-])C', 'CS(C)(=O)=O'],
    ['metal bonded to aromatic nitrogen', 'c1ccc2[nH]cnc2c1.C1=CN([Mg]N2C=CN=C2)C=N1', 'c1ccc2[nH]cnc2c1'],
    ['dianion', 'N#C[N-2].[Ca+2]', 'N#CN'],
    ['isotopes', '[2H]C([2H])([2H])Oc1ccccc1', 'COc1ccccc1'],
    ['isotope that makes a centre', '[2H][C@@H](C)O', 'CCO'],
    ['E double bond through an edit', 'C/C=C/C(=O)[O-].[K+]', 'C/C=C/C(=O)O'],
    ['solvate', 'Cc1ccccc1N.O.CCO', 'Cc1ccccc1N'],
    ['small base, large counter-ion', 'CN(C)C(=N)NC(=N)N.OC(=O)c1cc2ccccc2c(Cc2c(O)c(C(=O)O)cc3ccccc23)c1O', 'CN(C)C(=N)NC(=N)N'],
    ['a solvent alone is itself', 'CCO', 'CCO'],
    ['the same twice', 'CCN.CCN.OS(=O)(=O)O', 'CCN'],
    ['five bonds at the carbon of an amidine', 'N=[CH+](N)c1ccccc1', 'N=C(N)c1ccccc1'],
    ['atom maps', '[CH3:1][CH2:2][OH:3]', 'CCO'],
  ])('%s', (_, input, expected) => {
    expect(parent(input)).toBe(expected);
  });

  it.each([
    ['sulfonylurea', 'CNC(=O)N[S+2]([O-])([O-])c1ccccc1', 'CNC(=O)NS(=O)(=O)c1ccccc1'],
    ['sulfonic acid', '[O-][S+2]([O-])(O)CCN', 'NCCS(=O)(=O)O'],
    ['selenoxide', 'CC[Se+]([O-])CC', 'CC[Se](=O)CC'],
    ['sulfoximine, two charges', 'CC[S+2]([O-])([NH-])C', 'CCS(C)(=N)=O'],
    ['acyl sulfilimine', 'CCC(=O)[N-][S+](C)C', 'CCC(=O)N=S(C)C'],
    ['sulfoxonium ylide as its enolate', 'C[S+](C)(=O)C=C([O-])CC', 'CCC(=O)C=S(C)(C)=O'],
    ['phosphazene', 'CC[N-][P+](C)(C)C', 'CCN=P(C)(C)C'],
    ['sulfonyl azide', 'CCS(=O)(=O)[N-][N+]#N', 'CCS(=O)(=O)N=[N+]=[N-]'],
    ['diazocyclopentadiene', 'N#[N+][c-]1cccc1', '[N-]=[N+]=C1C=CC=C1'],
    ['diazo ester as its enolate', 'CCC(OC)=C([O-])C([N+]#N)=C(C)[O-]', undefined],
    ['para-quinone diazide', 'Cc1cc([N+]#N)ccc1[O-]', 'CC1=CC(=[N+]=[N-])C=CC1=O'],
    ['diazonium stays', 'Cc1ccc([N+]#N)cc1.F[B-](F)(F)F', 'Cc1ccc([N+]#N)cc1'],
    ['isothiocyanate', 'CC[N-][C+]=S', 'CCN=C=S'],
    ['ketene', 'C[C-](C)[C+]=O', 'CC(C)=C=O'],
    ['amide', 'CCC([O-])=[N+](C)C', 'CCC(=O)N(C)C'],
    ['pyridone', '[O-]c1cccc[n+]1CC', 'CCn1ccccc1=O'],
    ['pyrone', '[O-]c1cc[o+]c(C)c1', 'Cc1cc(=O)cco1'],
    ['acetamidine', 'C[C+](N)N', 'CC(=N)N'],
    ['arginine', 'N[C+](N)NCCC[C@H](N)C(=O)O', 'N=C(N)NCCC[C@H](N)C(=O)O'],
    ['cyclic amidine', 'CC1=[N+](C)CCN1', 'CC1=NCCN1C'],
    ['dye with the charge on carbon', 'CN(C)c1ccc([CH+]c2ccccc2)cc1', 'C[N+](C)=C1C=CC(=Cc2ccccc2)C=C1'],
    ['mesoionic oxazolone', 'O=C1O[C-](C)[N+](C)=C1CC', 'CCc1c([O-])oc(C)[n+]1C'],
    ['sydnone imine', 'N=C1C=[N+]([N-]O1)C(C)C', 'CC(C)[n+]1cc([NH-])on1'],
    ['pyridinium ylide', 'CC(=O)[CH-][n+]1ccccc1', 'CC(=O)[CH-][n+]1ccccc1'],
    ['pyridinium ylide as its enolate', 'CC([O-])=C[n+]1ccccc1', 'CC(=O)[CH-][n+]1ccccc1'],
    ['ammonia borane', 'CC(C)[NH2+][B-](F)(F)F', 'CC(C)[NH2+][B-](F)(F)F'],
    ['ether borane', 'CC[O+](CC)[BH3-]', '[BH3-][O+](CC)CC'],
    ['amine to borane by an arrow', 'C1COCCN1->[BH3]', '[BH3-][NH+]1CCOCC1'],
    ['arrow from an aromatic ring', 'FB(F)(F)<-n1ccccc1', 'F[B-](F)(F)[n+]1ccccc1'],
    ['amine oxide by an arrow', 'CCN(C)(C)->O', 'CC[N+](C)(C)[O-]'],
    ['sulfone by arrows', 'CCS(C)(->O)->O', 'CCS(C)(=O)=O'],
    ['salt of a nitrone', 'CC=[N+](C)O.[Br-]', 'CC=[N+](C)[O-]'],
    ['salt of an amine oxide', 'C[N+]1(O)CCOCC1.Cl', 'C[N+]1([O-])CCOCC1'],
    ['aci-nitro stays', 'CC=[N+](O)[O-]', 'CC=[N+]([O-])O'],
    ['salt of a nitramide', 'CC[N-][N+](=O)[O-].[Na+]', 'CCN[N+](=O)[O-]'],
    ['nitronate', 'CCC=[N+]([O-])[O-].[K+]', 'CCC[N+](=O)[O-]'],
    ['nitro carbanion', 'CC[CH-][N+](=O)[O-].[K+]', 'CCC[N+](=O)[O-]'],
    ['magnesium, bonds and charges', 'CCC(=O)[O-][Mg+2][O-]C(=O)CC', 'CCC(=O)O'],
    ['zinc, charges on one side', 'CCC(=O)O[Zn+2]OC(=O)CC', 'CCC(=O)O'],
    ['silver and nitrogen', 'NS(=O)(=O)c1ccc([N-][Ag+])cc1', undefined],
    ['silver sulfadiazine', 'Nc1ccc(S(=O)(=O)[N-]([Ag+])c2ncccn2)cc1', 'Nc1ccc(S(=O)(=O)Nc2ncccn2)cc1'],
    ['potassium thiolate', 'CC[S-][K+]', 'CCS'],
    ['aluminium, bonds and charges', '[Al+3]([O-]C(=O)CC)([O-]C(=O)CC)[O-]C(=O)CC', 'CCC(=O)O'],
    ['caesium phosphate', '[Cs+][O-]P(=O)(O)c1ccccc1', 'O=P(O)(O)c1ccccc1'],
  ])('one drawing for all: %s', (_, input, expected) => {
    const { rules: __, ...once } = standardise(input);
    if (expected !== undefined) expect(once.parentSmiles).toBe(expected);
    for (let seed = 1; seed <= 8 && !/->|<-|Al/.test(input); seed++) {
      const shuffled = withMolecule(kernel.rdkit, input, (mol) => mol.get_smiles(JSON.stringify({ doRandom: true, randomSeed: seed })));
      const { rules: ___, ...again } = standardise(shuffled);
      expect(again).toEqual(once);
    }
    expect(standardise(once.parentSmiles).parentSmiles).toBe(once.parentSmiles);
  });

  it('says that an atom has an open valence', () => {
    for (const radical of ['CCC(=O)[O]', 'C[CH2]', 'CC1(C)CCCC(C)(C)N1[O]']) expect(standardise(radical).warnings).toEqual(['RADICAL']);
    for (const closed of ['c1cc[nH]c1', 'C[C@H](N)C(=O)O', 'C[N+](=O)[O-]', '[O-][n+]1ccccc1', 'C[Si](C)(C)C', 'C[P@](=O)(O)c1ccccc1']) {
      expect(standardise(closed).warnings).toEqual([]);
    }
  });

  it('says what it removed, which rules fired and what to look out for', () => {
    const salt = standardise('CC(=O)[O-].[Na+].CCCCCc1ccccc1[NH3+] name');
    expect(salt).toMatchObject({
      parentSmiles: 'CCCCCc1ccccc1N', formula: 'C11H17N', charge: 0, rules: ['neutralise-cation', 'neutralise-acid', 'keep-largest-parent'], warnings: ['NAME_IGNORED'],
    });
    expect([...salt.removedFragments].sort()).toEqual(['CC(=O)O', '[Na+]']);
    expect(standardise('c1ccccc1CCN.c1ccncc1CCO').warnings).toContain('MIXTURE');
    expect(standardise('C[N+](C)(C)C').warnings).toContain('CHARGED');
    expect(standardise('C[N+](C)(C)CC(=O)O')).toMatchObject({ formula: 'C5H12NO2', charge: 1 });
    expect(standardise('CCO |w:0.0|').warnings).toEqual(['CXSMILES_IGNORED']);
    expect(standardise('N=[CH+](N)c1ccccc1')).toMatchObject({ rules: ['repair-amidine-carbon'], warnings: ['AMIDINE_REPAIRED'] });
    expect(() => standardise('N=[CH+](N)c1ccccc1(C)(C)C')).toThrow(/C at atom 4|C at atom 2/);
  });

  it('knows the InChIKey of aspirin', () => {
    expect(standardise('OC(=O)c1ccccc1OC(C)=O')).toMatchObject({ inchiKey: 'BSYNRYMUTXBXSQ-UHFFFAOYSA-N', connectivityKey: 'BSYNRYMUTXBXSQ', formula: 'C9H8O4' });
  });

  it('reads a molfile as the same molecule', () => {
    for (const smiles of DRUG_SMILES) {
      const block = withMolecule(kernel.rdkit, smiles, (mol) => mol.get_molblock());
      expect(standardise(block).inchiKey).toBe(standardise(smiles).inchiKey);
    }
  });

  it('does not depend on the order of the atoms', () => {
    fc.assert(
      fc.property(fc.constantFrom(...DRUG_SMILES), fc.integer({ min: 1, max: 1_000_000 }), (smiles, seed) => {
        const shuffled = withMolecule(kernel.rdkit, smiles, (mol) => mol.get_smiles(JSON.stringify({ doRandom: true, randomSeed: seed })));
        const { warnings: _, ...a } = standardise(smiles);
        const { warnings: __, ...b } = standardise(shuffled);
        expect(b).toEqual(a);
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it('changes nothing the second time', () => {
    for (const smiles of DRUG_SMILES) {
      const once = standardise(smiles);
      const twice = standardise(once.parentSmiles);
      expect(twice).toMatchObject({ parentSmiles: once.parentSmiles, inchiKey: once.inchiKey, rules: [], removedFragments: [] });
    }
  });

  it.each([
    ['CC(C)(C)(C)C', 'SMILES_VALENCE', { atom: 1, position: 1 }],
    ['Cc1cccc1', 'SMILES_KEKULIZE', { position: 1 }],
    ['cC', 'SMILES_KEKULIZE', {}],
    ['C1CC', 'SMILES_UNCLOSED_RING', { position: 1 }],
    ['CC=)C', 'SMILES_SYNTAX', { position: 3 }],
    ['C==C', 'SMILES_SYNTAX', { position: 2 }],
    ['Cl[Pt](Cl)(N)N', 'MOLECULE_UNSUPPORTED', { element: 'Pt' }],
    ['[Fe+2].c1cc[cH-]c1.c1cc[cH-]c1', 'MOLECULE_UNSUPPORTED', { element: 'Fe' }],
    ['C[Mg]Br', 'MOLECULE_UNSUPPORTED', { element: 'Mg' }],
    ['[Na+].[Cl-]', 'MOLECULE_UNSUPPORTED', {}],
    ['O', 'MOLECULE_UNSUPPORTED', {}],
    ['InChI=1S/C2H6/c1-3', 'MOLECULE_UNSUPPORTED', {}],
  ])('refuses %s', (input, code, details) => {
    try {
      standardise(input);
      expect.unreachable();
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(IsoLensError);
      expect((thrown as IsoLensError).code).toBe(code);
      expect((thrown as IsoLensError).details).toMatchObject(details);
    }
  });

  it('frees every molecule', () => {
    const salt = 'CC(=O)[O-].[Na+].CCCCCc1ccccc1[NH3+]';
    const run = (times: number): void => {
      for (let i = 0; i < times; i++) standardise(salt);
    };
    run(200);
    const before = process.memoryUsage().rss;
    run(400); // a dozen molecules of 24 kB each: 115 MB if they were kept
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(40);
  });
});

describe('the rules', () => {
  it('have distinct names, a source and readable patterns', () => {
    expect(new Set(RULES.map((rule) => rule.name)).size).toBe(RULES.length);
    for (const rule of RULES) expect(rule.source).not.toBe('');
  });

  it('list salts that standardise to themselves', () => {
    for (const [name, smiles] of SALTS_AND_SOLVENTS) expect({ name, rules: standardise(smiles).rules }).toEqual({ name, rules: [] });
  });
});

describe('compositionOfInchi', () => {
  it.each([
    ['InChI=1S/C5H11NO2/c1-6(2,3)4-5(7)8/h4H2,1-3H3/p+1', 'C5H12NO2', 1],
    ['InChI=1S/C4H12N/c1-5(2,3)4/h1-4H3/q+1', 'C4H12N', 1],
    ['InChI=1S/CF3/c2-1(3)4/q-1/p+1', 'CHF3', 0],
    ['InChI=1S/C2H2/c1-2/h1-2H/p-1', 'C2H', -1],
    ['InChI=1S/2C2H4O2.Ca/c2*1-2(3)4;/h2*1H3,(H,3,4);/q;;+2/p-2', '2C2H4O2.Ca', 0],
  ])('%s', (inchi, formula, charge) => {
    expect(compositionOfInchi(inchi)).toEqual({ formula, charge });
  });
});
