/**
 * Standardisation as data. A rule matches a SMARTS and edits the matched atoms; the engine (standardise.ts) applies the rules in
 * this order, each until it matches no more. The policies:
 *
 * - every charge that hydrogen can remove is removed, also where a permanent cation is present: carnitine as a betaine and as its
 *   chloride give the same parent (RDKit's Uncharger would keep the betaine, and the two would differ);
 * - quaternary nitrogen and other charges without hydrogen stay; so do dipoles of adjacent atoms (nitro, N-oxide, azide,
 *   isocyanide, diazo) and mesoionic five-rings (sydnones), which have no neutral form;
 * - tautomers are not rewritten: the InChIKey, which is the identity, already merges mobile hydrogens.
 *
 * Sources: RDKit MolStandardize (Normalize, Uncharge, MetalDisconnector), ChEMBL structure pipeline
 * (Bento et al. 2020, doi:10.1186/s13321-020-00456-1).
 */

export interface AtomEdit {
  /** Index of the atom in the SMARTS. */
  readonly atom: number;
  readonly charge?: number;
  readonly hydrogens?: number;
}

export interface BondEdit {
  readonly atoms: readonly [number, number];
  /** The new order; 0 removes the bond. */
  readonly order: number;
}

export interface Rule {
  readonly name: string;
  readonly smarts: string;
  readonly source: string;
  /** Changes to charge and hydrogens, added to what is there. */
  readonly atoms: readonly AtomEdit[];
  readonly bonds?: readonly BondEdit[];
}

/** Main-group metals, zinc, cadmium and silver: their bonds to hetero atoms are salts that were drawn as covalent. */
const SALT_METAL = '[Li,Na,K,Rb,Cs,Be,Mg,Ca,Sr,Ba,Ra,Al,Ga,Zn,Cd,Ag]';

const MESOIONIC = '$([*;-]-c1[c,n,o,s][c,n,o,s;+0][n,o,s;+]a1),$([*;-]-c1[c,n,o,s;+0][n,o,s;+]aa1),$([*;-]-c1[n,o,s;+]aaa1),$([n;-]1a[n,o,s;+]aa1),$([n;-]1aa[n,o,s;+]a1)';

export const RULES: readonly Rule[] = [
  {
    name: 'disconnect-metal-salt',
    smarts: `${SALT_METAL}-[#8,#16,#34,#7,F,Cl,Br,I]`,
    source: 'MolStandardize MetalDisconnector, salt formers only',
    atoms: [{ atom: 0, charge: 1 }, { atom: 1, charge: -1 }],
    bonds: [{ atoms: [0, 1], order: 0 }],
  },
  {
    name: 'normalise-sulfoxide',
    smarts: '[S,Se;+1;X3]-[O;-1;X1]',
    source: 'MolStandardize Normalize "Sulfoxide to -S(=O)-", reversed: the neutral form is the one drawn',
    atoms: [{ atom: 0, charge: -1 }, { atom: 1, charge: 1 }],
    bonds: [{ atoms: [0, 1], order: 2 }],
  },
  {
    name: 'normalise-sulfone',
    smarts: '[S,Se;+1;X4]-[O;-1;X1]',
    source: 'MolStandardize Normalize "Sulfone to S(=O)(=O)"',
    atoms: [{ atom: 0, charge: -1 }, { atom: 1, charge: 1 }],
    bonds: [{ atoms: [0, 1], order: 2 }],
  },
  {
    name: 'normalise-phosphoryl',
    smarts: '[P;+1;X4]-[O,S;-1;X1]',
    source: 'MolStandardize Normalize "Charge recombination" for phosphorus',
    atoms: [{ atom: 0, charge: -1 }, { atom: 1, charge: 1 }],
    bonds: [{ atoms: [0, 1], order: 2 }],
  },
  {
    name: 'normalise-ylide',
    smarts: '[P;+1;X4]-[C;-1;X3]',
    source: 'MolStandardize Normalize "Charge recombination": phosphonium ylide',
    atoms: [{ atom: 0, charge: -1 }, { atom: 1, charge: 1 }],
    bonds: [{ atoms: [0, 1], order: 2 }],
  },
  {
    name: 'neutralise-cation',
    smarts: '[#7,#8,#16,#34,#15;+1;!h0]',
    source: 'MolStandardize Uncharger: protonated amines, amidines, azines',
    atoms: [{ atom: 0, charge: -1, hydrogens: -1 }],
  },
  {
    name: 'neutralise-dianion',
    smarts: '[#7,#8,#16,#34;-2;!$([*]~[!#1;+1,+2,+3,+4])]',
    source: 'MolStandardize Uncharger, first step of two: cyanamides, oxides',
    atoms: [{ atom: 0, charge: 1, hydrogens: 1 }],
  },
  {
    name: 'neutralise-acid',
    smarts: `[O,S,Se,Te;-1;!$([*]~[!#1;+1,+2,+3,+4]);!${MESOIONIC.replaceAll('),$', ');!$')}]`,
    source: 'MolStandardize Uncharger: carboxylates, phenolates, thiolates, sulfonates, phosphates',
    atoms: [{ atom: 0, charge: 1, hydrogens: 1 }],
  },
  {
    name: 'neutralise-nitrogen-anion',
    smarts: `[#7;-1;!$([*]~[!#1;+1,+2,+3,+4]);!${MESOIONIC.replaceAll('),$', ');!$')}]`,
    source: 'MolStandardize Uncharger: sulfonamides, imides, tetrazoles',
    atoms: [{ atom: 0, charge: 1, hydrogens: 1 }],
  },
  {
    name: 'neutralise-carbanion',
    smarts: '[#6;-1;!$([*]~[!#1;+1,+2,+3,+4])]',
    source: 'MolStandardize Uncharger: cyanide, acidic CH',
    atoms: [{ atom: 0, charge: 1, hydrogens: 1 }],
  },
  {
    name: 'neutralise-halide',
    smarts: '[F,Cl,Br,I;-1;X0]',
    source: 'MolStandardize Uncharger',
    atoms: [{ atom: 0, charge: 1, hydrogens: 1 }],
  },
];

/** Any bond to these makes a complex that no rule can turn into an organic parent without inventing chemistry. */
export const COMPLEX_METALS: readonly number[] = [
  ...range(21, 29), ...range(39, 46), ...range(57, 80), ...range(89, 103), 49, 81, 82, 83, 84,
];

/** Metals in the sense of "ion that is not part of the parent". */
export const METALS: readonly number[] = [...COMPLEX_METALS, 3, 4, 11, 12, 13, 19, 20, 30, 31, 37, 38, 47, 48, 55, 56, 87, 88, 50];

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/**
 * Counter-ions and solvents, neutral and without stereo: removed before the largest parent is chosen, unless nothing else is left
 * (a small base with a large acid, such as a pamoate, must not become the acid).
 * Source: the salt and solvent lists of the ChEMBL structure pipeline and of RDKit's SaltRemover, organic entries.
 */
export const SALTS_AND_SOLVENTS: readonly (readonly [name: string, smiles: string])[] = [
  ['formic acid', 'O=CO'], ['acetic acid', 'CC(=O)O'], ['propionic acid', 'CCC(=O)O'], ['trifluoroacetic acid', 'O=C(O)C(F)(F)F'],
  ['oxalic acid', 'O=C(O)C(=O)O'], ['malonic acid', 'O=C(O)CC(=O)O'], ['succinic acid', 'O=C(O)CCC(=O)O'], ['glutaric acid', 'O=C(O)CCCC(=O)O'],
  ['adipic acid', 'O=C(O)CCCCC(=O)O'], ['maleic or fumaric acid', 'O=C(O)C=CC(=O)O'], ['malic acid', 'O=C(O)CC(O)C(=O)O'],
  ['tartaric acid', 'O=C(O)C(O)C(O)C(=O)O'], ['citric acid', 'O=C(O)CC(O)(CC(=O)O)C(=O)O'], ['lactic acid', 'CC(O)C(=O)O'],
  ['glycolic acid', 'O=C(O)CO'], ['gluconic acid', 'O=C(O)C(O)C(O)C(O)C(O)CO'], ['glucoheptonic acid', 'O=C(O)C(O)C(O)C(O)C(O)C(O)CO'],
  ['lactobionic acid', 'O=C(O)C(O)C(O)C(OC1OC(CO)C(O)C(O)C1O)C(O)CO'], ['mandelic acid', 'O=C(O)C(O)c1ccccc1'], ['benzoic acid', 'O=C(O)c1ccccc1'],
  ['salicylic acid', 'O=C(O)c1ccccc1O'], ['methanesulfonic acid', 'CS(=O)(=O)O'], ['ethanesulfonic acid', 'CCS(=O)(=O)O'],
  ['isethionic acid', 'O=S(=O)(O)CCO'], ['ethanedisulfonic acid', 'O=S(=O)(O)CCS(=O)(=O)O'], ['benzenesulfonic acid', 'O=S(=O)(O)c1ccccc1'],
  ['toluenesulfonic acid', 'Cc1ccc(S(=O)(=O)O)cc1'], ['naphthalenesulfonic acid', 'O=S(=O)(O)c1ccc2ccccc2c1'],
  ['naphthalenedisulfonic acid', 'O=S(=O)(O)c1cccc2c(S(=O)(=O)O)cccc12'], ['camphorsulfonic acid', 'CC1(C)C2CCC1(CS(=O)(=O)O)C(=O)C2'],
  ['trifluoromethanesulfonic acid', 'O=S(=O)(O)C(F)(F)F'], ['pamoic acid', 'O=C(O)c1cc2ccccc2c(Cc2c(O)c(C(=O)O)cc3ccccc23)c1O'],
  ['xinafoic acid', 'O=C(O)c1ccc2ccccc2c1O'], ['stearic acid', 'CCCCCCCCCCCCCCCCCC(=O)O'], ['palmitic acid', 'CCCCCCCCCCCCCCCC(=O)O'],
  ['dodecyl sulfate', 'CCCCCCCCCCCCOS(=O)(=O)O'], ['methyl sulfate', 'COS(=O)(=O)O'], ['picric acid', 'O=[N+]([O-])c1cc([N+](=O)[O-])c(O)c([N+](=O)[O-])c1'],
  ['orotic acid', 'O=C(O)c1cc(=O)[nH]c(=O)[nH]1'], ['saccharin', 'O=C1NS(=O)(=O)c2ccccc21'], ['cyclamic acid', 'O=S(=O)(O)NC1CCCCC1'],
  ['hippuric acid', 'O=C(O)CNC(=O)c1ccccc1'], ['cyanic acid', 'N#CO'], ['thiocyanic acid', 'N#CS'], ['carbonic acid', 'O=C(O)O'],
  ['triethylamine', 'CCN(CC)CC'], ['diethylamine', 'CCNCC'], ['diisopropylethylamine', 'CCN(C(C)C)C(C)C'], ['trometamol', 'NC(CO)(CO)CO'],
  ['ethanolamine', 'NCCO'], ['diethanolamine', 'OCCNCCO'], ['triethanolamine', 'OCCN(CCO)CCO'], ['meglumine', 'CNCC(O)C(O)C(O)C(O)CO'],
  ['ethylenediamine', 'NCCN'], ['dicyclohexylamine', 'C1CCC(NC2CCCCC2)CC1'], ['choline', 'C[N+](C)(C)CCO'], ['benzathine', 'c1ccc(CNCCNCc2ccccc2)cc1'],
  ['lysine', 'NCCCCC(N)C(=O)O'], ['arginine', 'N=C(N)NCCCC(N)C(=O)O'], ['piperazine', 'C1CNCCN1'], ['tert-butylamine', 'CC(C)(C)N'],
  ['tetramethylammonium', 'C[N+](C)(C)C'], ['tetrabutylammonium', 'CCCC[N+](CCCC)(CCCC)CCCC'],
  ['methanol', 'CO'], ['ethanol', 'CCO'], ['propanol', 'CCCO'], ['isopropanol', 'CC(C)O'], ['butanol', 'CCCCO'], ['acetone', 'CC(C)=O'],
  ['acetonitrile', 'CC#N'], ['dichloromethane', 'ClCCl'], ['chloroform', 'ClC(Cl)Cl'], ['dimethyl sulfoxide', 'CS(C)=O'],
  ['dimethylformamide', 'CN(C)C=O'], ['dimethylacetamide', 'CC(=O)N(C)C'], ['ethyl acetate', 'CCOC(C)=O'], ['diethyl ether', 'CCOCC'],
  ['tetrahydrofuran', 'C1CCOC1'], ['dioxane', 'C1COCCO1'], ['toluene', 'Cc1ccccc1'], ['benzene', 'c1ccccc1'], ['pyridine', 'c1ccncc1'],
  ['hexane', 'CCCCCC'], ['cyclohexane', 'C1CCCCC1'], ['propylene glycol', 'CC(O)CO'], ['glycerol', 'OCC(O)CO'], ['ethylene glycol', 'OCCO'],
];
