import { describe, expect, it } from 'vitest';
import { asInchiKey, checkSmiles } from '../../src/chem/limits.ts';
import { checkMolfile, looksLikeMolfile } from '../../src/chem/molfile.ts';
import { IsoLensError } from '../../src/core/index.ts';

function refusal(run: () => unknown): IsoLensError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof IsoLensError) return thrown;
    throw thrown;
  }
  throw new Error('was accepted');
}

describe('checkSmiles', () => {
  it.each([
    'C', 'CC(=O)Oc1ccccc1C(=O)O', 'C[C@@H](N)C(=O)[O-].[Na+]', '[13CH4]', '[2H]O[2H]', 'F/C=C\\F', 'C%10CCCCC%10', 'C%(123)CC%(123)', '[nH]1cccc1',
    'B(O)O', '[Si](C)(C)C', 'C1CC1C1CC1', 'c1cc[se]c1', '[NH3]->[Pt]', '[CH3:7]C', 'CC$C', '[C@TH1](F)(Cl)(Br)I', '[Fe+2]', '[O--]', ' CCO ', '[te]1cccc1',
  ])('accepts %.40s', (smiles) => {
    expect(checkSmiles(smiles).smiles).toBe(smiles.trim());
  });

  it.each([
    ['', 'SMILES_EMPTY', undefined],
    ['  \n ', 'SMILES_EMPTY', undefined],
    ['C'.repeat(1001), 'SMILES_TOO_LONG', undefined],
    ['C'.repeat(251), 'SMILES_TOO_COMPLEX', 250],
    [`${'C('.repeat(65)}C${')'.repeat(65)}`, 'SMILES_TOO_COMPLEX', 129],
    [Array(51).fill('C').join('.'), 'SMILES_TOO_COMPLEX', 99],
    ['CC>>CO', 'SMILES_IS_REACTION', 2],
    ['CC>[Pd]>CO', 'SMILES_IS_REACTION', 2],
    ['*CC*', 'SMILES_IS_QUERY', 0],
    ['[*:1]CC', 'SMILES_IS_QUERY', 0],
    ['CC[R1]', 'SMILES_IS_QUERY', 2],
    ['[#6]-C', 'SMILES_IS_QUERY', 0],
    ['[C,N]C', 'SMILES_IS_QUERY', 0],
    ['[$(CC)]', 'SMILES_IS_QUERY', 0],
    ['[CX4]', 'SMILES_IS_QUERY', 0],
    ['C~C', 'SMILES_IS_QUERY', 1],
    ['CR', 'SMILES_IS_QUERY', 1],
    ['C1CC', 'SMILES_UNCLOSED_RING', 1],
    ['CC(', 'SMILES_SYNTAX', 2],
    ['CC)C', 'SMILES_SYNTAX', 2],
    ['C[C', 'SMILES_SYNTAX', 1],
    ['CX', 'SMILES_SYNTAX', 1],
    ['C..C', 'SMILES_SYNTAX', 2],
    ['C.', 'SMILES_SYNTAX', 1],
    ['[Q+]', 'SMILES_IS_QUERY', 0],
    ['[Xx]', 'SMILES_IS_QUERY', 0],
    ['[Jh]', 'SMILES_SYNTAX', 0],
    ['C%1', 'SMILES_SYNTAX', 1],
    ['Привет', 'SMILES_SYNTAX', 0],
    ['BSYNRYMUTXBXSQ-UHFFFAOYSA-N', 'SMILES_SYNTAX', 0],
    ['{[>][<]CC[>][<]}', 'MOLECULE_UNSUPPORTED', 0],
    ['CC |Sg:n:0,1::ht|', 'MOLECULE_UNSUPPORTED', undefined],
    ['CC |$_R1;$|', 'SMILES_IS_QUERY', undefined],
    ['[R3]CC', 'SMILES_IS_QUERY', 0],
    ['CC(R2)C', 'SMILES_IS_QUERY', 3],
    ["CO[R']", 'SMILES_IS_QUERY', 2],
    ['CCO\nCCN', 'SMILES_SYNTAX', 3],
    ['C/C=C\n1CCCC1', 'SMILES_SYNTAX', 5],
    ['InChIKey=RYYVLZVUVIJVGH-UHFFFAOYSA-N', 'SMILES_SYNTAX', 0],
    ['ryyvlzvuvijvgh-uhfffaoysa-n', 'SMILES_SYNTAX', 0],
  ])('refuses %.40s', (smiles, code, position) => {
    const error = refusal(() => checkSmiles(smiles));
    expect(error.code).toBe(code);
    expect(error.details['position']).toBe(position);
    expect(error.message).toMatch(/^Expected /);
  });

  it('outlines where the atoms are, and what follows the blank', () => {
    expect(checkSmiles('CC(=O)[O-].[Na+] sodium acetate')).toEqual({
      smiles: 'CC(=O)[O-].[Na+]', tail: 'sodium acetate', atomPositions: [0, 1, 4, 6, 11], fragments: 2, warnings: ['NAME_IGNORED'],
    });
  });
});

describe('a text that was copied', () => {
  it.each([
    ['CC(=O)N\u2010C', 'CC(=O)N-C', ['TEXT_CLEANED']],
    ['[O\u2212]C(=O)C', '[O-]C(=O)C', ['TEXT_CLEANED']],
    ['\u200BCC\u00A0N', 'CCN', ['TEXT_CLEANED']],
    ['C\u2013C name', 'C-C', ['TEXT_CLEANED', 'NAME_IGNORED']],
    ['C[C@H](N)O |&1:1|', 'C[C@H](N)O', ['CXSMILES_IGNORED', 'ENHANCED_STEREO']],
    ['C[C@H](N)O |o2:1,r|', 'C[C@H](N)O', ['CXSMILES_IGNORED', 'ENHANCED_STEREO']],
    ['C[C@H](N)O |a:1|', 'C[C@H](N)O', ['CXSMILES_IGNORED']],
  ])('%j', (text, smiles, warnings) => {
    expect(checkSmiles(text)).toMatchObject({ smiles, warnings });
  });

  it('hints at attachment points where there is an R group', () => {
    expect(refusal(() => checkSmiles('[R1]CC')).message).toContain('[*:1]');
  });
});

describe('asInchiKey', () => {
  it.each([
    ['RYYVLZVUVIJVGH-UHFFFAOYSA-N', 'RYYVLZVUVIJVGH-UHFFFAOYSA-N'],
    [' InChIKey=RYYVLZVUVIJVGH-UHFFFAOYSA-N\n', 'RYYVLZVUVIJVGH-UHFFFAOYSA-N'],
    ['inchikey: ryyvlzvuvijvgh-uhfffaoysa-n', 'RYYVLZVUVIJVGH-UHFFFAOYSA-N'],
    ['RYYVLZVUVIJVGH\u2010UHFFFAOYSA\u2010N', 'RYYVLZVUVIJVGH-UHFFFAOYSA-N'],
    ['RYYVLZVUVIJVGH-UHFFFAOYSA', undefined],
    ['CCO', undefined],
  ])('%j', (text, key) => {
    expect(asInchiKey(text)).toBe(key);
  });
});

const ETHANOL = `ethanol
  test

  3  2  0  0  0  0  0  0  0  0999 V2000
    0.0000    0.0000    0.0000 C   0  0
    1.5000    0.0000    0.0000 C   0  0
    2.2500    1.3000    0.0000 O   0  0
  1  2  1  0
  2  3  1  0
M  END
`;

describe('checkMolfile', () => {
  it('accepts a molfile, whatever its line ends, and cuts off SD data', () => {
    expect(looksLikeMolfile(ETHANOL)).toBe(true);
    expect(checkMolfile(`${ETHANOL.replaceAll('\n', '\r\n')}> <id>\r\n1\r\n\r\n$$$$\r\n`)).toEqual({ text: ETHANOL, warnings: [] });
  });

  it.each([
    ['no end', ETHANOL.replace('M  END', ''), 'SMILES_SYNTAX'],
    ['no counts', ETHANOL.replace('  3  2', 'xxxxxx'), 'SMILES_SYNTAX'],
    ['no atom', ETHANOL.replace('  3  2', '  0  0'), 'SMILES_EMPTY'],
    ['too many atoms', ETHANOL.replace('  3  2', '300  2'), 'SMILES_TOO_COMPLEX'],
    ['an R group', ETHANOL.replace('0.0000 O ', '0.0000 R# '), 'SMILES_IS_QUERY'],
    ['an any-atom', ETHANOL.replace('0.0000 O ', '0.0000 A '), 'SMILES_IS_QUERY'],
    ['a polymer', ETHANOL.replace('M  END', 'M  STY  1   1 SRU\nM  END'), 'MOLECULE_UNSUPPORTED'],
    ['a reaction', `$RXN\n\n\n${ETHANOL}`, 'SMILES_IS_REACTION'],
    ['a huge file', ETHANOL.replace('ethanol', 'x'.repeat(300_000)), 'SMILES_TOO_LONG'],
  ])('refuses %s', (_, text, code) => {
    expect(refusal(() => checkMolfile(text)).code).toBe(code);
  });
});
