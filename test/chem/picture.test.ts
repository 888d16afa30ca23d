import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChemPool, PICTURE_RENDERERS } from '../../src/chem/index.ts';
import { DRUG_SMILES } from './fixtures.ts';

let chem: ChemPool;
beforeAll(() => {
  chem = new ChemPool({ workers: 1 });
});
afterAll(() => chem.close());

async function draw(renderer: string, smiles: readonly string[], seed = 1): Promise<string[]> {
  const outcomes = await chem.picture(smiles.map((one, i) => ({ smiles: one, renderer, seed: seed + i })));
  return outcomes.map((outcome) => (outcome.ok ? outcome.value : outcome.error.code));
}

describe.each(PICTURE_RENDERERS.map(({ id }) => id))('pictures by %s', (renderer) => {
  it('are SVG, alike for the same seed and different for another', async () => {
    const first = await draw(renderer, DRUG_SMILES);
    for (const svg of first) expect(svg).toMatch(/<svg[\s\S]*<\/svg>\s*$/);
    expect(await draw(renderer, DRUG_SMILES)).toEqual(first);
    expect(new Set([...first, ...(await draw(renderer, DRUG_SMILES, 1000))]).size).toBe(2 * DRUG_SMILES.length);
  });

  it('show the molecule as given, its counter-ion too', async () => {
    const [salt, free] = await draw(renderer, ['CCCCN.Cl', 'CCCCN']);
    expect(salt).not.toBe(free);
    const strokes = (svg: string): number => svg.match(/<(path|text|line)/g)!.length;
    // The counter-ion adds letters and no bond.
    expect(strokes((await draw(renderer, ['CCCCN.Cl'], 5))[0]!)).toBeGreaterThan(strokes((await draw(renderer, ['CCCCN'], 5))[0]!));
  });

  it('are refused for what is no molecule, one by one', async () => {
    const outcomes = await draw(renderer, ['C(', 'CCO', 'C'.repeat(5000), '']);
    expect(outcomes[1]).toContain('<svg');
    expect([0, 2, 3].map((i) => outcomes[i])).toEqual(['SMILES_SYNTAX', 'SMILES_TOO_LONG', 'SMILES_EMPTY']);
  });
});
