/** One group, one name: however its mobile hydrogens are drawn. */
import { beforeAll, describe, expect, it } from 'vitest';
import { answerGroups } from '../../../src/chem/cuts/query.ts';
import { createKernel } from '../../../src/chem/kernel.ts';
import type { Kernel } from '../../../src/chem/kernel.ts';
import { withTrusted } from '../../../src/chem/rdkit.ts';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await createKernel();
});

function fragment(smiles: string): string {
  const answer = answerGroups(kernel, { smiles, size: 13 });
  if (answer.kind !== 'fragment') throw new Error(smiles);
  return answer.fragment;
}

/** InChI merges mobile hydrogens: an independent judge of what is one group. */
function inchi(smiles: string): string {
  return withTrusted(kernel.rdkit, smiles.replaceAll(/\[\*:\d\]/g, '[At]'), (mol) => mol.get_inchi().replace(/\/f.*/, ''));
}

describe('tautomers of a group', () => {
  it.each([
    ['tetrazole', '[*:1]c1nnn[nH]1', '[*:1]c1nn[nH]n1'],
    ['imidazole', '[*:1]c1cnc[nH]1', '[*:1]c1c[nH]cn1'],
    ['pyrazole', '[*:1]c1cc[nH]n1', '[*:1]c1ccn[nH]1'],
    ['methylpyrazole', '[*:1]c1cc(C)[nH]n1', '[*:1]c1cc(C)n[nH]1'],
    ['1,2,4-triazole', '[*:1]c1nnc[nH]1', '[*:1]c1ncn[nH]1', '[*:1]c1nc[nH]n1'],
    ['1,2,3-triazole', '[*:1]c1cnn[nH]1', '[*:1]c1cn[nH]n1', '[*:1]c1c[nH]nn1'],
    ['benzimidazole', '[*:1]c1ccc2[nH]cnc2c1', '[*:1]c1ccc2nc[nH]c2c1'],
    ['indazole', '[*:1]c1ccc2[nH]ncc2c1', '[*:1]c1ccc2n[nH]cc2c1'],
    ['pyridone', '[*:1]c1ccc(=O)[nH]c1', '[*:1]c1ccc(O)nc1'],
    ['4-pyridone', '[*:1]c1c[nH]ccc1=O', '[*:1]c1cnccc1O'],
    ['pyrimidinone', '[*:1]c1cc(=O)[nH]cn1', '[*:1]c1cc(O)ncn1', '[*:1]c1cc(=O)nc[nH]1'],
    ['thiopyridone', '[*:1]c1ccc(=S)[nH]c1', '[*:1]c1ccc(S)nc1'],
    ['uracil', '[*:1]c1c[nH]c(=O)[nH]c1=O', '[*:1]c1cnc(O)nc1O', '[*:1]c1c[nH]c(=O)nc1O'],
    ['quinazolinone', '[*:1]c1ccc2c(=O)[nH]cnc2c1', '[*:1]c1ccc2c(O)ncnc2c1'],
    ['oxadiazolone', '[*:1]c1noc(=O)[nH]1', '[*:1]c1noc(O)n1'],
    ['hydroxyisoxazole', '[*:1]c1cc(=O)[nH]o1', '[*:1]c1cc(O)no1'],
    ['hydroxamic acid', '[*:1]C(=O)NO', '[*:1]C(O)=NO'],
    ['amide', '[*:1]C(N)=O', '[*:1]C(=N)O'],
    ['linker amide', '[*:1]C(=O)N[*:2]', '[*:1]C(O)=N[*:2]'],
    ['thioamide', '[*:1]C(N)=S', '[*:1]C(=N)S'],
    ['amidine', '[*:1]C(N)=NC', '[*:1]C(=N)NC'],
    ['guanidine', '[*:1]N=C(N)NC', '[*:1]NC(N)=NC', '[*:1]NC(=N)NC'],
    ['aminopyridine', '[*:1]c1ccc(N)nc1', '[*:1]c1ccc(=N)[nH]c1'],
  ])('of %s share a name', (_name, ...forms) => {
    const [first] = forms;
    expect(new Set(forms.map(inchi)).size, 'the cases themselves').toBe(1);
    for (const form of forms) expect(fragment(form)).toBe(fragment(first!));
    // What is proposed can be read, and is the group.
    expect(inchi(fragment(first!))).toBe(inchi(first!));
  });

  it.each([
    ['pyridin-3-ol', '[*:1]c1cncc(O)c1'], ['phenol', '[*:1]c1ccc(O)cc1'], ['N-methylpyrazoles', '[*:1]c1ccn(C)n1'], ['urea', '[*:1]NC(N)=O'], ['nitro', '[*:1]c1cc([N+](=O)[O-])n[nH]1'],
  ])('of %s leave it alone', (_name, form) => {
    expect(inchi(fragment(form))).toBe(inchi(form));
  });

  it('keep apart what is not the same', () => {
    const distinct = ['[*:1]c1ccn(C)n1', '[*:1]c1ccnn1C', '[*:1]c1ccnc(O)c1', '[*:1]c1cc[nH]n1', '[*:1]c1cn[nH]c1', '[*:1]n1cccn1', '[*:1]c1nnnn1C', '[*:1]c1nnn(C)n1', '[*:1]C(=O)NC', '[*:1]NC(C)=O'];
    expect(new Set(distinct.map(fragment)).size).toBe(distinct.length);
  });
});
