/**
 * Structural alerts: groups that chemists look at twice. Patterns are written here after the groups that two papers name; `source`
 * says which:
 *   Brenk 2008: R. Brenk et al., ChemMedChem 2008, 3, 435, doi:10.1002/cmdc.200700139 (unwanted groups of a screening library)
 *   PAINS 2010: J. Baell & G. Holloway, J. Med. Chem. 2010, 53, 2719, doi:10.1021/jm901137j (frequent hitters; families of the filters A to C)
 * An alert is a hint, not a verdict: many drugs carry one.
 */
import { IsoLensError } from '../core/index.ts';
import type { Mol, Rdkit } from './rdkit.ts';

export interface AlertRule {
  readonly name: string;
  readonly source: 'Brenk 2008' | 'PAINS 2010';
  readonly smarts: string;
}

/** A bundle stores positions in this list: add at the end, and raise the version with any change. At most 64. */
export const ALERTS_VERSION = '1';
export const ALERTS: readonly AlertRule[] = [
  { name: 'aldehyde', source: 'Brenk 2008', smarts: '[CX3H1](=O)[#6]' },
  { name: 'acyl halide', source: 'Brenk 2008', smarts: '[CX3](=O)[F,Cl,Br,I]' },
  { name: 'sulfonyl halide', source: 'Brenk 2008', smarts: '[SX4](=O)(=O)[F,Cl,Br,I]' },
  { name: 'alkyl halide', source: 'Brenk 2008', smarts: '[CX4][Cl,Br,I]' },
  { name: 'three-membered heterocycle', source: 'Brenk 2008', smarts: 'C1[O,N,S]C1' },
  { name: 'Michael acceptor', source: 'Brenk 2008', smarts: '[CX3;H1,H2;!r]=[CX3;!r][CX3]=[OX1]' },
  { name: 'isocyanate or isothiocyanate', source: 'Brenk 2008', smarts: '[NX2]=C=[O,S]' },
  { name: 'azide', source: 'Brenk 2008', smarts: '[NX2]=[N+]=[N-]' },
  { name: 'diazo group', source: 'Brenk 2008', smarts: '[#6]=[N+]=[N-]' },
  { name: 'nitro group', source: 'Brenk 2008', smarts: '[#6][N+](=O)[O-]' },
  { name: 'nitroso group', source: 'Brenk 2008', smarts: '[#6,#7][NX2]=[OX1]' },
  { name: 'hydrazine', source: 'Brenk 2008', smarts: '[NX3;!R;!$(NC=O);!$(NS=O)][NX3;!R;!$(NC=O);!$(NS=O)]' },
  { name: 'acyl hydrazide', source: 'Brenk 2008', smarts: 'C(=O)[NX3H1][NX3H2]' },
  { name: 'hydrazone', source: 'Brenk 2008', smarts: '[CX3;!R]=[NX2;!R][NX3]' },
  { name: 'peroxide', source: 'Brenk 2008', smarts: '[OX2][OX2]' },
  { name: 'disulfide', source: 'Brenk 2008', smarts: '[SX2][SX2]' },
  { name: 'thiol', source: 'Brenk 2008', smarts: '[SX2H1]' },
  { name: 'thiocarbonyl', source: 'Brenk 2008', smarts: '[#6]=[SX1]' },
  { name: 'anhydride', source: 'Brenk 2008', smarts: '[CX3](=O)[OX2][CX3]=O' },
  { name: 'oxime', source: 'Brenk 2008', smarts: '[CX3]=[NX2][OX2]' },
  { name: 'polycyclic aromatic hydrocarbon', source: 'Brenk 2008', smarts: 'c1cccc2c1ccc1ccccc12' },
  { name: 'long aliphatic chain', source: 'Brenk 2008', smarts: '[CH2;!R][CH2;!R][CH2;!R][CH2;!R][CH2;!R][CH2;!R][CH2,CH3;!R]' },
  { name: 'quaternary nitrogen', source: 'Brenk 2008', smarts: '[NX4+]([#6])([#6])([#6])[#6]' },
  { name: 'phosphorus halide', source: 'Brenk 2008', smarts: 'P[F,Cl,Br,I]' },
  { name: 'sulfonic ester', source: 'Brenk 2008', smarts: '[SX4](=O)(=O)[OX2][#6]' },
  { name: 'phosphoric ester', source: 'Brenk 2008', smarts: 'P(=O)([OX2])[OX2][#6]' },
  { name: 'nitrogen, oxygen or sulfur halide', source: 'Brenk 2008', smarts: '[N,O,SX2][F,Cl,Br,I]' },
  { name: 'four-membered lactone or lactam', source: 'Brenk 2008', smarts: 'O=C1CC[O,N]1' },
  { name: 'aniline', source: 'Brenk 2008', smarts: 'c[NX3H2]' },
  { name: 'catechol', source: 'Brenk 2008', smarts: '[OX2H1]c:c[OX2H1]' },
  { name: 'hydroquinone', source: 'Brenk 2008', smarts: '[OX2H1]c1ccc([OX2H1])cc1' },
  { name: 'cyanohydrin', source: 'Brenk 2008', smarts: 'N#C[CX4][OX2H1]' },
  { name: 'acyl cyanide', source: 'Brenk 2008', smarts: 'N#C[CX3]=O' },
  { name: 'cyanamide', source: 'Brenk 2008', smarts: 'N#C[NX3]' },
  { name: 'thiocyanate', source: 'Brenk 2008', smarts: '[SX2]C#N' },
  { name: 'alkyne', source: 'Brenk 2008', smarts: '[#6]C#C' },
  { name: 'iodine', source: 'Brenk 2008', smarts: '[#6]I' },
  { name: 'silicon', source: 'Brenk 2008', smarts: '[#14]' },
  { name: 'sulfur with double-bonded nitrogen', source: 'Brenk 2008', smarts: '[SX3]=[NX2]' },
  { name: 'N-oxide of a saturated amine', source: 'Brenk 2008', smarts: '[NX4+][O-]' },
  { name: 'stilbene', source: 'Brenk 2008', smarts: 'c[CH1;!R]=[CH1;!R]c' },
  { name: 'polyene', source: 'Brenk 2008', smarts: '[CX3;!R]=[CX3;!R][CX3;!R]=[CX3;!R]' },
  { name: 'thioester', source: 'Brenk 2008', smarts: '[#6][CX3](=O)[SX2][#6]' },
  { name: 'imine', source: 'Brenk 2008', smarts: '[CX3;H1,H2;!R]=[NX2;!R][#6]' },
  { name: 'quinone', source: 'PAINS 2010', smarts: 'O=C1[#6]~[#6]C(=O)[#6]=,:[#6]1' },
  { name: 'ortho-quinone', source: 'PAINS 2010', smarts: 'O=C1C(=O)[#6]=,:[#6][#6]=,:[#6]1' },
  { name: 'azo dye', source: 'PAINS 2010', smarts: 'c[NX2;!R]=[NX2;!R]c' },
  { name: 'ylidene rhodanine', source: 'PAINS 2010', smarts: '[CX3]=C1SC(=[O,S,N])NC1=[O,S]' },
  { name: 'ylidene barbiturate', source: 'PAINS 2010', smarts: '[CX3]=C1C(=O)NC(=[O,S])NC1=O' },
  { name: 'ylidene pyrazolone', source: 'PAINS 2010', smarts: '[CX3]=C1C(=O)NN=C1' },
  { name: 'Mannich phenol', source: 'PAINS 2010', smarts: '[OX2H1]c1ccccc1[CH2][NX3;!$(NC=O)]' },
  { name: 'hydroxyphenyl hydrazone', source: 'PAINS 2010', smarts: '[OX2H1]c1ccccc1[CX3]=[NX2][NX3]' },
  { name: '2-amino-3-carbonylthiophene', source: 'PAINS 2010', smarts: '[NX3;H1,H2]c1sccc1C=O' },
  { name: 'alkylidene indandione', source: 'PAINS 2010', smarts: '[CX3]=C1C(=O)c2ccccc2C1=O' },
];

export const ALERT_BYTES = 8;

export interface CompiledAlert {
  readonly rule: AlertRule;
  readonly query: Mol;
}

export function compileAlerts(rdkit: Rdkit): CompiledAlert[] {
  return ALERTS.map((rule) => {
    const query = rdkit.module.get_qmol(rule.smarts);
    if (query === null) throw new IsoLensError('INTERNAL', `Expected the SMARTS of the alert "${rule.name}" to be readable: ${rule.smarts}`);
    return { rule, query };
  });
}

/** Bit i is set where rule i matches. */
export function alertBits(alerts: readonly CompiledAlert[], mol: Mol): Uint8Array {
  const bits = new Uint8Array(ALERT_BYTES);
  alerts.forEach(({ query }, i) => {
    // RDKit writes {} for no match.
    if (mol.get_substruct_match(query).length > 2) bits[i >> 3]! |= 1 << (i & 7);
  });
  return bits;
}

export function alertsOf(bits: Uint8Array): AlertRule[] {
  return ALERTS.filter((_, i) => ((bits[i >> 3] ?? 0) >> (i & 7)) & 1);
}
