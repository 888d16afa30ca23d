import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createKernel } from '../../src/chem/index.ts';
import type { Kernel } from '../../src/chem/index.ts';
import { answerGroups } from '../../src/chem/cuts/query.ts';
import { Replacements, TABLE_FILE } from '../../src/replacements/index.ts';
import { ROOT } from '../architecture/sources.ts';
import { librarySmiles } from '../chem/cuts/support.ts';
import { flat, hasRadical, independently, proposalsOf, randomSpellings } from './spellings.ts';
import type { Spelled } from './spellings.ts';

/** `ISOLENS_SPELLINGS=200x5` checks more of the library. */
const [MOLECULES, SPELLINGS] = (process.env['ISOLENS_SPELLINGS'] ?? '30x2').split('x').map(Number) as [number, number];

let kernel: Kernel;
let table: Replacements;
beforeAll(async () => {
  kernel = await createKernel();
  table = Replacements.open(join(ROOT, 'indexes/models/replacements', TABLE_FILE));
});

const textOf = ({ proposals }: Spelled): string[] => proposals.map(({ group, to, smiles }) => `${group.fragment} > ${to} = ${smiles ?? 'refused'}`);

describe('proposals', { timeout: 600_000 }, () => {
  it('are the same for every spelling, without radicals, and what a second construction gives', () => {
    let checked = 0;
    for (const smiles of librarySmiles(MOLECULES)) {
      const spelled = proposalsOf(kernel, table, smiles, 2);
      for (const proposal of spelled.proposals) {
        const what = `${spelled.parent} ${proposal.group.fragment} > ${proposal.to}`;
        expect(proposal.smiles, what).toBeDefined();
        expect(hasRadical(kernel, proposal.smiles!), what).toBe(false);
        expect(flat(kernel, proposal.smiles!), what).toBe(independently(kernel, spelled.parent, proposal));
        checked++;
      }
      for (const other of randomSpellings(kernel, smiles, SPELLINGS, 1)) expect(textOf(proposalsOf(kernel, table, other, 2)), other).toEqual(textOf(spelled));
    }
    expect(checked).toBeGreaterThan(20 * MOLECULES);
  });

  it.each([
    // An acid first, in the middle and last; a salt, and an anion with a bond to its metal's charge.
    ['OC(=O)c1ccccc1OC(C)=O', [0, 1, 2], '[*:1]C(=O)O', [0, 1, 2]], ['CC(=O)Oc1ccccc1C(=O)O', [10, 11, 12], '[*:1]C(=O)O', [10, 11, 12]],
    ['[Na+].[O-]C(=O)c1ccccc1', [1, 2, 3], '[*:1]C(=O)O', [1, 2, 3]], ['C1CC1[N+](C)(C)Cc1cc(F)ccc1.[Cl-]', [10], '[*:1]F', [10]],
    // Hydrogens go with the atom that carries them.
    ['[2H]C([2H])([2H])Oc1ccccc1', [0, 1, 2, 3], '[*:1]C', [1]], ['[H]Oc1ccccc1', [0, 1], '[*:1]O', [1]],
    // Which of two like groups: the one that was named.
    ['Fc1ccc(C[C@H](O)[C@@H](O)Cc2ccc(F)cc2)cc1', [15], '[*:1]F', [15]],
  ] as const)('of %s count atoms as written', (smiles, atoms, fragment, inputAtoms) => {
    const answer = answerGroups(kernel, { smiles, atoms, size: 13 });
    if (answer.kind !== 'molecule') throw new Error(smiles);
    const [group] = answer.groups;
    expect(group!.fragment).toBe(fragment);
    expect([...group!.inputAtoms].sort((a, b) => a - b)).toEqual(inputAtoms);
  });

  it.each([['[Na+].[O-]C(=O)c1ccccc1', [0], 'part of a salt'], ['[H]Oc1ccccc1', [0], 'is a hydrogen'], ['CCO', [3], 'from 0 to 2']] as const)('of %s refuse atoms %j', (smiles, atoms, text) => {
    expect(() => answerGroups(kernel, { smiles, atoms, size: 13 })).toThrow(text);
  });
});
