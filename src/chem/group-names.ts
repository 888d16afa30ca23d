/** What chemists call groups: for sentences, and for filters that are asked by name. */
import { rankGroup } from './common/cut-group.ts';
import type { CutGroup } from './common/cut-group.ts';
import { SYMBOLS } from './elements.ts';
import { bondBetween, graphOf, neighboursOf } from './molecule-graph.ts';
import type { MoleculeGraph } from './molecule-graph.ts';
import { withTrusted } from './rdkit.ts';
import type { Rdkit } from './rdkit.ts';

export interface NamedGroup {
  readonly name: string;
  readonly smarts: string;
}

/** Groups that filters know by name. */
export const NAMED_GROUPS: readonly NamedGroup[] = [
  { name: 'acyl chloride', smarts: '[CX3](=O)Cl' },
  { name: 'alcohol', smarts: '[OX2H][CX4]' },
  { name: 'aldehyde', smarts: '[CX3H1](=O)[#6]' },
  { name: 'amide', smarts: '[NX3][CX3](=[OX1])[#6]' },
  { name: 'aniline', smarts: '[NX3;H2,H1,H0;!$(N[C,S]=O)]c' },
  { name: 'azide', smarts: '[NX2]=[N+]=[N-]' },
  { name: 'azo', smarts: '[#6][NX2]=[NX2][#6]' },
  { name: 'bromide', smarts: '[#6]Br' },
  { name: 'boronic acid', smarts: '[#6]B(O)O' },
  { name: 'carbamate', smarts: '[NX3][CX3](=O)[OX2]' },
  { name: 'carboxylic acid', smarts: '[CX3](=O)[OX2H1,OX1-]' },
  { name: 'chloride', smarts: '[#6]Cl' },
  { name: 'epoxide', smarts: 'C1OC1' },
  { name: 'ester', smarts: '[#6][CX3](=O)[OX2][#6]' },
  { name: 'ether', smarts: '[OX2]([#6;!$(C=O)])[#6;!$(C=O)]' },
  { name: 'fluoride', smarts: '[#6]F' },
  { name: 'furan', smarts: 'o1cccc1' },
  { name: 'guanidine', smarts: '[NX3][CX3](=[NX2])[NX3]' },
  { name: 'hydrazine', smarts: '[NX3;!$(NC=O)][NX3;!$(NC=O)]' },
  { name: 'hydroxamic acid', smarts: '[CX3](=O)[NX3][OX2H]' },
  { name: 'imidazole', smarts: 'n1cncc1' },
  { name: 'indole', smarts: 'c1ccc2[nH,n]ccc2c1' },
  { name: 'iodide', smarts: '[#6]I' },
  { name: 'ketone', smarts: '[#6][CX3](=O)[#6]' },
  { name: 'lactam', smarts: '[NX3;R][CX3;R](=[OX1])' },
  { name: 'Michael acceptor', smarts: '[CX3]=[CX3][CX3]=[OX1]' },
  { name: 'morpholine', smarts: 'C1COCCN1' },
  { name: 'nitrile', smarts: '[CX2]#[NX1]' },
  { name: 'nitro', smarts: '[$([NX3](=O)=O),$([NX3+](=O)[O-])][!#8]' },
  { name: 'phenol', smarts: '[OX2H]c' },
  { name: 'phenyl', smarts: 'c1ccccc1' },
  { name: 'phosphate', smarts: 'P(=O)([OX2,OX1-])([OX2,OX1-])' },
  { name: 'piperazine', smarts: 'N1CCNCC1' },
  { name: 'piperidine', smarts: 'N1CCCCC1' },
  { name: 'primary amine', smarts: '[NX3;H2;!$(NC=[O,N,S]);!$(NS=O)][CX4]' },
  { name: 'pyridine', smarts: 'n1ccccc1' },
  { name: 'pyrimidine', smarts: 'n1cnccc1' },
  { name: 'quaternary ammonium', smarts: '[NX4+;!$([N+][O-])]' },
  { name: 'quinone', smarts: 'O=C1C=CC(=O)C=C1' },
  { name: 'sulfonamide', smarts: '[SX4](=O)(=O)[NX3]' },
  { name: 'sulfone', smarts: '[#6][SX4](=O)(=O)[#6]' },
  { name: 'sulfonic acid', smarts: '[SX4](=O)(=O)[OX2H1,OX1-]' },
  { name: 'sulfoxide', smarts: '[#6][SX3](=O)[#6]' },
  { name: 'tertiary amine', smarts: '[NX3;H0;!$(N[C,S]=[O,N,S])]([CX4])([CX4])[CX4]' },
  { name: 'tetrazole', smarts: 'c1nnn[nH,n]1' },
  { name: 'thiazole', smarts: 's1cncc1' },
  { name: 'thioether', smarts: '[SX2]([#6])[#6]' },
  { name: 'thiol', smarts: '[SX2H]' },
  { name: 'thiophene', smarts: 's1cccc1' },
  { name: 'trifluoromethyl', smarts: '[CX4](F)(F)F' },
  { name: 'urea', smarts: '[NX3][CX3](=O)[NX3]' },
];

/** SMARTS as they are given; names of groups as theirs. */
export function smartsOf(text: string): string {
  const wanted = text.trim().toLowerCase();
  return NAMED_GROUPS.find(({ name }) => name.toLowerCase() === wanted)?.smarts ?? text;
}

/** Fragments with * where they hang. */
const NAMES: readonly (readonly [smiles: string, name: string])[] = [
  ['*[H]', 'hydrogen'], ['*C', 'methyl'], ['*CC', 'ethyl'], ['*CCC', 'propyl'], ['*C(C)C', 'isopropyl'], ['*C1CC1', 'cyclopropyl'], ['*CCCC', 'butyl'], ['*CC(C)C', 'isobutyl'],
  ['*C(C)(C)C', 'tert-butyl'], ['*C(C)CC', 'sec-butyl'], ['*C1CCC1', 'cyclobutyl'], ['*C1CCCC1', 'cyclopentyl'], ['*C1CCCCC1', 'cyclohexyl'], ['*CC1CC1', 'cyclopropylmethyl'],
  ['*C=C', 'vinyl'], ['*CC=C', 'allyl'], ['*C#C', 'ethynyl'], ['*CC#C', 'propargyl'], ['*C#CC', 'propynyl'],
  ['*F', 'fluorine'], ['*Cl', 'chlorine'], ['*Br', 'bromine'], ['*I', 'iodine'], ['*C(F)(F)F', 'trifluoromethyl'], ['*C(F)F', 'difluoromethyl'], ['*CF', 'fluoromethyl'], ['*CCF', 'fluoroethyl'],
  ['*CC(F)(F)F', 'trifluoroethyl'], ['*OC(F)(F)F', 'trifluoromethoxy'], ['*OC(F)F', 'difluoromethoxy'], ['*S(F)(F)(F)(F)F', 'pentafluorosulfanyl'],
  ['*O', 'hydroxy'], ['*OC', 'methoxy'], ['*OCC', 'ethoxy'], ['*OCCC', 'propoxy'], ['*OC(C)C', 'isopropoxy'], ['*Oc1ccccc1', 'phenoxy'], ['*OCc1ccccc1', 'benzyloxy'], ['*OC(C)=O', 'acetoxy'],
  ['*CO', 'hydroxymethyl'], ['*CCO', 'hydroxyethyl'], ['*COC', 'methoxymethyl'], ['*CCOC', 'methoxyethyl'], ['*=O', 'oxo'], ['*=S', 'thioxo'],
  ['*N', 'amino'], ['*NC', 'methylamino'], ['*NCC', 'ethylamino'], ['*N(C)C', 'dimethylamino'], ['*N(CC)CC', 'diethylamino'], ['*CN', 'aminomethyl'], ['*CNC', 'methylaminomethyl'],
  ['*CN(C)C', 'dimethylaminomethyl'], ['*CCN', 'aminoethyl'], ['*CCN(C)C', 'dimethylaminoethyl'], ['*Nc1ccccc1', 'anilino'], ['*NCc1ccccc1', 'benzylamino'], ['*NN', 'hydrazinyl'],
  ['*NC(C)=O', 'acetamido'], ['*NC(N)=O', 'ureido'], ['*NS(C)(=O)=O', 'methanesulfonamido'], ['*NC(=O)OC(C)(C)C', 'Boc-amino'], ['*NC=O', 'formamido'], ['*NC(=N)N', 'guanidino'], ['*NO', 'hydroxyamino'],
  ['*C(=O)O', 'carboxylic acid'], ['*C(=O)OC', 'methyl ester'], ['*C(=O)OCC', 'ethyl ester'], ['*C(=O)OC(C)(C)C', 'tert-butyl ester'], ['*C(N)=O', 'carboxamide'], ['*C(=O)NC', 'N-methylcarboxamide'],
  ['*C(=O)N(C)C', 'N,N-dimethylcarboxamide'], ['*C(=O)NO', 'hydroxamic acid'], ['*C(=O)NN', 'acyl hydrazide'], ['*C(=O)NS(C)(=O)=O', 'acyl methanesulfonamide'], ['*C(=O)NC#N', 'acyl cyanamide'],
  ['*C(=N)N', 'amidine'], ['*C(N)=NO', 'amidoxime'], ['*C=O', 'formyl'], ['*C(C)=O', 'acetyl'], ['*C(=O)CC', 'propionyl'], ['*C(=O)c1ccccc1', 'benzoyl'], ['*CC(=O)O', 'acetic acid'], ['*CCC(=O)O', 'propionic acid'],
  ['*C#N', 'nitrile'], ['*CC#N', 'cyanomethyl'], ['*[N+](=O)[O-]', 'nitro'], ['*N=[N+]=[N-]', 'azido'], ['*N=C=S', 'isothiocyanate'], ['*C=NO', 'oxime'],
  ['*S', 'thiol'], ['*SC', 'methylthio'], ['*SCC', 'ethylthio'], ['*S(C)=O', 'methylsulfinyl'], ['*S(C)(=O)=O', 'methylsulfonyl'], ['*S(N)(=O)=O', 'sulfonamide'], ['*S(=O)(=O)NC', 'N-methylsulfonamide'],
  ['*S(=O)(=O)N(C)C', 'N,N-dimethylsulfonamide'], ['*S(=O)(=O)O', 'sulfonic acid'], ['*P(=O)(O)O', 'phosphonic acid'], ['*OP(=O)(O)O', 'phosphate'], ['*B(O)O', 'boronic acid'], ['*OS(=O)(=O)O', 'sulfate'],
  ['*c1ccccc1', 'phenyl'], ['*Cc1ccccc1', 'benzyl'], ['*CCc1ccccc1', 'phenethyl'], ['*c1ccc(F)cc1', '4-fluorophenyl'], ['*c1ccc(Cl)cc1', '4-chlorophenyl'], ['*c1ccc(OC)cc1', '4-methoxyphenyl'], ['*c1ccc(C)cc1', 'p-tolyl'],
  ['*c1ccccn1', '2-pyridyl'], ['*c1cccnc1', '3-pyridyl'], ['*c1ccncc1', '4-pyridyl'], ['*c1ncccn1', '2-pyrimidinyl'], ['*c1cncnc1', '5-pyrimidinyl'], ['*c1ccncn1', '4-pyrimidinyl'], ['*c1cnccn1', 'pyrazinyl'],
  ['*c1ccco1', '2-furyl'], ['*c1ccoc1', '3-furyl'], ['*c1cccs1', '2-thienyl'], ['*c1ccsc1', '3-thienyl'], ['*c1nccs1', '2-thiazolyl'], ['*c1cnco1', '5-oxazolyl'], ['*c1ncco1', '2-oxazolyl'],
  ['*c1nnn[nH]1', 'tetrazole'], ['*c1nn[nH]n1', 'tetrazole'], ['*n1cccn1', 'pyrazol-1-yl'], ['*n1ccnc1', 'imidazol-1-yl'], ['*c1ncc[nH]1', '2-imidazolyl'], ['*c1c[nH]cn1', '4-imidazolyl'], ['*c1cnc[nH]1', '4-imidazolyl'],
  ['*c1cn[nH]c1', '4-pyrazolyl'], ['*c1cc[nH]n1', '3-pyrazolyl'], ['*c1ccn[nH]1', '5-pyrazolyl'], ['*n1cnnc1', '1,2,4-triazol-4-yl'], ['*n1cncn1', '1,2,4-triazol-1-yl'], ['*n1ccnn1', '1,2,3-triazol-1-yl'],
  ['*c1noc(=O)[nH]1', 'oxadiazolone'], ['*c1n[nH]c(=O)o1', 'oxadiazolone'], ['*c1nc(C)no1', 'methyl-oxadiazole'], ['*c1nnc(C)o1', 'methyl-oxadiazole'], ['*c1noc(C)n1', 'methyl-oxadiazole'],
  ['*N1CCCC1', 'pyrrolidin-1-yl'], ['*N1CCCCC1', 'piperidin-1-yl'], ['*N1CCOCC1', 'morpholin-4-yl'], ['*N1CCNCC1', 'piperazin-1-yl'], ['*N1CCN(C)CC1', '4-methylpiperazin-1-yl'], ['*N1CCC1', 'azetidin-1-yl'],
  ['*N1CCSCC1', 'thiomorpholin-4-yl'], ['*C1CCNCC1', 'piperidin-4-yl'], ['*C1CCOCC1', 'tetrahydropyran-4-yl'], ['*C1COC1', 'oxetan-3-yl'], ['*C*', 'methylene'], ['*CC*', 'ethylene'], ['*O*', 'ether oxygen'], ['*S*', 'sulfur'], ['*N*', 'NH linker'], ['*N(*)C', 'N-methyl linker'], ['*C(*)=O', 'carbonyl'], ['*NC(*)=O', 'amide'], ['*C(=O)O*', 'ester'],
  ['*NC(=O)N*', 'urea'], ['*NS(*)(=O)=O', 'sulfonamide'], ['*S(*)(=O)=O', 'sulfone'], ['*OC(=O)N*', 'carbamate'], ['*C(*)C', 'ethylidene'], ['*C(*)*', 'CH branch'], ['*N(*)*', 'N branch'],
  ['*c1ccc(*)cc1', '1,4-phenylene'], ['*c1cccc(*)c1', '1,3-phenylene'], ['*c1ccccc1*', '1,2-phenylene'], ['*N1CCN(*)CC1', 'piperazine linker'], ['*C=C*', 'vinylene'], ['*C#C*', 'ethynylene'],
  ['*c1ccc2ccccc2c1', '2-naphthyl'], ['*c1cccc2ccccc12', '1-naphthyl'],
];

/** By the key of the group, its points without numbers. */
export function compileGroupNames(rdkit: Rdkit): ReadonlyMap<string, string> {
  return new Map(NAMES.map(([smiles, name]) => [nameKey(withTrusted(rdkit, smiles, (mol) => groupOf(graphOf(mol)))), name]));
}

/** What naming needs of a worker. */
export interface Naming {
  readonly rdkit: Rdkit;
  groupNames(): ReadonlyMap<string, string>;
}

/** Of a fragment with attachment points, however it is written. */
export function groupName(kernel: Naming, fragment: string): string {
  return withTrusted(kernel.rdkit, fragment, (mol) => nameOf(kernel, groupOf(graphOf(mol))));
}

/** A name, or the formula of what has none; "linker" says that it hangs in several places. */
export function nameOf(kernel: Pick<Naming, 'groupNames'>, group: CutGroup): string {
  return kernel.groupNames().get(nameKey(group)) ?? `${formulaOf(group)} ${group.points.length > 1 ? 'linker' : 'group'}`;
}

/** The group whose attachment points are the dummies of `graph`. */
function groupOf(graph: MoleculeGraph): CutGroup {
  const all = Array.from({ length: graph.atoms }, (_, atom) => atom);
  const points = all.filter((atom) => graph.element[atom] === 0).flatMap((dummy) => (
    neighboursOf(graph, dummy).map((atom) => ({ atom, number: 0, order: graph.order[bondBetween(graph, dummy, atom)]! }))
  ));
  return { graph, atoms: all.filter((atom) => graph.element[atom]! > 0), points };
}

/** Numbers of attachment points do not matter to a name. */
function nameKey({ graph, atoms, points }: CutGroup): string {
  return rankGroup({ graph, atoms, points: points.map((point) => ({ ...point, number: 0 })) }).key;
}

/** Hill formula without the attachment points. */
function formulaOf({ graph, atoms }: CutGroup): string {
  const counts = new Map<string, number>();
  const add = (symbol: string, count: number): void => void (count > 0 && counts.set(symbol, (counts.get(symbol) ?? 0) + count));
  for (const atom of atoms) {
    add(SYMBOLS[graph.element[atom]!]!, 1);
    add('H', graph.hydrogens[atom]!);
  }
  const order = (symbol: string): number => ['C', 'H'].indexOf(symbol) + 1 || 3;
  return [...counts].sort(([a], [b]) => order(a) - order(b) || (a < b ? -1 : 1)).map(([symbol, count]) => `${symbol}${count === 1 ? '' : count}`).join('');
}
