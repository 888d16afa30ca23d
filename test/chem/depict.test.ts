import { afterAll, describe, expect, it } from 'vitest';
import { ChemPool } from '../../src/chem/index.ts';

const pool = new ChemPool({ workers: 1 });
afterAll(() => pool.close());

async function draw(...requests: { smiles: string; alignTo?: string; highlightDifference?: boolean }[]): Promise<string[]> {
  const outcomes = await pool.depict(requests);
  return outcomes.map((outcome) => (outcome.ok ? outcome.value : outcome.error.code));
}

/** Pieces of text and bonds of atom `index`; letters are paths, so equal drawings are compared. */
const pathsOf = (svg: string, atom: number): number => [...svg.matchAll(new RegExp(`<path class='atom-${atom}'`, 'g'))].length;

describe('attachment points in drawings', () => {
  it('are shown, however they are written', async () => {
    const fragments = [
      '[*:1]C(=O)N[*:2]',
      '*c1ccccc1',
      'C(*)=O',
      '[*]OC',
      '[1*]C#N',
      '[*:1]CC([*:2])O[*:3]',
      '[*:1][H]',
      '**',
      '*',
      '[*:12]N1CCOCC1',
      'Cl.*CCN',
    ];
    for (const svg of await draw(...fragments.map((smiles) => ({ smiles })))) expect(svg).toContain('<svg');
  });

  it('bear the number that tells them apart', async () => {
    const [plain, one, two, twelve] = (await draw(
      { smiles: '*OC' },
      { smiles: '[*:1]OC' },
      { smiles: '[*:2]OC' },
      { smiles: '[*:12]OC' },
    )) as [string, string, string, string];
    expect(new Set([plain, one, two, twelve]).size).toBe(4);
    // *, R1, R12: one path a character.
    expect([plain, one, twelve].map((svg) => pathsOf(svg, 0))).toEqual([1, 2, 3]);
  });

  it('may stand in what is aligned and in what is compared', async () => {
    const [group, molecule] = await draw(
      { smiles: '[*:1]c1ccc(F)cc1', alignTo: 'Oc1ccc(F)cc1', highlightDifference: true },
      { smiles: 'CCOc1ccc(F)cc1', alignTo: '[*:1]c1ccc(F)cc1', highlightDifference: true },
    );
    expect([group, molecule].every((svg) => svg!.includes('<svg'))).toBe(true);
  });

  it('are no door for patterns and generic groups', async () => {
    expect(await draw(...['[#6]~*', 'RC', '[R1]C', 'A*', '[*H2]C', '[*,C]C', '*!C', 'C*>>C'].map((smiles) => ({ smiles })))).toEqual([
      'SMILES_IS_QUERY',
      'SMILES_IS_QUERY',
      'SMILES_IS_QUERY',
      'SMILES_IS_QUERY',
      'SMILES_IS_QUERY',
      'SMILES_IS_QUERY',
      'SMILES_IS_QUERY',
      'SMILES_IS_REACTION',
    ]);
  });

  it('leave molecules of hydrogen alone', async () => {
    for (const svg of await draw({ smiles: '[H][H]' }, { smiles: '[2H][2H]' })) expect(svg).toContain('<svg');
  });

  it('make no molecule', async () => {
    for (const outcome of await pool.standardise(['*CC', '[*:1]CC', '[1*]CC']))
      expect(outcome).toMatchObject({ ok: false, error: { code: 'SMILES_IS_QUERY' } });
  });
});
