import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { popcount, setBits, tanimoto } from '../../src/chem/bits.ts';
import { fingerprintBits, fingerprintCounts } from '../../src/chem/fingerprints.ts';
import { createKernel, featurise } from '../../src/chem/index.ts';
import type { Kernel } from '../../src/chem/index.ts';
import { graphOf } from '../../src/chem/molecule-graph.ts';
import { foldCounts } from '../../src/chem/morgan.ts';
import { withMolecule } from '../../src/chem/rdkit.ts';
import { DRUG_SMILES } from './fixtures.ts';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await createKernel();
});

const MORE = ['[2H]C([2H])O', '[13CH4]', '[H][H]', 'C12C3C4C1C5C2C3C45', '[NH3]->[Zn]', 'C', 'CC', '[Na+].[Cl-].CC', 'C1CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC1'];

describe('our Morgan environments', () => {
  it.each([0, 1, 2, 3, 4])('are RDKit’s, radius %i', (radius) => {
    for (const smiles of [...DRUG_SMILES, ...MORE]) {
      withMolecule(kernel.rdkit, smiles, (mol) => {
        const ours = fingerprintBits(mol, graphOf(mol), { kind: 'morgan', bits: 1024, radius });
        const theirs = mol.get_morgan_fp_as_uint8array(JSON.stringify({ radius, nBits: 1024 })) as Uint8Array;
        expect({ smiles, bits: setBits(ours) }).toEqual({ smiles, bits: setBits(theirs) });
      });
    }
  });

  it('count what the bits show', () => {
    withMolecule(kernel.rdkit, 'CCCCCC', (mol) => {
      const counts = fingerprintCounts(graphOf(mol), { kind: 'morgan', bits: 2048, radius: 2 });
      const bits = fingerprintBits(mol, graphOf(mol), { kind: 'morgan', bits: 2048, radius: 2 });
      expect(Array.from(counts.indices)).toEqual(setBits(bits));
      expect(counts.values.includes(4)).toBe(true); // the four CH2
    });
  });

  it('saturate at 255', () => {
    expect(foldCounts(new Uint32Array(300).fill(9), 8)).toEqual({ indices: Uint16Array.of(1), values: Uint8Array.of(255) });
  });
});

describe('fingerprints', () => {
  it('see chirality when asked to', () => {
    const config = { kind: 'morgan', bits: 2048, radius: 2, chirality: true } as const;
    const [r, s] = ['C[C@H](N)C(=O)O', 'C[C@@H](N)C(=O)O'].map((smiles) => withMolecule(kernel.rdkit, smiles, (mol) => fingerprintBits(mol, graphOf(mol), config)));
    expect(tanimoto(r!, s!)).toBeLessThan(1);
  });

  it('do not depend on the order of the atoms', () => {
    const request = {
      bits: { ecfp: { kind: 'morgan', bits: 2048, radius: 2 }, pairs: { kind: 'atom-pair', bits: 2048 }, torsions: { kind: 'topological-torsion', bits: 2048 } },
      counts: { ecfp: { kind: 'morgan', bits: 4096, radius: 3 } },
    } as const;
    fc.assert(
      fc.property(fc.constantFrom(...DRUG_SMILES), fc.integer({ min: 1, max: 1_000_000 }), (smiles, seed) => {
        const shuffled = withMolecule(kernel.rdkit, smiles, (mol) => mol.get_smiles(JSON.stringify({ doRandom: true, randomSeed: seed })));
        const [a, b] = [smiles, shuffled].map((input) => featurise(kernel, [input], request));
        expect(b!.bits).toEqual(a!.bits);
        expect(b!.counts).toEqual(a!.counts);
      }),
      { numRuns: 25, seed: 3 },
    );
  });
});

describe('tanimoto', () => {
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
  it('is intersection over union', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const [x, y] = [new Set(setBits(a)), new Set(setBits(b))];
        const union = new Set([...x, ...y]).size;
        expect(tanimoto(a, b)).toBeCloseTo(union === 0 ? 0 : [...x].filter((bit) => y.has(bit)).length / union, 12);
        expect(popcount(a)).toBe(x.size);
      }),
    );
  });

  it('agrees with the published value for toluene and 2-methylpyridine', () => {
    // RDKit's "Getting Started in Python", Morgan fingerprints: Dice 0.51... of the bit vectors of radius 2.
    const [a, b] = ['Cc1ccccc1', 'Cc1ncccc1'].map((smiles) => (
      withMolecule(kernel.rdkit, smiles, (mol) => fingerprintBits(mol, graphOf(mol), { kind: 'morgan', bits: 2048, radius: 2 }))
    ));
    const similarity = tanimoto(a!, b!);
    expect((2 * similarity) / (1 + similarity)).toBeCloseTo(14 / 27, 12);
    // 11 and 16 environments, 7 of them in both.
    expect([popcount(a!), popcount(b!), similarity]).toEqual([11, 16, 7 / 20]);
  });
});
