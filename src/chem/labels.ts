/**
 * Labels that drawing programs write in the place of atoms (Ph, OMe, Boc): what they stand for. Each group is a SMILES in Kekule form
 * whose first atom is bonded to the rest of the molecule. Labels that can be read in two ways (NC, SCN, OCN) are left out.
 * Source: IUPAC Graphical Representation Standards, Pure Appl. Chem. 2008, 80, 277, GR-4; the abbreviations of J. Org. Chem.
 */
const PHENYL = 'C1=CC=CC=C1';
const TOSYL = 'S(=O)(=O)C1=CC=C(C)C=C1';
const BENZYL = `C${PHENYL.replaceAll('1', '2')}`;

/** Groups that combine with O, NH and S in front of them, and with CO2 and CONH. */
const GROUPS: Readonly<Record<string, string>> = {
  Me: 'C', CH3: 'C', Et: 'CC', C2H5: 'CC', Pr: 'CCC', nPr: 'CCC', iPr: 'C(C)C', 'CH(CH3)2': 'C(C)C', Bu: 'CCCC', nBu: 'CCCC', iBu: 'CC(C)C',
  sBu: 'C(C)CC', tBu: 'C(C)(C)C', 'C(CH3)3': 'C(C)(C)C', Pent: 'CCCCC', Hex: 'CCCCCC', cPr: 'C1CC1', cBu: 'C1CCC1', cPent: 'C1CCCC1',
  cHex: 'C1CCCCC1',
  Cy: 'C1CCCCC1', Vinyl: 'C=C', Allyl: 'CC=C', Propargyl: 'CC#C', Ph: PHENYL, C6H5: PHENYL, Bn: BENZYL, CH2Ph: BENZYL,
  PMB: 'CC1=CC=C(OC)C=C1',
  Tr: 'C(C1=CC=CC=C1)(C1=CC=CC=C1)C1=CC=CC=C1', CF3: 'C(F)(F)F', CHF2: 'C(F)F', CH2F: 'CF', CH2CF3: 'CC(F)(F)F', C2F5: 'C(F)(F)C(F)(F)F',
  CCl3: 'C(Cl)(Cl)Cl',
  CBr3: 'C(Br)(Br)Br', Ac: 'C(=O)C', COCH3: 'C(=O)C', Bz: `C(=O)${PHENYL}`, Piv: 'C(=O)C(C)(C)C', Boc: 'C(=O)OC(C)(C)C',
  Cbz: 'C(=O)OCC1=CC=CC=C1',
  Fmoc: 'C(=O)OCC1C2=CC=CC=C2C2=CC=CC=C12', Alloc: 'C(=O)OCC=C', Troc: 'C(=O)OCC(Cl)(Cl)Cl', Ms: 'S(=O)(=O)C', Ts: TOSYL, Tos: TOSYL,
  Ns: 'S(=O)(=O)C1=CC=CC=C1N(=O)=O', Tf: 'S(=O)(=O)C(F)(F)F', TMS: '[Si](C)(C)C', TES: '[Si](CC)(CC)CC', TBS: '[Si](C)(C)C(C)(C)C',
  TIPS: '[Si](C(C)C)(C(C)C)C(C)C', TBDPS: '[Si](C1=CC=CC=C1)(C1=CC=CC=C1)C(C)(C)C', MOM: 'COC', MEM: 'COCCOC', SEM: 'COCC[Si](C)(C)C',
  BOM: 'COCC1=CC=CC=C1',
  THP: 'C1CCCCO1',
};

const OTHERS: Readonly<Record<string, string>> = {
  CN: 'C#N', NO2: 'N(=O)=O', N3: 'N=N#N', NO: 'N=O', ONO2: 'ON(=O)=O', CHO: 'C=O', CO2H: 'C(=O)O', COOH: 'C(=O)O', COO: 'C(=O)O',
  CO2: 'C(=O)O',
  CONH2: 'C(=O)N', CONMe2: 'C(=O)N(C)C', COCl: 'C(=O)Cl', COCF3: 'C(=O)C(F)(F)F', CSNH2: 'C(=S)N', CONHOH: 'C(=O)NO', SO3H: 'S(=O)(=O)O',
  SO3: 'S(=O)(=O)O',
  SO2NH2: 'S(=O)(=O)N', SO2Cl: 'S(=O)(=O)Cl', SO2F: 'S(=O)(=O)F', SF5: 'S(F)(F)(F)(F)F', PO3H2: 'P(=O)(O)O', OPO3H2: 'OP(=O)(O)O',
  OSO3H: 'OS(=O)(=O)O',
  'PO(OEt)2': 'P(=O)(OCC)OCC', 'PO(OMe)2': 'P(=O)(OC)OC', NMe2: 'N(C)C', 'N(CH3)2': 'N(C)C', NEt2: 'N(CC)CC',
  NBn2: `N(${BENZYL})${BENZYL}`, NPh2: `N(${PHENYL})${PHENYL}`,
  NHOH: 'NO', NHNH2: 'NN', NHCN: 'NC#N', CH2OH: 'CO', CH2CH2OH: 'CCO', CH2NH2: 'CN', CH2Cl: 'CCl', CH2Br: 'CBr', CH2I: 'CI',
  CH2CN: 'CC#N', CH2CO2H: 'CC(=O)O',
  CH2OMe: 'COC', CHCl2: 'C(Cl)Cl', CPh3: 'C(C1=CC=CC=C1)(C1=CC=CC=C1)C1=CC=CC=C1', 'B(OH)2': 'B(O)O', Bpin: 'B1OC(C)(C)C(C)(C)O1',
  BF3: 'B(F)(F)F',
  PPh2: 'P(C1=CC=CC=C1)C1=CC=CC=C1', SiMe3: '[Si](C)(C)C', SO2CF3: 'S(=O)(=O)C(F)(F)F', CMe3: 'C(C)(C)C',
};

/** The same groups written from their far end, as they stand to the left of a drawing. */
const REVERSED: Readonly<Record<string, string>> = {
  F3C: 'CF3', F2HC: 'CHF2', FH2C: 'CH2F', Cl3C: 'CCl3', O2N: 'NO2', H3C: 'CH3', HO2C: 'CO2H', HOOC: 'COOH', OHC: 'CHO', HO3S: 'SO3H',
  H2NOC: 'CONH2', H2NO2S: 'SO2NH2',
  HOH2C: 'CH2OH', H2NH2C: 'CH2NH2', Me2N: 'NMe2', Et2N: 'NEt2', Me3Si: 'SiMe3', Me3C: 'CMe3', '(HO)2B': 'B(OH)2', H2O3P: 'PO3H2',
  H2O3PO: 'OPO3H2', F5S: 'SF5',
  H3CO: 'OCH3', H3CS: 'SCH3', F3CO: 'OCF3', F3CS: 'SCF3', F2HCO: 'OCHF2', H3CHN: 'NHCH3', MeHN: 'NHMe', PhH2C: 'CH2Ph', H2NHN: 'NHNH2',
};

/** Labels with two bonds or more, all at the first atom. */
const LINKERS: Readonly<Record<string, string>> = {
  CO: 'C=O', 'C=O': 'C=O', SO2: 'S(=O)=O', SO: 'S=O', CF2: 'C(F)F', CMe2: 'C(C)C', CCl2: 'C(Cl)Cl', SiMe2: '[Si](C)C', CHMe: 'CC',
  CHPh: `C${PHENYL}`, CHOH: 'CO',
};

const SYNONYMS: readonly (readonly [RegExp, string])[] = [
  [/\s/g, ''], [/tert-?|t-/g, 't'], [/iso-|i-/g, 'i'], [/sec-|s-/g, 's'], [/n-/g, 'n'], [/c-/g, 'c'], [/COO(?=[A-Zt])/g, 'CO2'],
  [/TBDMS/g, 'TBS'], [/Trt/g, 'Tr'], [/BOC/g, 'Boc'], [/CBZ|Z(?=$)/g, 'Cbz'], [/FMOC/g, 'Fmoc'], [/BPin/g, 'Bpin'], [/^Bu-?t$/, 'tBu'],
  [/^Pr-?i$/, 'iPr'],
  [/OCH3$/, 'OMe'], [/(?:Na|K|Li|[-−⁻])$/, ''],
];

/** Names of sets of atoms, never of one group. */
const GENERIC = /^(?:[AQXMGL]H?|LP|Lp|Pol|Du|[*?YZW]|Any|Hal|Het|Ar|Aryl|Alk|Alkyl|Hev|R[a-z]?|R#|R['’"]*\d*['’"]*|_(?:R|AP)\d+)$/;
/** The same in the words of patent and reaction databases (MDL, Reaxys). */
const GENERIC_GROUP = /^(?:(?:ACY|ALK|AYL|AEL|AHC|AOX|ABC|ABH|AYH|CYC|CYH|CXX|CXH|CBC|CBH|ARY|ARH|CAL|CEL|CHC|HAR|HET)H?\*?)$/;
const GENERIC_ELEMENTS = new Set(['Y', 'W', 'Ar']);

/** Whether a label stands for a set of atoms; `bonds` tells a drawn element (argon, yttrium, tungsten alone) from one. */
export function isGeneric(label: string, bonds: number): boolean {
  return (GENERIC.test(label) || GENERIC_GROUP.test(label)) && !(GENERIC_ELEMENTS.has(label) && bonds === 0);
}

/**
 * What a label stands for, as a SMILES whose first atom takes over all bonds of the labelled atom; undefined if unknown. `bonds` is
 * their number (sum of orders for a label with one neighbour).
 */
export function groupOf(label: string, bonds: number): string | undefined {
  const digits = label.replaceAll(/[₀-₉]/g, (digit) => String('₀₁₂₃₄₅₆₇₈₉'.indexOf(digit)));
  const text = SYNONYMS.reduce((sum, [pattern, replacement]) => sum.replace(pattern, replacement), digits);
  const plain = hydride(text);
  if (plain !== undefined) return plain;
  if (bonds !== 1) return LINKERS[text] ?? (text.startsWith('N') && bonds === 2 ? prefixed('N', GROUPS[text.slice(1)]) : undefined);
  return monovalent(text) ?? monovalent(REVERSED[text] ?? '') ?? reversed(text);
}

function monovalent(text: string): string | undefined {
  const direct = GROUPS[text] ?? OTHERS[text];
  if (direct !== undefined) return direct;
  const [, front, group] = /^(OCH2|NHCO|NHSO2|CONH|CO2|CO|OCO|SO2|SO|NH|NMe|CH2|O|S)(.+)$/.exec(text) ?? [];
  return front === undefined ? undefined : prefixed(FRONTS[front]!, GROUPS[group!]);
}

const FRONTS: Readonly<Record<string, string>> = {
  O: 'O', S: 'S', NH: 'N', NMe: 'N(C)', CO2: 'C(=O)O', CO: 'C(=O)', OCO: 'OC(=O)', SO2: 'S(=O)(=O)', SO: 'S(=O)', CH2: 'C', OCH2: 'OC',
  NHCO: 'NC(=O)',
  NHSO2: 'NS(=O)(=O)', CONH: 'C(=O)N',
};

/** MeO, BocHN, EtO2C, MeO2S: a group and what binds it, from the far end. */
function reversed(text: string): string | undefined {
  const [, group, front] = /^(.+?)(O2C|OOC|O2S|OC|HN|O|S)$/.exec(text) ?? [];
  const back: Readonly<Record<string, string>> = { O2C: 'C(=O)O', OOC: 'C(=O)O', O2S: 'S(=O)(=O)', OC: 'C(=O)', HN: 'N', O: 'O', S: 'S' };
  return group === undefined ? undefined : prefixed(back[front!]!, GROUPS[group]);
}

function prefixed(front: string, group: string | undefined): string | undefined {
  return group === undefined ? undefined : `${front}${group}`;
}

/** Elements that a drawing writes with their hydrogens. */
const WITH_HYDROGENS = new Set(['B', 'C', 'N', 'O', 'F', 'Si', 'P', 'S', 'Cl', 'Se', 'Br', 'I', 'H']);

/** NH2, H2N, OH, CH, NH3+: one element; its hydrogens follow from its bonds. */
function hydride(text: string): string | undefined {
  const [, symbol] = /^(?:H\d?)?([A-Z][a-z]?)(?:H\d?)?[+]?$/.exec(text) ?? [];
  return symbol !== undefined && WITH_HYDROGENS.has(symbol) ? `[${symbol}]` : undefined;
}

export interface GroupAtoms {
  readonly symbols: readonly string[];
  /** From, to (indices in `symbols`), order. */
  readonly bonds: readonly (readonly [number, number, number])[];
}

/** Reads a group of the tables above: branches, ring digits, = and #, no aromatic atoms. */
export function atomsOfGroup(smiles: string): GroupAtoms {
  const symbols: string[] = [];
  const bonds: [number, number, number][] = [];
  const stack: number[] = [];
  const rings = new Map<string, number>();
  let last = -1;
  let order = 1;
  for (const [token] of smiles.matchAll(/\[[A-Z][a-z]?\]|Cl|Br|./g)) {
    if (token === '(') stack.push(last);
    else if (token === ')') last = stack.pop()!;
    else if (token === '=') order = 2;
    else if (token === '#') order = 3;
    else if (/\d/.test(token)) {
      const open = rings.get(token);
      if (open === undefined) rings.set(token, last);
      else {
        bonds.push([open, last, order]);
        rings.delete(token);
      }
      order = 1;
    } else {
      symbols.push(token.replaceAll(/[[\]]/g, ''));
      if (last >= 0) bonds.push([last, symbols.length - 1, order]);
      last = symbols.length - 1;
      order = 1;
    }
  }
  return { symbols, bonds };
}
