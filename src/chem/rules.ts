/**
 * Standardisation as data. A rule matches a SMARTS and edits the matched atoms, or
 * moves a pair of electrons between two kinds of atoms; the engine (standardise.ts) applies the rules in
 * this order, each until it matches no more. The policies:
 *
 * - every charge that hydrogen can remove is removed, also where a permanent cation is present: carnitine as a betaine and as its
 *   chloride give the same parent (RDKit's Uncharger would keep the betaine, and the two would differ);
 * - charges that a bond can remove are removed by it: sulfones, ylides of sulfur and phosphorus, isocyanates, amides and pyridones
 *   drawn with separated charges; what has several charged forms gets one of them (azides, diazo compounds, mesoionic rings);
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

/** A rule that edits the atoms and bonds of a match. */
export interface EditRule {
  readonly name: string;
  readonly smarts: string;
  readonly source: string;
  /** Changes to charge and hydrogens, added to what is there. */
  readonly atoms: readonly AtomEdit[];
  readonly bonds?: readonly BondEdit[];
}

/** A rule that moves a pair of electrons along a conjugated path (resonance.ts): the patterns are of one atom each. */
export interface ShiftRule {
  readonly name: string;
  readonly source: string;
  /** What gives the pair, and has one charge more afterwards. */
  readonly from: string;
  /** What takes it, and has one charge less afterwards. */
  readonly to: string;
  /** What may lie between. */
  readonly through: string;
  /** Whether the bond to the taker gains an order (an empty orbital) or loses one (a multiple bond). */
  readonly lastBond: 'gains' | 'loses';
  /** Most bonds of the path. */
  readonly longest: number;
}

export type Rule = EditRule | ShiftRule;

/** Main-group metals, zinc, cadmium and silver: their bonds to hetero atoms are salts that were drawn as covalent. */
const SALT_METALS = 'Li,Na,K,Rb,Cs,Be,Mg,Ca,Sr,Ba,Ra,Al,Ga,Zn,Cd,Ag';
const SALT_FORMERS = '#8,#16,#34,#7,F,Cl,Br,I';

/** Anions that stand beside a cation are one half of a dipole: nitro, N-oxide, azide, isocyanide, ylide. */
const IN_DIPOLE = '$([*]~[!#1;+1,+2,+3,+4])';
/** The same for anions of nitrogen and carbon: beside a nitro group they are its conjugate bases, not its other half. */
const IN_OTHER_DIPOLE = '$([*]~[!#1;+1,+2,+3,+4;!$([*]~[O;-1])])';
const NOT_MESOIONIC = [
  '[*;-]-c1[c,n,o,s][c,n,o,s;+0][n,o,s;+]a1', '[*;-]-c1[c,n,o,s;+0][n,o,s;+]aa1', '[*;-]-c1[n,o,s;+]aaa1',
  '[n;-]1a[n,o,s;+]aa1', '[n;-]1aa[n,o,s;+]a1',
].map((smarts) => `!$(${smarts})`).join(';');
const ANION = '[O,S,Se,#7,#6;-1]';
/** An onium without a negative neighbour: such a neighbour would make it a dipole, which stays. */
const LONE_ONIUM = '[#7,#8,#16;+1;!$([*]~[*;-1])]';

export const RULES: readonly Rule[] = [
  {
    name: 'dative-oxide-to-charges',
    smarts: '[#7,#15,#16,#33,#34]->[O,S,Se;+0;X1,X2]',
    source: 'MolStandardize Normalize: an N-oxide, sulfoxide or phosphine oxide drawn with an arrow',
    atoms: [{ atom: 0, charge: 1 }, { atom: 1, charge: -1, hydrogens: -2 }],
    bonds: [{ atoms: [0, 1], order: 1 }],
  },
  {
    name: 'separate-metal-ion',
    smarts: `[${SALT_METALS};+1,+2,+3]~[${SALT_FORMERS};-1,-2,-3]`,
    source: 'MolStandardize MetalDisconnector: a bond between two ions that carry their charges already',
    atoms: [],
    bonds: [{ atoms: [0, 1], order: 0 }],
  },
  {
    name: 'separate-metal-anion',
    smarts: `[${SALT_METALS};+0]~[${SALT_FORMERS};-1,-2,-3]`,
    source: 'MolStandardize MetalDisconnector: only the anion carries its charge',
    atoms: [{ atom: 0, charge: 1 }],
    bonds: [{ atoms: [0, 1], order: 0 }],
  },
  {
    name: 'separate-metal-cation',
    smarts: `[$([Li,Na,K,Rb,Cs,Ag;+1]),$([Be,Mg,Ca,Sr,Ba,Ra,Zn,Cd;+2]),$([Al,Ga;+3])]-[${SALT_FORMERS};+0]`,
    source: 'MolStandardize MetalDisconnector: only the metal carries its charge',
    atoms: [{ atom: 1, charge: -1 }],
    bonds: [{ atoms: [0, 1], order: 0 }],
  },
  {
    name: 'separate-metal-ligand',
    smarts: `[${SALT_METALS}]<-[${SALT_FORMERS},#15;+0]`,
    source: 'MolStandardize MetalDisconnector: water, amines and carbonyls that coordinate',
    atoms: [],
    bonds: [{ atoms: [0, 1], order: 0 }],
  },
  {
    name: 'disconnect-metal-salt',
    smarts: `[${SALT_METALS}]-[${SALT_FORMERS}]`,
    source: 'MolStandardize MetalDisconnector, salt formers only',
    atoms: [{ atom: 0, charge: 1 }, { atom: 1, charge: -1 }],
    bonds: [{ atoms: [0, 1], order: 0 }],
  },
  {
    name: 'normalise-sulfur-oxide',
    smarts: '[S,Se,Te;+1,+2,+3]-[O,S,Se;-1;X1]',
    source: 'MolStandardize Normalize "Sulfone to S(=O)(=O)", and "Sulfoxide to -S(=O)-" reversed: the neutral form is the one drawn',
    atoms: [{ atom: 0, charge: -1 }, { atom: 1, charge: 1 }],
    bonds: [{ atoms: [0, 1], order: 2 }],
  },
  {
    name: 'normalise-sulfur-imide',
    smarts: '[S,Se,Te;+1,+2,+3]-[N;-1;X2]',
    source: 'MolStandardize Normalize "Charge recombination": sulfoximines, sulfilimines, sulfonimidamides',
    atoms: [{ atom: 0, charge: -1 }, { atom: 1, charge: 1 }],
    bonds: [{ atoms: [0, 1], order: 2 }],
  },
  {
    name: 'normalise-sulfur-ylide',
    smarts: '[S,Se,Te;+1,+2,+3]-[#6;-1]',
    source: 'MolStandardize Normalize "Charge recombination": sulfonium and sulfoxonium ylides',
    atoms: [{ atom: 0, charge: -1 }, { atom: 1, charge: 1 }],
    bonds: [{ atoms: [0, 1], order: 2 }],
  },
  {
    name: 'normalise-phosphoryl',
    smarts: '[P,As;+1;X4]-[O,S,Se;-1;X1]',
    source: 'MolStandardize Normalize "Charge recombination" for phosphorus',
    atoms: [{ atom: 0, charge: -1 }, { atom: 1, charge: 1 }],
    bonds: [{ atoms: [0, 1], order: 2 }],
  },
  {
    name: 'normalise-ylide',
    smarts: '[P,As;+1;X4]-[#6,N;-1]',
    source: 'MolStandardize Normalize "Charge recombination": phosphonium ylides and phosphazenes',
    atoms: [{ atom: 0, charge: -1 }, { atom: 1, charge: 1 }],
    bonds: [{ atoms: [0, 1], order: 2 }],
  },
  {
    name: 'normalise-nitronate',
    smarts: '[C,N;+0]=[N;+1](-[O;-1;X1])-[O;-1;X1]',
    source: 'policy of charges: the salt of a nitro compound or a nitramide, which a proton turns back into it',
    atoms: [{ atom: 0, charge: -1 }, { atom: 2, charge: 1 }],
    bonds: [{ atoms: [0, 1], order: 1 }, { atoms: [1, 2], order: 2 }],
  },
  {
    name: 'normalise-stabilised-ylide',
    source: 'the same through a double bond: the enolate of an acyl ylide',
    from: '[O,S,N;-1]',
    to: '[P,As,S,Se;+1]',
    through: '[A]',
    lastBond: 'gains',
    longest: 3,
  },
  {
    name: 'normalise-diazo',
    source: 'ChEMBL structure pipeline "Diazonium N", "Azide": diazo compounds and azides as =[N+]=[N-]',
    from: ANION,
    to: '[N;+0;X1;$([N]#[N;+1])]',
    through: '[*]',
    lastBond: 'loses',
    longest: 10,
  },
  {
    name: 'recombine-carbocation',
    source: 'MolStandardize Normalize "Charge recombination": isocyanates, ketenes and quinone methides drawn with C+',
    from: ANION,
    to: '[#6;+1]',
    through: '[*]',
    lastBond: 'gains',
    longest: 11,
  },
  {
    name: 'recombine-onium',
    source: 'MolStandardize Normalize "Recombine 1,3-separated charges" and "1,5": amides, pyridones, pyrones drawn as zwitterions',
    from: `[O,S,Se,#7,#6;-1;!${IN_DIPOLE}]`,
    to: LONE_ONIUM,
    through: '[*]',
    lastBond: 'loses',
    longest: 12,
  },
  {
    name: 'move-carbocation-to-amino',
    source: 'MolStandardize Cleanup: amidinium and guanidinium with the charge on carbon; the amino group first, as it is drawn',
    from: '[#7;+0;X3;h2]',
    to: '[#6;+1]',
    through: '[*]',
    lastBond: 'gains',
    longest: 1,
  },
  {
    name: 'move-carbocation-to-nitrogen-hydrogen',
    source: 'MolStandardize Cleanup: amidinium and guanidinium with the charge on carbon',
    from: '[#7;+0;X3;!h0]',
    to: '[#6;+1]',
    through: '[*]',
    lastBond: 'gains',
    longest: 11,
  },
  {
    name: 'move-carbocation-to-nitrogen',
    source: 'MolStandardize Cleanup: the same without hydrogen (iminium, triarylmethane dyes)',
    from: '[N;+0;X3]',
    to: '[#6;+1]',
    through: '[*]',
    lastBond: 'gains',
    longest: 11,
  },
  {
    name: 'move-carbocation-to-oxygen',
    source: 'MolStandardize Cleanup: protonated carboxylic acids and oxocarbenium ions',
    from: '[O,S;+0;X2]',
    to: '[#6;+1]',
    through: '[A]',
    lastBond: 'gains',
    longest: 1,
  },
  {
    name: 'move-iminium-to-hydrogen',
    source: 'MolStandardize Normalize "1,3 conjugated cation": an amidinium whose other nitrogen can lose a proton',
    from: '[N;+0;X3;!h0]',
    to: '[N;+1;X3;h0;!$([*]~[*;-1])]',
    through: '[C]',
    lastBond: 'loses',
    longest: 2,
  },
  {
    name: 'normalise-dipole-enolate',
    source: 'policy of dipoles: the enolate of an N-ylide or N-imide is drawn as the pair of adjacent charges',
    from: '[O,S;-1;X1]',
    to: '[C,N;+0;$([*]-[#7;+1;h0;!$([*]~[*;-1])])]',
    through: '[C]',
    lastBond: 'loses',
    longest: 2,
  },
  {
    name: 'normalise-mesoionic',
    source: 'IUPAC "mesoionic compounds", Pure Appl. Chem. 1995, 67, 1307: the exocyclic atom carries the negative charge',
    from: `[c,n;-1;${IN_DIPOLE}]`,
    to: '[$([O,S,Se;+0;X1]),$([N;+0;X2;!R])]',
    through: '[a]',
    lastBond: 'loses',
    longest: 6,
  },
  {
    name: 'neutralise-hydroxy-onium',
    smarts: '[O,S;+0;X2;!h0]-[#7;+1;h0;!$([*]~[*;-1])]',
    source: 'MolStandardize Uncharger, extended: the salt of an N-oxide',
    atoms: [{ atom: 0, charge: -1, hydrogens: -1 }],
  },
  {
    name: 'neutralise-cation',
    smarts: '[#7,#8,#16,#34,#15;+1;!h0;!$([*]~[B,Al;-1])]',
    source: 'MolStandardize Uncharger: protonated amines, amidines, azines; not where a borate holds the lone pair',
    atoms: [{ atom: 0, charge: -1, hydrogens: -1 }],
  },
  {
    name: 'neutralise-dianion',
    smarts: `[#7,#8,#16,#34;-2;!${IN_DIPOLE}]`,
    source: 'MolStandardize Uncharger, first step of two: cyanamides, oxides',
    atoms: [{ atom: 0, charge: 1, hydrogens: 1 }],
  },
  {
    name: 'neutralise-acid',
    smarts: `[O,S,Se,Te;-1;!${IN_DIPOLE};${NOT_MESOIONIC}]`,
    source: 'MolStandardize Uncharger: carboxylates, phenolates, thiolates, sulfonates, phosphates',
    atoms: [{ atom: 0, charge: 1, hydrogens: 1 }],
  },
  {
    name: 'neutralise-nitrogen-anion',
    smarts: `[#7;-1;!${IN_OTHER_DIPOLE};${NOT_MESOIONIC}]`,
    source: 'MolStandardize Uncharger: sulfonamides, imides, tetrazoles',
    atoms: [{ atom: 0, charge: 1, hydrogens: 1 }],
  },
  {
    name: 'neutralise-carbanion',
    smarts: `[#6;-1;!${IN_OTHER_DIPOLE}]`,
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
