import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { chargeSignOf, countTanimoto, ergOf } from '../../src/chem/erg.ts';
import { createKernel } from '../../src/chem/index.ts';
import type { Kernel } from '../../src/chem/index.ts';
import { graphOf } from '../../src/chem/molecule-graph.ts';
import { PHARMACOPHORE_TYPES, pharmacophoreFeatures } from '../../src/chem/pharmacophore-features.ts';
import { withMolecule } from '../../src/chem/rdkit.ts';
import { DRUG_SMILES } from './fixtures.ts';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await createKernel();
});

/** `donor acceptor 3` -> tenths, by counting through all pairs of types. */
function named(counts: Uint8Array): Record<string, number> {
  const names = PHARMACOPHORE_TYPES.flatMap((a, i) => PHARMACOPHORE_TYPES.slice(i).flatMap((b) => Array.from({ length: 15 }, (_, d) => `${a} ${b} ${d + 1}`)));
  expect(names).toHaveLength(counts.length);
  return Object.fromEntries(names.flatMap((name, i) => (counts[i] === 0 ? [] : [[name, counts[i]!]])));
}

const erg = (smiles: string): Uint8Array => withMolecule(kernel.rdkit, smiles, (mol) => ergOf(graphOf(mol)));
const features = (smiles: string): string[] => withMolecule(kernel.rdkit, smiles, (mol) => Array.from(pharmacophoreFeatures(graphOf(mol)), (set) => PHARMACOPHORE_TYPES.filter((_, t) => (set >> t) & 1).map((type) => type[0]).join('')));

describe('pharmacophore types', () => {
  it.each([
    ['aminoethanol', 'NCCO', ['dap', '', '', 'da']],
    ['benzoic acid', 'OC(=O)c1ccccc1', ['d', 'n', 'a', '', '', '', '', '', '']],
    ['acetanilide', 'CC(=O)Nc1ccccc1', ['', '', 'a', 'd', '', '', '', '', '', '']],
    ['pyridine and pyrrole', 'c1ccncc1-c1ccc[nH]1', ['', '', '', 'a', '', '', '', '', '', '', 'd']],
    ['guanidine', 'CNC(=N)N', ['', 'd', '', 'dap', 'd']],
    ['tetrazole', 'Cc1nnn[nH]1', ['', '', 'a', 'a', 'a', 'dn']],
    ['isobutane, thioether, chloride, trifluoromethyl', 'CC(C)CSCC(Cl)C(F)(F)F', ['', 'h', '', '', 'h', '', '', 'h', 'h', '', '', '']],
    ['quaternary ammonium and nitro', 'C[N+](C)(C)CC[N+](=O)[O-]', ['', 'p', '', '', '', '', '', 'a', 'a']],
    ['sulfonamide', 'CS(=O)(=O)NC', ['', '', 'a', 'a', 'd', '']],
  ])('%s', (_name, smiles, expected) => {
    expect(features(smiles)).toEqual(expected);
  });
});

describe('charge at pH 7.4', () => {
  it.each([
    ['benzoic acid', 'OC(=O)c1ccccc1', -1], ['tetrazole', 'Cc1nnn[nH]1', -1], ['acylsulfonamide', 'CC(=O)NS(=O)(=O)C', -1], ['sulfadiazine', 'Nc1ccc(cc1)S(=O)(=O)Nc1ncccn1', -1],
    ['hydroxamic acid', 'ONC(=O)c1ccccc1', -1], ['oxadiazolone', 'O=c1[nH]nc(o1)-c1ccccc1', -1], ['thiazolidinedione', 'O=C1NC(=O)C(S1)Cc1ccccc1', -1], ['phosphonate', 'OP(O)(=O)Cc1ccccc1', -1],
    ['benzylamine', 'NCc1ccccc1', 1], ['benzamidine', 'NC(=N)c1ccccc1', 1], ['phenylalanine', 'NC(Cc1ccccc1)C(=O)O', 0], ['benzamide', 'NC(=O)c1ccccc1', 0], ['aniline', 'Nc1ccccc1C', 0],
    ['methanesulfonamide', 'CS(=O)(=O)NCc1ccccc1', 0], ['succinimide', 'O=C1CCC(=O)N1', 0], ['nitrobenzene', '[O-][N+](=O)c1ccccc1', 0], ['pyridone', 'O=c1cccc[nH]1', 0], ['phenol', 'Oc1ccccc1', 0],
  ] as const)('%s', (_name, smiles, sign) => {
    expect(chargeSignOf(erg(smiles))).toBe(sign);
  });
});

describe('extended reduced graph', () => {
  it('counts pairs with their fuzz, worked by hand', () => {
    // N (donor, acceptor, positive) and O (donor, acceptor), three bonds apart.
    const around = (pair: string, whole: number): Record<string, number> => ({ [`${pair} 2`]: 0.3 * whole, [`${pair} 3`]: whole, [`${pair} 4`]: 0.3 * whole });
    expect(named(erg('NCCO'))).toEqual({ ...around('donor donor', 10), ...around('donor acceptor', 20), ...around('donor positive', 10), ...around('acceptor acceptor', 10), ...around('acceptor positive', 10) });
  });

  it('puts a ring in one point, two bonds from what hangs on it', () => {
    expect(named(erg('OC(=O)c1ccccc1'))).toEqual({
      'donor aromatic 2': 3, 'donor aromatic 3': 10, 'donor aromatic 4': 3,
      'acceptor aromatic 2': 3, 'acceptor aromatic 3': 10, 'acceptor aromatic 4': 3,
      'negative aromatic 1': 3, 'negative aromatic 2': 10, 'negative aromatic 3': 3,
      'donor acceptor 1': 3, 'donor acceptor 2': 10, 'donor acceptor 3': 3,
      'donor negative 1': 10, 'donor negative 2': 3, 'acceptor negative 1': 10, 'acceptor negative 2': 3,
    });
    expect(named(erg('Cc1ccccc1'))).toEqual({});
    // Two ring centres in naphthalene meet over the atoms they share.
    expect(named(erg('c1ccc2ccccc2c1'))).toEqual({ 'aromatic aromatic 1': 3, 'aromatic aromatic 2': 10, 'aromatic aromatic 3': 3 });
    expect(named(erg('C1CCC(CC1)c1ccccc1'))).toEqual({ 'hydrophobic aromatic 2': 3, 'hydrophobic aromatic 3': 10, 'hydrophobic aromatic 4': 3 });
  });

  it('keeps a macrocycle connected, without a centre', () => {
    expect(named(erg('O=C1CCCCCCCCCCCCCC1'))).toEqual({});
    expect(Object.keys(named(erg('O=C1CCCCNCCCCCCCCC1'))).some((name) => name.startsWith('acceptor'))).toBe(true);
  });

  it('hops from a phenyl to a thiophene, and sees a lost acid', () => {
    const query = erg('OC(=O)CCc1ccccc1');
    expect(countTanimoto(query, erg('OC(=O)CCc1ccsc1'))).toBeGreaterThan(0.95);
    expect(countTanimoto(query, erg('CCCCCc1ccccc1'))).toBe(0);
    expect(countTanimoto(query, query)).toBe(1);
    expect(countTanimoto(erg('C'), erg('CC'))).toBe(0);
  });

  it('does not depend on the order of the atoms', () => {
    fc.assert(fc.property(fc.constantFrom(...DRUG_SMILES), fc.integer({ min: 1, max: 1_000_000 }), (smiles, seed) => {
      const shuffled = withMolecule(kernel.rdkit, smiles, (mol) => mol.get_smiles(JSON.stringify({ doRandom: true, randomSeed: seed })));
      expect(erg(shuffled)).toEqual(erg(smiles));
    }), { numRuns: 60 });
  });

  it('takes well under half a millisecond a drug', () => {
    const graphs = DRUG_SMILES.map((smiles) => withMolecule(kernel.rdkit, smiles, graphOf));
    for (const graph of graphs) ergOf(graph);
    // Processor time: a busy machine takes longer, the work does not.
    const started = process.cpuUsage();
    for (let i = 0; i < 50; i++) for (const graph of graphs) ergOf(graph);
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1000 / (50 * graphs.length)).toBeLessThan(0.5);
  });
});
