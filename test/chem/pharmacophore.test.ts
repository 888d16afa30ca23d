/** Roles that fingerprints count, and types of extended reduced graphs: bundles and models hold numbers made from them. */
import { createHash } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { createKernel } from '../../src/chem/index.ts';
import type { Kernel } from '../../src/chem/index.ts';
import { graphOf } from '../../src/chem/molecule-graph.ts';
import type { MoleculeGraph } from '../../src/chem/molecule-graph.ts';
import { pharmacophoreFeatures } from '../../src/chem/pharmacophore-features.ts';
import { pharmacophoreRoles } from '../../src/chem/pharmacophore.ts';
import { withMolecule } from '../../src/chem/rdkit.ts';
import { DRUG_SMILES } from './fixtures.ts';

/** Groups that the drugs lack. */
const MORE = ['CC(=N)N', 'NC(=N)NCC', 'CN1CCNCC1', 'c1nnn[nH]1', 'OS(=O)(=O)c1ccccc1', 'CP(=O)(O)O', 'CC(=O)NO', 'C[N+](=O)[O-]', 'c1cc[n+]([O-])cc1', 'CSC', 'CS', 'NC(=S)N', 'CN=[N+]=[N-]', 'c1ccoc1', 'c1conc1', 'c1ccsc1', 'CC(C)(C)Br', 'FC(F)(F)CI', 'C#N', 'CC=NN', 'NN', 'CON', 'CNC=C', 'CNC#C', 'CNS(C)(=O)=O', 'CNS(C)=O', '[NH3+]CC([O-])=O', 'C[Si](C)(C)C', 'CN(C)P(C)(C)=O', 'c1ccc(N)cc1'];

let kernel: Kernel;
beforeAll(async () => {
  kernel = await createKernel();
}, 120_000);

const digest = (typesOf: (graph: MoleculeGraph) => Uint8Array): string => {
  const hash = createHash('sha256');
  for (const smiles of [...DRUG_SMILES, ...MORE]) hash.update(withMolecule(kernel.rdkit, smiles, (mol) => typesOf(graphOf(mol))));
  return hash.digest('hex').slice(0, 16);
};

it('gives every atom the roles that models were trained with, and the types that scores were fitted on', () => {
  expect(digest(pharmacophoreRoles)).toBe('083d8bd74159bdb0');
  expect(digest(pharmacophoreFeatures)).toBe('b3378380d32d4490');
});
