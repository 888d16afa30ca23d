import { beforeAll, describe, expect, it } from 'vitest';
import { partOf } from '../../src/chem/cuts/part.ts';
import { ionisableSites, ionisationClass } from '../../src/chem/ionisation.ts';
import { createKernel } from '../../src/chem/kernel.ts';
import type { Kernel } from '../../src/chem/kernel.ts';
import { graphOf } from '../../src/chem/molecule-graph.ts';
import { withTrusted } from '../../src/chem/rdkit.ts';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await createKernel();
});

const classOf = (smiles: string): string => withTrusted(kernel.rdkit, smiles, (mol) => {
  const graph = graphOf(mol);
  return ionisationClass(ionisableSites(partOf(graph, Array.from({ length: graph.atoms }, (_, a) => a), [])));
});

/** Class at pH 7.4; measured pKa in the comment where it is not obvious. */
describe('ionisation', () => {
  it.each([
    ['acid', 'CC(C)Cc1ccc(cc1)C(C)C(=O)O'], ['acid', 'Cc1nnn[nH]1'], ['acid', 'CC(=O)NS(C)(=O)=O'], ['acid', 'CC(=O)NO'], ['acid', 'CS(=O)(=O)O'], ['acid', 'CP(=O)(O)O'], ['acid', 'COS(=O)(=O)O'],
    ['acid', 'O=C1CSC(=O)N1'], // thiazolidinedione 6.5
    ['acid', 'Cc1noc(=O)[nH]1'], // oxadiazolone 6
    ['acid', 'Cc1cc(=O)[nH]o1'], // 5-methylisoxazol-3-ol 5.7
    ['acid', 'Nc1ccc(cc1)S(=O)(=O)Nc1ncccn1'], // sulfadiazine 6.5
    ['acid', 'CCC1(CC)C(=O)NC(=O)NC1=O'], // barbital 7.8
    ['acid', 'CC(=O)S'], ['acid', 'O=C1C=C(O)CO1'],
    ['base', 'CNC'], ['base', 'CN1CCN(C)CC1'], ['base', 'NC(=N)c1ccccc1'], ['base', 'CNC(=N)N'], ['base', 'C[N+](C)(C)C'], ['base', 'C1COCCN1'], ['base', 'NCc1ccccc1'],
    ['neutral', 'Nc1ccccc1'], ['neutral', 'CC(N)=O'], ['neutral', 'CS(N)(=O)=O'], ['neutral', 'Oc1ccccc1'], ['neutral', 'c1ccncc1'], ['neutral', 'C[N+](=O)[O-]'], ['neutral', 'C[n+]1ccccc1[O-]'],
    ['neutral', 'CN=[N+]=[N-]'], ['neutral', 'CC#N'], ['neutral', 'COC(C)=O'], ['neutral', 'CC(=O)N(C)C'], ['neutral', 'c1c[nH]cn1'], ['neutral', 'CCO'], ['neutral', 'NNC(=O)c1ccncc1'], ['neutral', 'O=C1CCC(=O)N1'],
    ['zwitterion', 'NCC(=O)O'], ['zwitterion', 'C[N+](C)(C)CC(=O)O'],
  ])('%s: %s', (expected, smiles) => {
    expect(classOf(smiles)).toBe(expected);
  });
});
