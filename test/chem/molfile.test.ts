import { beforeAll, describe, expect, it } from 'vitest';
import { createKernel } from '../../src/chem/index.ts';
import type { Kernel, StandardMolecule } from '../../src/chem/index.ts';
import { checkMolfile } from '../../src/chem/molfile.ts';
import { IsoLensError } from '../../src/core/index.ts';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await createKernel();
});

const standardise = (input: string): StandardMolecule => kernel.standardiser.standardise(input, (_, standard) => standard);

interface Drawing {
  readonly symbol?: string;
  readonly order?: number;
  readonly extra?: string;
  readonly bondTail?: string;
  readonly atomTail?: string;
}

/** Cyclohexyl and one more atom, the seventh. */
function v2000({ symbol = 'C', order = 1, extra = '', bondTail = '  0', atomTail = '' }: Drawing): string {
  const ring = [[1.4, 0], [0.7, 1.2124], [-0.7, 1.2124], [-1.4, 0], [-0.7, -1.2124], [0.7, -1.2124]] as const;
  const atoms = [...ring.map(([x, y]) => [x, y, 'C', ''] as const), [2.8, 0, symbol, atomTail] as const];
  const lines = atoms.map(([x, y, element, tail]) => `${x.toFixed(4).padStart(10)}${y.toFixed(4).padStart(10)}    0.0000 ${element.padEnd(3)}${tail === '' ? ' 0  0  0  0' : tail}`);
  const bonds = [1, 2, 3, 4, 5, 6].map((a) => `  ${a}  ${(a % 6) + 1}  1  0`);
  return `\n  test\n\n  7  7  0  0  1  0  0  0  0  0999 V2000\n${[...lines, ...bonds].join('\n')}\n  1  7  ${order}${bondTail}\n${extra}M  END\n`;
}

function v3000(symbol: string, order = 1, attributes = '', more = ''): string {
  const atoms = [1, 2, 3, 4, 5, 6].map((a) => `M  V30 ${a} C ${Math.cos(a).toFixed(3)} ${Math.sin(a).toFixed(3)} 0 0`);
  const bonds = [1, 2, 3, 4, 5, 6].map((a) => `M  V30 ${a} 1 ${a} ${(a % 6) + 1}`);
  return [
    '', '  test', '', '  0  0  0     0  0            999 V3000', 'M  V30 BEGIN CTAB', 'M  V30 COUNTS 7 7 0 0 1', 'M  V30 BEGIN ATOM', ...atoms,
    `M  V30 7 ${symbol} 2.0 2.0 0 0${attributes}`, 'M  V30 END ATOM', 'M  V30 BEGIN BOND', ...bonds, `M  V30 7 ${order} 1 7`, 'M  V30 END BOND', `${more}M  V30 END CTAB`, 'M  END', '',
  ].join('\n');
}

const LABELS: readonly (readonly [label: string, expected: string])[] = [
  ['OEt', 'CCOC1CCCCC1'], ['EtO', 'CCOC1CCCCC1'], ['OiPr', 'CC(C)OC1CCCCC1'], ['Ot-Bu', 'CC(C)(C)OC1CCCCC1'], ['tBu', 'CC(C)(C)C1CCCCC1'], ['NHBoc', 'CC(C)(C)OC(=O)NC1CCCCC1'],
  ['BocHN', 'CC(C)(C)OC(=O)NC1CCCCC1'], ['NHCbz', 'O=C(NC1CCCCC1)OCc1ccccc1'], ['CO2Me', 'COC(=O)C1CCCCC1'], ['MeO2C', 'COC(=O)C1CCCCC1'], ['COOEt', 'CCOC(=O)C1CCCCC1'],
  ['COOH', 'O=C(O)C1CCCCC1'], ['HO2C', 'O=C(O)C1CCCCC1'], ['CO2Na', 'O=C(O)C1CCCCC1'], ['CN', 'N#CC1CCCCC1'], ['NO2', 'O=[N+]([O-])C1CCCCC1'], ['O2N', 'O=[N+]([O-])C1CCCCC1'],
  ['N3', '[N-]=[N+]=NC1CCCCC1'], ['CHO', 'O=CC1CCCCC1'], ['CONH2', 'NC(=O)C1CCCCC1'], ['SO2NH2', 'NS(=O)(=O)C1CCCCC1'], ['SO2Me', 'CS(=O)(=O)C1CCCCC1'], ['OTs', 'Cc1ccc(S(=O)(=O)OC2CCCCC2)cc1'],
  ['Ts', 'Cc1ccc(S(=O)(=O)C2CCCCC2)cc1'], ['Ac', 'CC(=O)C1CCCCC1'], ['OAc', 'CC(=O)OC1CCCCC1'], ['NHAc', 'CC(=O)NC1CCCCC1'], ['Bn', 'c1ccc(CC2CCCCC2)cc1'], ['OBn', 'c1ccc(COC2CCCCC2)cc1'],
  ['Bz', 'O=C(c1ccccc1)C1CCCCC1'], ['OCF3', 'FC(F)(F)OC1CCCCC1'], ['F₃C', 'FC(F)(F)C1CCCCC1'], ['NMe2', 'CN(C)C1CCCCC1'], ['NH2', 'NC1CCCCC1'], ['H2N', 'NC1CCCCC1'], ['OH', 'OC1CCCCC1'],
  ['CH3', 'CC1CCCCC1'], ['CH2OH', 'OCC1CCCCC1'], ['OTBS', 'CC(C)(C)[Si](C)(C)OC1CCCCC1'], ['Bpin', 'CC1(C)OB(C2CCCCC2)OC1(C)C'], ['B(OH)2', 'OB(O)C1CCCCC1'], ['Cl', 'ClC1CCCCC1'],
  ['SMe', 'CSC1CCCCC1'], ['NHSO2Me', 'CS(=O)(=O)NC1CCCCC1'], ['Cy', 'C1CCC(C2CCCCC2)CC1'], ['Pr', 'CCCC1CCCCC1'],
];

describe('labels in the place of atoms', () => {
  it.each(LABELS)('%s', (label, expected) => {
    const warnings = label === 'Cl' || label === 'CH3' ? expect.anything() : ['LABELS_EXPANDED'];
    const alias = v2000({ extra: `A    7\n${label}\n` });
    const superatom = v2000({ extra: `M  STY  1   1 SUP\nM  SAL   1  1   7\nM  SMT   1 ${label}\n` });
    const group = `M  V30 BEGIN SGROUP\nM  V30 1 SUP 0 ATOMS=(1 7) LABEL="${label}"\nM  V30 END SGROUP\n`;
    for (const text of [alias, superatom, v2000({ symbol: label }), v3000(label), v3000('C', 1, '', group)]) {
      expect(standardise(text)).toMatchObject({ parentSmiles: expected, warnings });
    }
  });

  it('with two bonds', () => {
    expect(standardise(v2000({ symbol: 'NMe', order: 2 })).parentSmiles).toBe('CN=C1CCCCC1');
    const inRing = v2000({}).replace('0.7000    1.2124    0.0000 C  ', '0.7000    1.2124    0.0000 NBoc').replace('-1.4000    0.0000    0.0000 C  ', '-1.4000    0.0000    0.0000 SO2');
    expect(standardise(inRing).parentSmiles).toMatch(/C\(=O\)OC\(C\)\(C\)C|CC\(C\)\(C\)OC\(=O\)N/);
  });

  it('that nobody knows are named', () => {
    for (const label of ['Foo', 'NCS', 'Lys']) {
      expect(() => standardise(v2000({ symbol: label }))).toThrow(`the label ${label} is no element; expand it`);
      expect(() => standardise(v3000(label))).toThrow(`the label ${label} is no element; expand it`);
      expect(() => standardise(v2000({ extra: `A    7\n${label}\n` }))).toThrow(`the label ${label}`);
    }
    expect(() => standardise(v2000({}).replace('1.4000    0.0000    0.0000 C  ', '1.4000    0.0000    0.0000 OMe'))).toThrow('at an atom with 3 bonds');
  });

  it('keep the configuration of what they are bonded to', () => {
    const wedge = (symbol: string): string => (
      `\n  test\n\n  4  3  0  0  1  0  0  0  0  0999 V2000\n    1.5000    1.2990    0.0000 ${symbol.padEnd(3)} 0  0\n    0.7500    0.0000    0.0000 C   0  0\n`
      + `    1.5000   -1.2990    0.0000 N   0  0\n   -0.7500    0.0000    0.0000 F   0  0\n  2  1  1  6\n  2  3  1  0\n  2  4  1  0\nM  END\n`
    );
    const alcohol = standardise(wedge('O')).parentSmiles;
    expect(alcohol).toMatch(/@.*\(O\)/);
    expect(standardise(wedge('OMe')).parentSmiles).toBe(standardise(alcohol.replace('(O)', '(OC)')).parentSmiles);
  });
});

describe('what is a query', () => {
  it.each([
    ...['A', 'Q', 'X', 'M', 'AH', 'QH', 'XH', 'MH', '*', 'R', 'R1', 'R#', 'Pol', 'Du', 'L', 'Ar', 'ARY', 'Het'].map((symbol) => [`atom ${symbol}`, v2000({ symbol })] as const),
    ...['A', 'Q', 'XH', 'R1', '[C,N]', 'NOT[O,S]', 'Pol'].map((symbol) => [`V3000 atom ${symbol}`, v3000(symbol)] as const),
    ...[5, 6, 7, 8].flatMap((order): (readonly [string, string])[] => [[`bond ${order}`, v2000({ order })], [`V3000 bond ${order}`, v3000('C', order)]]),
    ...['M  SUB  1   7   2\n', 'M  UNS  1   7   1\n', 'M  RBC  1   7   2\n', 'M  LIN  1   7   2   6   1\n', 'M  ALS   7  2 F C   N   \n', 'M  RGP  1   7   1\n', 'M  APO  1   7   1\n',
      'M  MRV SMA   7 [C;H3]\n', 'M  STY  1   1 DAT\nM  SDT   1 SMARTSQ\n'].map((extra) => [extra.slice(0, 7), v2000({ extra })] as const),
    ...[' SUBST=2', ' UNSAT=1', ' RBCNT=2', ' HCOUNT=1', ' ATTCHPT=1', ' RGROUPS=(1 1)'].map((attributes) => [`V3000${attributes}`, v3000('C', 1, attributes)] as const),
    ['V3000 link node', v3000('C', 1, '', 'M  V30 LINKNODE 1 3 2 7 1\n')] as const,
    ['hydrogen count', v2000({ atomTail: ' 0  0  0  2  0' })] as const,
    ['ring bond', v2000({ bondTail: '  0  0  1  0' })] as const,
  ])('%s', (_, text) => {
    expect(() => checkMolfile(text)).toThrow(expect.objectContaining({ code: 'SMILES_IS_QUERY' }));
  });

  it('is not an element, an isotope or a plain attribute', () => {
    for (const symbol of ['Si', 'Se', 'B', 'I', 'D', 'N']) expect(standardise(v2000({ symbol })).warnings).toEqual([]);
    expect(standardise(v3000('N', 1, ' CHG=1')).parentSmiles).toBe('NC1CCCCC1');
  });
});

describe('stereo of a molfile', () => {
  const centre = (flag: number): string => (
    `\n  test\n\n  5  4  0  0  ${flag}  0  0  0  0  0999 V2000\n    1.5000    1.2990    0.0000 O   0  0\n    0.7500    0.0000    0.0000 C   0  0\n`
    + '    1.5000   -1.2990    0.0000 N   0  0\n   -0.7500    0.0000    0.0000 C   0  0\n   -1.5000    1.2990    0.0000 C   0  0\n  2  1  1  1\n  2  3  1  0\n  2  4  1  0\n  4  5  1  0\nM  END\n'
  );

  it('is said to be perhaps relative where the chiral flag is off', () => {
    expect(standardise(centre(0)).warnings).toEqual(['CHIRAL_FLAG_ABSENT']);
    expect(standardise(centre(1)).warnings).toEqual([]);
    expect(standardise(centre(0).replace('2  1  1  1', '2  1  1  0')).warnings).toEqual([]);
  });

  it.each([['STERAC1', ['ENHANCED_STEREO']], ['STEREL2', ['ENHANCED_STEREO']], ['STEABS', []]])('%s', (kind, warnings) => {
    const collection = `M  V30 BEGIN COLLECTION\nM  V30 MDLV30/${kind} ATOMS=(1 1)\nM  V30 END COLLECTION\n`;
    expect(standardise(v3000('O', 1, '', collection)).warnings).toEqual(warnings);
  });
});

it('reads a molfile whose leading lines were lost', () => {
  expect(standardise(v2000({ symbol: 'O' }).replace(/^\n {2}test\n\n/, '')).parentSmiles).toBe('OC1CCCCC1');
  expect(standardise(v2000({ symbol: 'O' }).slice(1)).parentSmiles).toBe('OC1CCCCC1');
});

it('refuses by coded errors', () => {
  expect(() => standardise(v2000({ symbol: 'Foo' }))).toThrow(IsoLensError);
});
