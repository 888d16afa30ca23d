import { afterAll, expect, test } from 'vitest';
import { ChemPool } from '../../src/chem/index.ts';
import { readGroup } from '../../src/reading/decode/group-smiles.ts';
import { drawnMolfile } from '../../src/reading/index.ts';
import type { BondStereo, DrawnGraph, ReaderVocabulary } from '../../src/reading/index.ts';

const chem = new ChemPool({ workers: 1 });
afterAll(() => chem.close());

const GROUPS = [
  '*OC', '*OCC', '*[N+](=O)[O-]', '*C(F)(F)F', '*OC(F)(F)F', '*C(=O)O', '*C(=O)OC', '*C#N', '*c1ccccc1', '*C(C)(C)C', '*C(=O)OC(C)(C)C', '*Cc1ccccc1',
  '*S(C)(=O)=O', '*S(N)(=O)=O', '*C(N)=O', '*N(C)C', '*N=[N+]=[N-]', '*C=C', '*c1ccc(C)cc1', '*[Si](C)(C)C', '*S(=O)(=O)c1ccc(C)cc1', '*c1ccc2ccccc2c1', '*n1cccc1',
  '*c1ccncc1', '*OS(=O)(=O)C(F)(F)F', '*C1CCCCC1', '*P(=O)(OCC)OCC', '*B(O)O', '*C([2H])([2H])[2H]', '*c1c[nH]c2ccccc12', '*C(=O)c1ccco1', '*C=CC',
];

function attached(group: number): DrawnGraph {
  const atom = (x: number, index: number) => ({ x, y: 0, class: index, charge: 0, guesses: [], confidence: 1 });
  return { atoms: [atom(0, 0), atom(16, 0), atom(32, group)], bonds: [[0, 1], [1, 2]].map(([begin, end]) => ({ begin: begin!, end: end!, order: 1, stereo: 'none', confidence: 1 })) };
}

const vocabulary: ReaderVocabulary = {
  classes: [{ label: 'C', element: 6 }, { label: 'D', element: 1, isotope: 2 }, ...GROUPS.map((smiles) => ({ label: smiles, element: 6, smiles }))],
  charges: [-1, 0, 1],
};

test('groups are read by RDKit as what they stand for', async () => {
  const written = await chem.standardise(GROUPS.map((_, i) => drawnMolfile(attached(i + 2), vocabulary).text));
  const meant = await chem.standardise(GROUPS.map((smiles) => `CC${smiles.slice(1)}`));
  GROUPS.forEach((smiles, i) => {
    const [a, b] = [written[i]!, meant[i]!];
    expect(a.ok && a.value.inchiKey, smiles).toBe(b.ok && b.value.inchiKey);
  });
});

test('atoms of a group come from the atom that was drawn', () => {
  const { text, drawnAtoms } = drawnMolfile(attached(2 + GROUPS.indexOf('*C(=O)OC')), vocabulary);
  expect(drawnAtoms).toEqual([0, 1, 2, 2, 2, 2]);
  expect(text.split('\n')[3]).toMatch(/^ {2}6 {2}5/);
});

test('bonds are 1.5 long, y grows upwards, charges and isotopes are written', async () => {
  const graph: DrawnGraph = {
    atoms: [[0, 0, 0, 1], [20, 0, 0, 0], [20, 20, 1, 0]].map(([x, y, index, charge]) => ({ x: x!, y: y!, class: index!, charge: charge!, guesses: [], confidence: 1 })),
    bonds: [[0, 1], [1, 2]].map(([begin, end]) => ({ begin: begin!, end: end!, order: 1, stereo: 'none', confidence: 1 })),
  };
  const { text } = drawnMolfile(graph, vocabulary);
  expect(text).toContain('    1.5000   -1.5000    0.0000 H');
  expect(text).toContain('M  CHG  1   1   1');
  expect(text).toContain('M  ISO  1   3   2');
});

test('wedges keep their hand', async () => {
  const drawn = (stereo: BondStereo): string => {
    const places = [[0, 0, 'C'], [0, -16, 'O'], [-14, 8, 'N'], [14, 8, 'Cl'], [-28, 0, 'C']] as const;
    const classes = ['C', 'O', 'N', 'Cl'];
    const graph: DrawnGraph = {
      atoms: places.map(([x, y, label]) => ({ x, y, class: classes.indexOf(label), charge: 0, guesses: [], confidence: 1 })),
      bonds: [[0, 1], [0, 2], [0, 3], [2, 4]].map(([begin, end], i) => ({ begin: begin!, end: end!, order: 1, stereo: i === 0 ? stereo : 'none', confidence: 1 })),
    };
    return drawnMolfile(graph, { classes: [6, 8, 7, 17].map((element, i) => ({ label: classes[i]!, element })), charges: [0] }).text;
  };
  const [up, down, flat] = await chem.standardise([drawn('wedge'), drawn('hash'), drawn('wavy')]);
  const smiles = [up, down, flat].map((outcome) => (outcome!.ok ? outcome!.value.parentSmiles : ''));
  expect(smiles[0]).toContain('@');
  expect(smiles[1]).toContain('@');
  expect(smiles[0]).not.toBe(smiles[1]);
  expect(smiles[2]).not.toContain('@');
});

test('a damaged vocabulary is named', () => {
  for (const smiles of ['C', '*C(', '*C1CC', '*Xx', '*C.C', '*', '*C)']) expect(() => readGroup(smiles)).toThrow(expect.objectContaining({ code: 'MODEL_INVALID' }));
});
