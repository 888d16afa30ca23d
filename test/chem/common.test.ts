/** The common part of two molecules, beside RDKit's maximum common substructure, and what is told of the rest. */
import { beforeAll, describe, expect, it } from 'vitest';
import { commonPart } from '../../src/chem/common/common-part.ts';
import { Frame } from '../../src/chem/common/frame.ts';
import { compare } from '../../src/chem/compare.ts';
import type { Comparison } from '../../src/chem/compare.ts';
import { createKernel } from '../../src/chem/kernel.ts';
import type { Kernel } from '../../src/chem/kernel.ts';
import { bondBetween, graphOf } from '../../src/chem/molecule-graph.ts';
import type { MoleculeGraph } from '../../src/chem/molecule-graph.ts';
import { withTrusted } from '../../src/chem/rdkit.ts';
import { DRUGS, librarySmiles } from './cuts/support.ts';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await createKernel();
});

const canonical = (smiles: string): string => withTrusted(kernel.rdkit, smiles, (mol) => mol.get_smiles());
const compared = (from: string, to: string): Comparison => compare(kernel, { from: canonical(from), to: canonical(to) });
const texts = (from: string, to: string): string[] => compared(from, to).changes.map(({ text }) => text);

/** Atoms of RDKit's common substructure that are in whole rings or in none: a lone ring atom on a chain is no part of a ring. */
function rdkitCommon(from: string, to: string): number {
  const { module } = kernel.rdkit;
  return withTrusted(kernel.rdkit, from, (a) => withTrusted(kernel.rdkit, to, (b) => {
    const list = new module.MolList();
    list.append(a);
    list.append(b);
    const options = JSON.stringify({ RingMatchesRingOnly: true, CompleteRingsOnly: true, BondCompare: 'OrderExact', Timeout: 10 });
    const { smarts } = JSON.parse(module.get_mcs_as_json(list, options)) as { smarts: string | string[] };
    list.delete();
    const query = module.get_qmol(Array.isArray(smarts) ? smarts[0]! : smarts)!;
    const matched = new Set((JSON.parse(a.get_substruct_match(query)) as { atoms?: number[] }).atoms ?? []);
    query.delete();
    const graph = graphOf(a);
    return [...matched].filter((atom) => !graph.ringAtom[atom] || graph.rings.some((ring) => ring.includes(atom) && ring.every((one) => matched.has(one)))).length;
  }));
}

function isConnected(graph: MoleculeGraph, atoms: readonly number[]): boolean {
  const reached = new Set([atoms[0]!]);
  for (const atom of reached) for (const other of atoms) if (bondBetween(graph, atom, other) >= 0) reached.add(other);
  return reached.size === atoms.length;
}

describe('the common part', () => {
  it('keeps as many atoms as RDKit finds, in whole rings, like atoms on like atoms', () => {
    const smiles = [...DRUGS, ...librarySmiles(40)].map(canonical);
    let [fewer, checked] = [0, 0];
    for (let i = 0; i + 1 < smiles.length; i++) {
      const [a, b] = [smiles[i]!, smiles[i + 1]!].map((one) => withTrusted(kernel.rdkit, one, graphOf)) as [MoleculeGraph, MoleculeGraph];
      const { kept, swapped } = commonPart(new Frame(a), new Frame(b));
      for (const [x, y] of kept) expect([a.element[x], a.charge[x]]).toEqual([b.element[y], b.charge[y]]);
      const placed = [...kept, ...swapped];
      expect(new Set(placed.map(([x]) => x)).size).toBe(placed.length);
      expect(new Set(placed.map(([, y]) => y)).size).toBe(placed.length);
      if (placed.length > 0) expect(isConnected(a, placed.map(([x]) => x)) && isConnected(b, placed.map(([, y]) => y))).toBe(true);
      for (const [x] of placed) if (a.ringAtom[x]) expect(a.rings.some((ring) => ring.includes(x) && ring.every((one) => placed.some(([other]) => other === one)))).toBe(true);
      if (kept.length < rdkitCommon(smiles[i]!, smiles[i + 1]!)) fewer++;
      checked++;
    }
    // Of bridged ring systems the smallest set of rings may not agree.
    expect(fewer / checked).toBeLessThanOrEqual(0.02);
  });

  it('is the whole of the same molecule, and the same whichever is asked about', () => {
    for (const smiles of [...DRUGS, ...librarySmiles(30)].map(canonical)) {
      const { fromAtoms, changes } = compared(smiles, smiles);
      expect(fromAtoms.length, smiles).toBe(withTrusted(kernel.rdkit, smiles, (mol) => mol.get_num_atoms()));
      expect(changes).toEqual([]);
    }
    const [first, ...others] = librarySmiles(20);
    for (const other of others) expect(compared(first!, other).fromAtoms.length).toBe(compared(other, first!).fromAtoms.length);
  });
});

describe('what differs', () => {
  const sildenafil = 'CCCc1nn(C)c2c1nc([nH]c2=O)-c1cc(ccc1OCC)S(=O)(=O)N1CCN(C)CC1';

  it.each([
    ['an atom of a ring', sildenafil, 'CCCc1nn(C)c2c1nc([nH]c2=O)-c1cc(cnc1OCC)S(=O)(=O)N1CCN(C)CC1', ['benzene C-H -> pyridine N']],
    ['a ring for a ring', 'O=C(NC1CCCCC1)c1ccccc1', 'O=C(NC1CCOCC1)c1ccccc1', ['cyclohexane CH2 -> tetrahydropyran O']],
    ['an acid for a tetrazole', 'CC(C)Cc1ccc(cc1)C(C)C(=O)O', 'CC(C)Cc1ccc(cc1)C(C)c1nnn[nH]1', ['*C(=O)O -> *c1nnn[nH]1']],
    ['an acid for an amide, whole', 'OC(=O)CCc1ccccc1', 'NC(=O)CCc1ccccc1', ['*C(=O)O -> *C(N)=O']],
    ['an acid for its ester, whole', 'OC(=O)CCc1ccccc1', 'COC(=O)CCc1ccccc1', ['*C(=O)O -> *C(=O)OC']],
    ['a ketone in a ring', 'O=C1CCCN1Cc1ccccc1', 'C1CCCN1Cc1ccccc1', ['pyrrolidinone C=O -> pyrrolidine CH2']],
    ['a linker', 'O=C(c1ccccc1)c1ccccc1', 'C(c1ccccc1)c1ccccc1', ['[*:1]C([*:2])=O -> [*:1]C[*:2]']],
    ['a group for nothing', 'Fc1ccc(CCN)cc1', 'c1ccc(CCN)cc1', ['*F -> *[H]']],
    ['a ring fused on', 'c1ccc2ncccc2c1CCO', 'c1ccccc1CCO', ['fused pyridine lost']],
    ['nothing, of a tautomer', 'Oc1ccnc(C)n1', 'O=c1cc[nH]c(C)n1', []],
    ['a hetero atom that moves', 'c1ccc(CCc2cccnc2)cc1', 'c1ccc(CCc2ccncc2)cc1', ['pyridine: its hetero atoms at other positions']],
  ])('is %s', (_what, from, to, expected) => {
    expect(texts(from, to)).toEqual(expected);
  });

  it('never tells of a piece of a ring', () => {
    const smiles = [...DRUGS, ...librarySmiles(60)].map(canonical);
    let told = 0;
    for (let i = 0; i + 1 < smiles.length; i++) {
      for (const { from, to, kind } of compared(smiles[i]!, smiles[i + 1]!).changes) {
        // Whole groups and whole rings can be read; half a benzene would hang by double bonds.
        for (const side of [from, to]) {
          expect(withTrusted(kernel.rdkit, side, (mol) => mol.get_num_atoms()), side).toBeGreaterThan(0);
          if (kind === 'group') expect(side, `${smiles[i]!} ${smiles[i + 1]!}`).not.toMatch(/\*(?::\d\])?=C\w*C=|=CC=\[?\*|C=CC=C/);
        }
        told++;
      }
    }
    expect(told).toBeGreaterThan(50);
  });

  it('knows the class of ionisation of both', () => {
    expect(compared('CC(C)Cc1ccc(cc1)C(C)C(=O)O', 'CC(C)Cc1ccc(cc1)C(C)C(N)=N').ionisation).toEqual({ from: 'acid', to: 'base' });
  });
});

describe('hard molecules', () => {
  it.each([
    ['a cyclodextrin, whose large ring can be told in 128 ways', 'OCC1OC2OC3C(CO)OC(OC4C(CO)OC(OC5C(CO)OC(OC6C(CO)OC(OC7C(CO)OC(OC8C(CO)OC(OC1C(O)C2O)C(O)C8O)C(O)C7O)C(O)C6O)C(O)C5O)C(O)C4O)C(O)C3O'],
    ['a cage', 'C12C3C4C1C5C2C3C45'],
    ['a porphyrin', 'c1cc2cc3ccc([nH]3)cc3ccc(n3)cc3ccc([nH]3)cc1n2'],
    ['a peptide of 200 atoms', `NCC(=O)${'NC(Cc1ccccc1)C(=O)'.repeat(18)}O`],
    ['many equal branches', 'CC(C)(C)C(C(C)(C)C)(C(C)(C)C)C(C)(C)C'],
  ])('%s: compared whole, in time', (_name, smiles) => {
    const started = performance.now();
    const { fromAtoms, atoms, changes } = compared(smiles, smiles);
    expect({ kept: fromAtoms.length, changes }).toEqual({ kept: atoms, changes: [] });
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
