import { beforeAll, describe, expect, it } from 'vitest';
import { ATOM_FEATURES, BOND_FEATURES, DESCRIPTOR_NAMES, createKernel, featurise } from '../../src/chem/index.ts';
import type { FeatureRequest, Kernel, LayoutColumn } from '../../src/chem/index.ts';
import { joinBatches } from '../../src/chem/featurise.ts';
import { graphOf } from '../../src/chem/molecule-graph.ts';
import { withMolecule } from '../../src/chem/rdkit.ts';
import { scaffoldDistance } from '../../src/chem/scaffold-distance.ts';
import { genericScaffoldOf, scaffoldOf } from '../../src/chem/scaffold.ts';
import { DRUG_SMILES } from './fixtures.ts';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await createKernel();
});

const EVERYTHING: FeatureRequest = {
  bits: { ecfp4: { kind: 'morgan', bits: 2048, radius: 2 } },
  counts: { counts: { kind: 'morgan', bits: 4096, radius: 3 } },
  graph: true,
  descriptors: true,
  scaffold: true,
  layouts: { kinds: ['rdkit', 'coordgen'], of: 'input' },
};

describe('featurise', () => {
  it('keeps the good rows, in order, and names the bad ones', () => {
    const batch = featurise(kernel, ['CCO', 'C(', 'c1ccccc1', '', 'CCN'], EVERYTHING);
    expect(Array.from(batch.rows)).toEqual([0, 2, 4]);
    expect(batch.errors.map((error) => [error.index, error.code])).toEqual([[1, 'SMILES_SYNTAX'], [3, 'SMILES_EMPTY']]);
    expect(batch.molecules.map((molecule) => molecule.parentSmiles)).toEqual(['CCO', 'c1ccccc1', 'CCN']);
    expect(batch.bits['ecfp4']!.data.length).toBe(3 * 256);
    expect(Array.from(batch.graph!.atomOffsets)).toEqual([0n, 3n, 9n, 12n]);
    expect(batch.descriptors!.length).toBe(3 * DESCRIPTOR_NAMES.length);
    expect(batch.scaffolds).toEqual(['', 'c1ccccc1', '']);
  });

  it('joins pieces to what the whole gives', () => {
    const whole = featurise(kernel, DRUG_SMILES, EVERYTHING);
    const cuts = [0, 3, 4, 11, DRUG_SMILES.length];
    const pieces = cuts.slice(1).map((end, i) => featurise(kernel, DRUG_SMILES.slice(cuts[i], end), EVERYTHING));
    expect(joinBatches(pieces, cuts.slice(0, -1))).toEqual(whole);
  });

  it('stays within the declared categories', () => {
    const { graph } = featurise(kernel, DRUG_SMILES, { graph: true });
    ATOM_FEATURES.forEach((feature, f) => {
      const values = graph!.atomFeatures.filter((_, i) => i % ATOM_FEATURES.length === f);
      expect(Math.max(...values)).toBeLessThan(feature.size);
    });
    BOND_FEATURES.forEach((feature, f) => {
      const values = graph!.bondFeatures.filter((_, i) => i % BOND_FEATURES.length === f);
      expect(Math.max(...values)).toBeLessThan(feature.size);
    });
    expect(graph!.atomFeatures.length / ATOM_FEATURES.length).toBe(Number(graph!.atomOffsets.at(-1)));
    expect(graph!.begin.length).toBe(Number(graph!.bondOffsets.at(-1)));
  });
});

describe('layouts', () => {
  it('keep salts, scale bonds to 1.5 and differ between kinds', () => {
    const smiles = 'C[C@H](N)C(=O)[O-].[Na+]';
    const { layouts } = featurise(kernel, [smiles], { layouts: { kinds: ['rdkit', 'coordgen'], of: 'input' } });
    const column = layouts!;
    expect(Array.from(column.element)).toEqual([6, 6, 7, 6, 8, 8, 11]);
    expect(Array.from(column.charge)).toEqual([0, 0, 0, 0, 0, -1, 1]);
    expect(Array.from(column.hydrogens)).toEqual([3, 1, 2, 0, 0, 0, 0]);
    expect(Array.from(column.order)).toEqual([1, 1, 1, 2, 1]);
    expect(column.xy.length).toBe(2 * 7 * 2);
    for (const layout of [0, 1]) expect(medianBond(column, layout)).toBeCloseTo(1.5, 2);
    expect(column.xy.subarray(0, 14)).not.toEqual(column.xy.subarray(14));
  });

  it('draw every stereocentre so that it can be read back', () => {
    for (const smiles of DRUG_SMILES.filter((s) => s.includes('@') && !s.includes('[Ca'))) {
      for (const kind of ['rdkit', 'coordgen'] as const) {
        const { layouts } = featurise(kernel, [smiles], { layouts: { kinds: [kind], of: 'parent' } });
        const block = molblock(layouts!);
        const key = (text: string): string => kernel.standardiser.standardise(text, (_, standard) => standard.inchiKey);
        expect({ smiles, kind, key: key(block) }).toEqual({ smiles, kind, key: key(smiles) });
      }
    }
  });
});

function medianBond(column: LayoutColumn, layout: number): number {
  const atoms = column.element.length;
  const lengths = Array.from(column.begin, (begin, b) => {
    const at = (atom: number): [number, number] => [column.xy[2 * (layout * atoms + atom)]!, column.xy[2 * (layout * atoms + atom) + 1]!];
    const [p, q] = [at(begin), at(column.end[b]!)];
    return Math.hypot(p[0] - q[0], p[1] - q[1]);
  }).sort((a, b) => a - b);
  return lengths[lengths.length >> 1]!;
}

/** Writes the column's first molecule as V2000, from nothing but the column: what a drawing of it would say. */
function molblock(column: LayoutColumn): string {
  const symbols: Readonly<Record<number, string>> = { 5: 'B', 6: 'C', 7: 'N', 8: 'O', 9: 'F', 15: 'P', 16: 'S', 17: 'Cl' };
  const pad = (value: number, width: number): string => String(value).padStart(width);
  const atoms = Array.from(column.element, (z, a) => `${column.xy[2 * a]!.toFixed(4).padStart(10)}${column.xy[2 * a + 1]!.toFixed(4).padStart(10)}    0.0000 ${symbols[z]!.padEnd(3)} 0  0`);
  const bonds = Array.from(column.begin, (begin, b) => {
    const [first, second] = column.stereoFlip[b] ? [column.end[b]!, begin] : [begin, column.end[b]!];
    return `${pad(first + 1, 3)}${pad(second + 1, 3)}${pad(column.order[b]!, 3)}${pad(column.stereo[b]!, 3)}`;
  });
  const charges = Array.from(column.charge, (charge, a) => ({ charge, a })).filter((c) => c.charge !== 0).map((c) => `M  CHG  1${pad(c.a + 1, 4)}${pad(c.charge, 4)}`);
  return ['', '  columns', '', `${pad(atoms.length, 3)}${pad(bonds.length, 3)}  0  0  0  0  0  0  0  0999 V2000`, ...atoms, ...bonds, ...charges, 'M  END', ''].join('\n');
}

describe('scaffolds', () => {
  const scaffold = (smiles: string): string => withMolecule(kernel.rdkit, smiles, (mol) => scaffoldOf(kernel.rdkit, graphOf(mol)));
  const generic = (smiles: string): string => withMolecule(kernel.rdkit, smiles, (mol) => { const written = genericScaffoldOf(graphOf(mol)); return written === '' ? '' : withMolecule(kernel.rdkit, written, (shape) => shape.get_smiles()); });

  it.each([
    ['CC(=O)Oc1ccccc1C(=O)O', 'c1ccccc1'],
    ['CCCC', ''],
    ['CN1CCN(Cc2ccc(cc2)C(=O)Nc2ccc(C)c(Nc3nccc(n3)-c3cccnc3)c2)CC1', 'O=C(Nc1cccc(Nc2nccc(-c3cccnc3)n2)c1)c1ccc(CN2CCNCC2)cc1'],
    ['O=C1NC(=O)C(N1)(c1ccccc1)c1ccccc1', 'O=C1NC(=O)C(c2ccccc2)(c2ccccc2)N1'],
    ['CN1CC[C@]23[C@H]4Oc5c3c(C[C@@H]1[C@@H]2C=C[C@@H]4O)ccc5O', 'C1=CC2C3Cc4cccc5c4C2(CCN3)C(C1)O5'],
    ['Cn1cnc2c1c(=O)n(C)c(=O)n2C', 'O=c1[nH]c(=O)c2[nH]cnc2[nH]1'],
    ['CC(C)=C1CCCC1', 'C=C1CCCC1'],
  ])('%s', (smiles, expected) => {
    expect(scaffold(smiles)).toBe(expected);
  });

  it.each([
    ['another atom in the ring', 'c1ccc2[nH]ccc2c1', 'c1ccc2[nH]cnc2c1', 0],
    ['a saturated ring, and the amide turned round', 'O=C(Nc1ccccc1)C1CCCCC1', 'O=C(NC1CCCCC1)c1ccncc1', 0],
    ['a ring more', 'c1ccc(Cc2ccccc2)cc1', 'c1ccc(Cc2ccccc2)cc1C1CCCC1', 5 / 31],
    ['a five-membered ring for a six-membered one', 'O=C(Nc1ccccc1)c1ccccc1', 'O=C(Nc1ccccc1)c1cccs1', 1 - 18 / 29],
    ['nothing in common', 'c1ccccc1', 'c1cccs1', 1],
    ['no ring', 'CCO', 'c1ccccc1', 1],
    ['substituents alone', 'CC(C)Cc1ccc(C)cc1', 'Cc1ccncc1', 0],
  ])('lie apart by their shapes: %s', (_, from, to, expected) => {
    const plain = { ...kernel, featuriser: () => undefined };
    for (const one of [kernel, plain]) for (const [a, b] of [[from, to], [to, from]] as const) expect(scaffoldDistance(one, { from: a, to: b })).toBeCloseTo(expected, 9);
  });

  it('has a generic form of carbons and single bonds', () => {
    expect(generic('Cn1cnc2c1c(=O)n(C)c(=O)n2C')).toBe('CC1CC(C)C2CCCC2C1');
    expect(generic('c1ccncc1CCO')).toBe('C1CCCCC1');
    expect(generic('CC')).toBe('');
    expect(generic('FS(F)(F)(F)(F)c1ccccc1')).toBe('C1CCCCC1');
    expect(generic('O=S12(OCCO1)OCCO2')).toBe('');
  });
});
