/** Cutting and putting together, and what changed between two molecules. */
import { beforeAll, describe, expect, it } from 'vitest';
import { assemble } from '../../../src/chem/cuts/assemble.ts';
import { changesBetween } from '../../../src/chem/cuts/change.ts';
import { allGroups } from '../../../src/chem/cuts/groups.ts';
import { answerGroups } from '../../../src/chem/cuts/query.ts';
import { createKernel } from '../../../src/chem/kernel.ts';
import type { Kernel } from '../../../src/chem/kernel.ts';
import { graphOf } from '../../../src/chem/molecule-graph.ts';
import { withTrusted } from '../../../src/chem/rdkit.ts';
import { DRUGS, librarySmiles } from './support.ts';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await createKernel();
});

const graph = (smiles: string): ReturnType<typeof graphOf> => withTrusted(kernel.rdkit, smiles, graphOf);
const canonical = (smiles: string): string => withTrusted(kernel.rdkit, smiles, (mol) => mol.get_smiles());
const compound = (smiles: string): string => withTrusted(kernel.rdkit, withTrusted(kernel.rdkit, smiles, (mol) => mol.get_smiles('{"doIsomericSmiles":false}')), (mol) => mol.get_inchi());
const change = (a: string, b: string): string[] => changesBetween(graph(a), graph(b)).map(({ from, to }) => `${from} > ${to}`);

describe('a group put back', () => {
  it('gives the molecule', () => {
    let checked = 0;
    for (const smiles of [...DRUGS, ...librarySmiles(20)].map(canonical)) {
      for (const group of allGroups(graph(smiles), 12)) {
        // The group stands in its preferred tautomer: the same compound, not always the same text.
        expect(compound(assemble(kernel, { smiles, group, to: group.fragment })), `${smiles} ${group.fragment}`).toBe(compound(smiles));
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(300);
  });

  it('leaves the stereo of the rest as it was', () => {
    const replaced = (smiles: string, fragment: string, to: string): string => canonical(assemble(kernel, { smiles, group: allGroups(graph(smiles), 12).find((one) => one.fragment === fragment)!, to }));
    expect(replaced('C[C@H](N)c1ccc(F)cc1', '[*:1]F', '[*:1]Cl')).toBe(canonical('C[C@H](N)c1ccc(Cl)cc1'));
    // The replaced group is a neighbour of the centre: what takes its place stands where it stood.
    expect(replaced('C[C@H](O)c1ccc(F)cc1', '[*:1]O', '[*:1]F')).toBe(canonical('C[C@H](F)c1ccc(F)cc1'));
    expect(replaced('C[C@](O)(CC)c1ccc(F)cc1', '[*:1]O', '[*:1][H]')).toBe(canonical('C[C@]([H])(CC)c1ccc(F)cc1'));
    expect(replaced('C[C@@](O)(CC)c1ccc(F)cc1', '[*:1]O', '[*:1][H]')).toBe(canonical('C[C@@]([H])(CC)c1ccc(F)cc1'));
    expect(replaced('F/C=C/c1ccc(CCO)cc1', '[*:1]CO', '[*:1]CN')).toBe(canonical('F/C=C/c1ccc(CCN)cc1'));
    expect(replaced('C/C=C/c1ccc(CCO)cc1', '[*:1]C', '[*:1]Cl')).toBe(canonical('Cl/C=C/c1ccc(CCO)cc1'));
  });
});

const heavyAtoms = (fragment: string): number => withTrusted(kernel.rdkit, fragment, graphOf).element.filter((element) => element > 1).length;

describe('what changed', () => {
  it('is the smallest group with its place', () => {
    expect(change('CC(=O)Nc1ccc(O)cc1', 'CC(=O)Nc1ccc(F)cc1')[0]).toBe('[*:1]O > [*:1]F');
    expect(change('CC(=O)Nc1ccc(O)cc1', 'CC(=O)Nc1ccccc1')[0]).toBe('[*:1]O > [*:1][H]');
    expect(change('CC(=O)Nc1ccccc1', 'CC(=O)Nc1ccc(O)cc1')[0]).toBe('[*:1][H] > [*:1]O');
    expect(change('O=C(Nc1ccccc1)c1ccncc1', 'O=C(c1ccccc1)Nc1ccncc1')[0]).toBe('[*:1]C(=O)N[*:2] > [*:2]C(=O)N[*:1]');
    expect(change('c1ccc(OCc2ccncc2)cc1', 'c1ccc(NCc2ccncc2)cc1')[0]).toBe('[*:1]O[*:2] > [*:1]N[*:2]');
  });

  it('is nothing for the same molecule, its stereoisomer, and for strangers', () => {
    for (const [a, b] of [['CCO', 'OCC'], ['C[C@H](N)C(=O)O', 'C[C@@H](N)C(=O)O'], ['c1ccccc1', 'C1CCCCCCC1'], ['C', 'c1ccc2ccccc2c1CCCCCC'], ['C', 'N']]) expect(change(a!, b!), `${a!} ${b!}`).toEqual([]);
  });

  it('maps what is kept atom by atom', () => {
    const library = librarySmiles(20);
    let mapped = 0;
    for (const smiles of library) {
      for (const group of allGroups(graph(smiles), 10).slice(0, 6)) {
        const other = assemble(kernel, { smiles, group, to: group.points.length === 1 ? '[*:1]C1CC1' : group.points.length === 2 ? '[*:1]CSC[*:2]' : '[*:1]N([*:2])[*:3]' });
        const [a, b] = [graph(smiles), graph(other)];
        for (const { keptA, keptB, from, to } of changesBetween(a, b)) {
          // Each atom is kept or changed, and none is both.
          for (const [kept, all, fragment] of [[keptA, a, from], [keptB, b, to]] as const) {
            expect(new Set(kept).size).toBe(kept.length);
            expect(kept.length + heavyAtoms(fragment)).toBe(all.atoms);
          }
          expect(keptA.map((atom) => a.element[atom])).toEqual(keptB.map((atom) => b.element[atom]));
          mapped++;
        }
      }
    }
    expect(mapped).toBeGreaterThan(60);
  });

  it('is as large whichever comes first', () => {
    const library = librarySmiles(60);
    for (let i = 1; i < library.length; i++) {
      const [there, back] = [changesBetween(graph(library[i - 1]!), graph(library[i]!)), changesBetween(graph(library[i]!), graph(library[i - 1]!))];
      expect(back[0]?.keptA.length).toBe(there[0]?.keptA.length);
    }
  });
});

describe('groups that a person asks for', () => {
  const ask = (smiles: string, atoms?: number[]): ReturnType<typeof answerGroups> => answerGroups(kernel, { smiles, size: 12, ...(atoms === undefined ? {} : { atoms }) });
  const chosen = (smiles: string, atoms: number[]): unknown => {
    const answer = ask(smiles, atoms);
    return answer.kind === 'molecule' ? answer.groups.map(({ fragment, inputAtoms }) => [fragment, [...inputAtoms].sort((a, b) => a - b)])[0] : answer;
  };

  it('are found by atoms as they stand in the input, salts and charges included', () => {
    expect(chosen('CC(=O)Nc1ccc(O)cc1', [8])).toEqual(['[*:1]O', [8]]);
    expect(chosen('[Na+].CC(C)Cc1ccc(cc1)C(C)C(=O)[O-]', [13, 14, 15])).toEqual(['[*:1]C(=O)O', [13, 14, 15]]);
    expect(chosen('Cl.[H]N([H])CCc1ccccc1', [2, 4, 5])).toMatchObject(['[*:1]CCN', [2, 4, 5]]);
    expect(chosen('OCCc1ccc(F)cc1', [2, 1, 0, 0])).toEqual(['[*:1]CCO', [0, 1, 2]]);
  });

  it.each([
    ['CCO', [9], 'ATOM_NOT_FOUND', /from 0 to 2/], ['CCO', [-1], 'ATOM_NOT_FOUND', /from 0 to 2/], ['[Na+].CCCC(=O)[O-]', [0], 'ATOM_NOT_FOUND', /set aside/],
    ['[H]OCCC', [0], 'ATOM_NOT_FOUND', /a hydrogen/], ['CCO', [], 'ARGUMENT_INVALID', /at least one/],
    ['CC(=O)Nc1ccc(O)cc1', [5], 'GROUP_NOT_REPLACEABLE', /part of a ring; the smallest group around them is 4,5,6,7,9,10/],
    ['CC(=O)Nc1ccc(O)cc1', [0, 8], 'GROUP_NOT_REPLACEABLE', /not connected/], ['CC(=O)Nc1ccc(O)cc1', [2], 'GROUP_NOT_REPLACEABLE', /no single bond/],
    ['CC(=O)Nc1ccc(O)cc1', [0, 1, 2], 'GROUP_NOT_REPLACEABLE', /stay whole/], ['CCO', [0, 1, 2], 'GROUP_NOT_REPLACEABLE', /whole molecule/],
    ['C1CCCCCCCCCCCCC1', [3], 'GROUP_NOT_REPLACEABLE', /macrocycle/], ['[Na+].[Cl-]', [0], 'MOLECULE_UNSUPPORTED', /organic/], ['C(', [0], 'SMILES_SYNTAX', /never|opened/],
    ['[*:1]CC', [0], 'ARGUMENT_INVALID', /fragment/], ['[*:1]C[*:1]', undefined, 'FRAGMENT_INVALID', /each once/], ['[*:1]C[*:3]', undefined, 'FRAGMENT_INVALID', /numbered/],
    ['*C(*)(*)*', undefined, 'FRAGMENT_INVALID', /1 to 3/], ['*', undefined, 'FRAGMENT_INVALID', /single bond/], ['**', undefined, 'FRAGMENT_INVALID', /numbered/], ['*=C', undefined, 'FRAGMENT_INVALID', /single bond/],
    ['[*:1]CC.C[*:2]', undefined, 'FRAGMENT_INVALID', /connected/], ['[*;R]C', undefined, 'SMILES_SYNTAX', /atom/],
  ] as const)('refuses %s %j with %s', (smiles, atoms, code, message) => {
    let thrown: unknown;
    try {
      ask(smiles, atoms === undefined ? undefined : [...atoms]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  it('may be fragments, whatever their numbers', () => {
    expect(ask('[*:2]NC(=O)[*:1]')).toEqual({ kind: 'fragment', fragment: '[*:1]C(=O)N[*:2]', numbers: [1, 2] });
    expect(ask('[*:1]NC(=O)[*:2]')).toEqual({ kind: 'fragment', fragment: '[*:1]C(=O)N[*:2]', numbers: [2, 1] });
    for (const [text, fragment] of [['*F', '[*:1]F'], ['[*:1]S(=O)(=O)N', '[*:1]S(=O)(=O)N'], ['[*:1][H]', '[*:1][H]'], ['[H]*', '[*:1][H]'], ['[O-]C(=O)[*]', '[*:1]C(=O)O'], ['c1cc(*)ccc1', '[*:1]c1ccccc1']]) {
      expect(ask(text!)).toEqual({ kind: 'fragment', fragment, numbers: [1] });
    }
  });

  it('takes a macrocycle with side chains and a peptide of 60 residues', () => {
    const peptide = `${'NCC(=O)'.repeat(59)}NC(Cc1ccccc1)C(=O)O`;
    const answer = ask(peptide);
    expect(answer.kind === 'molecule' && answer.groups.length).toBeGreaterThan(0);
    const ring = ask('C1CCCCCCCCCCC(=O)OC(CCO)C1');
    expect(ring.kind === 'molecule' && ring.groups.map(({ fragment }) => fragment)).toContain('[*:1]CCO');
  });
});
