import { beforeAll, describe, expect, it } from 'vitest';
import { NAMED_GROUPS, smartsOf } from '../../src/chem/index.ts';
import { compare } from '../../src/chem/compare.ts';
import { depict, depictPlaced } from '../../src/chem/depict.ts';
import { groupName } from '../../src/chem/group-names.ts';
import { outlinePattern } from '../../src/chem/substructure.ts';
import { createKernel } from '../../src/chem/kernel.ts';
import type { Kernel } from '../../src/chem/kernel.ts';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await createKernel();
});

describe('names of groups', () => {
  it('are those of chemists, in whatever way the fragment is written', () => {
    expect(groupName(kernel, '*C(=O)O')).toBe('carboxylic acid');
    expect(groupName(kernel, 'OC(=O)*')).toBe('carboxylic acid');
    expect(groupName(kernel, '*[H]')).toBe('hydrogen');
    expect(groupName(kernel, '*c1nnn[nH]1')).toBe('tetrazole');
  });

  it('are formulas where there is no name', () => {
    expect(groupName(kernel, '*CCCCCCCl')).toBe('C6H12Cl group');
    expect(groupName(kernel, '[*:1]CC(=O)O[*:2]')).toBe('C2H2O2 linker');
  });

  it('stand beside the changes of a comparison, with rings named in words', () => {
    const { changes } = compare(kernel, { from: 'CC(C)Cc1ccc(C(C)C(=O)O)cc1', to: 'CC(C)Cc1ccc(C(C)C(N)=O)cc1' });
    expect(changes.map(({ names }) => names)).toEqual([{ from: 'carboxylic acid', to: 'carboxamide' }]);
    const [ring] = compare(kernel, { from: 'CCOC(=O)c1ccccc1', to: 'CCOC(=O)c1ccncc1' }).changes;
    expect(ring).toMatchObject({ kind: 'ring', names: null });
  });

  it('of filters are read as their patterns, and nothing else is', () => {
    expect(smartsOf(' Sulfonamide ')).toBe('[SX4](=O)(=O)[NX3]');
    expect(smartsOf('C#N')).toBe('C#N');
    for (const { name, smarts } of NAMED_GROUPS) {
      expect(() => outlinePattern(kernel, smarts), name).not.toThrow();
    }
    expect(new Set(NAMED_GROUPS.map(({ name }) => name)).size).toBe(NAMED_GROUPS.length);
  });
});

describe('a drawing with the places of its atoms', () => {
  const smiles = 'CC(C)Cc1ccc(cc1)C(C)C(=O)O';

  it('has one place for each atom, at the ends of its bonds', () => {
    const { svg, atoms } = depictPlaced(kernel, { smiles, width: 300, height: 200 });
    expect(atoms).toHaveLength(15);
    // The first bond joins two carbons, which carry no label: it is drawn from place to place.
    const [, x1, y1, x2, y2] = /class='bond-0 atom-0 atom-1' d='M ([\d.]+),([\d.]+) L ([\d.]+),([\d.]+)'/.exec(svg)!.map(Number);
    expect(atoms[0]).toEqual([x1, y1]);
    expect(atoms[1]).toEqual([x2, y2]);
    for (const [x, y] of atoms) expect(x >= 0 && x <= 300 && y >= 0 && y <= 200).toBe(true);
  });

  it('circles only what is marked, each kind in its colour, for both papers', () => {
    const circles = (svg: string): string[] => [...svg.matchAll(/<ellipse[^>]*class='atom-(\d+)'[^>]*fill:(#[0-9A-F]+)/g)].map(([, atom, colour]) => `${atom} ${colour}`);
    const marks = [{ atoms: [14], as: 'lost' }, { atoms: [0, 2], as: 'new' }] as const;
    const { svg } = depictPlaced(kernel, { smiles, marks });
    expect(circles(svg).map((one) => one.split(' ')[0])).toEqual(['0', '2', '14']);
    expect(new Set(circles(svg).map((one) => one.split(' ')[1])).size).toBe(2);
    expect(circles(depict(kernel, { smiles, marks, theme: 'dark' }))).not.toEqual(circles(svg));
    expect(circles(depictPlaced(kernel, { smiles }).svg)).toEqual([]);
    expect(() => depictPlaced(kernel, { smiles, marks: [{ atoms: [15], as: 'new' }] })).toThrow('below 15');
  });
});
