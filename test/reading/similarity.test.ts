import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { createKernel } from '../../src/chem/index.ts';
import type { Kernel } from '../../src/chem/index.ts';
import { createRng } from '../../src/core/index.ts';
import {
  PathCounter, READING_TABLE_VERSION, ReadingTableBuilder, decodeTable, encodeTable, graphOfSmiles, largerFragments, largestFragment, typedGraph,
} from '../../src/reading/similarity/index.ts';
import type { KekuleGraph, PathCounts, ReadingTable } from '../../src/reading/similarity/index.ts';

const SMILES = [
  'Cc1ccccc1', 'c1ccc2[nH]ccc2c1', 'Cn1cnc2c1c(=O)n(C)c(=O)n2C', 'O=[N+]([O-])c1ccc(-c2ccsc2)cc1', 'C[n+]1ccccc1', '[O-][n+]1ccccc1', 'CC(=O)Oc1ccccc1C(=O)O',
  'CS(=O)c1ccc(Cl)cc1', 'CS(=O)(=O)N1CCN(C)CC1', 'N#Cc1cnc2ccccc2c1', 'CN=[N+]=[N-]', 'O=c1cccc[nH]1', 'Brc1ccc2occc2c1', 'C#CCN1CCC1', 'OB(O)c1ccccc1', 'c1cc[se]c1',
  'CP(=O)(O)O', 'C1CC2CCC1C2', '[2H]C([2H])([2H])O', 'C[C@H](N)C(=O)O', 'F/C=C/Cl', 'c1ccc2c(c1)-c1ccccc1C2', 'O=C1C=CC(=O)c2ccccc21', 'C[N+](C)(C)CC(=O)[O-]', 'c1cc%10ccc1CC%10',
];
const counter = new PathCounter();
const countsOf = (graph: KekuleGraph): PathCounts => counter.of(typedGraph(graph));
const fromSmiles = (smiles: string): PathCounts => counter.of(largestFragment(graphOfSmiles(smiles)));
const totalOf = ({ counts }: PathCounts): number => counts.reduce((sum, value) => sum + value, 0);

let kernel: Kernel;
beforeAll(async () => {
  kernel = await createKernel();
});

/** RDKit's Kekule form. */
function kekule(smiles: string): KekuleGraph {
  const { element, begin, end, order, bonds } = kernel.parent(smiles);
  return { elements: element, bonds: Array.from({ length: bonds }, (_, b) => [begin[b]!, end[b]!, order[b]!] as const) };
}

function permuted({ elements, bonds }: KekuleGraph, seed: number): KekuleGraph {
  const rng = createRng(seed);
  const place = rng.shuffle(Array.from({ length: elements.length }, (_, a) => a));
  const moved = new Array<number>(elements.length);
  place.forEach((to, from) => (moved[to] = elements[from]!));
  return { elements: moved, bonds: rng.shuffle(bonds.map(([a, b, order]): [number, number, number] => (rng.next() < 0.5 ? [place[a]!, place[b]!, order] : [place[b]!, place[a]!, order]))) };
}

const ring = (atoms: readonly number[], first: number): [number, number, number][] => atoms.map((a, i) => [a, atoms[(i + 1) % atoms.length]!, i % 2 === first ? 2 : 1]);

describe('counts', () => {
  test('are those of every Kekule form', () => {
    const toluene = (first: number): KekuleGraph => ({ elements: [6, 6, 6, 6, 6, 6, 6], bonds: [...ring([0, 1, 2, 3, 4, 5], first), [0, 6, 1]] });
    expect(countsOf(toluene(0))).toEqual(countsOf(toluene(1)));
    expect(countsOf(toluene(0))).toEqual(fromSmiles('Cc1ccccc1'));
    // Six-ring of indole by 0 to 5; 3 and 4 are shared with the five-ring 3, 6 (N), 7, 8, 4.
    const pyrrole = [[3, 6, 1], [6, 7, 1], [7, 8, 2], [8, 4, 1]] as const;
    const indole = (first: number): KekuleGraph => ({ elements: [6, 6, 6, 6, 6, 6, 7, 6, 6], bonds: [...ring([0, 1, 2, 3, 4, 5], first), ...pyrrole] });
    expect(countsOf(indole(0))).toEqual(countsOf(indole(1)));
    expect(countsOf(indole(0))).toEqual(fromSmiles('c1ccc2[nH]ccc2c1'));
  });

  test('do not depend on the order of atoms and bonds, nor on the direction of bonds', () => {
    fc.assert(fc.property(fc.constantFrom(...SMILES), fc.nat(1e6), (smiles, seed) => {
      const graph = kekule(smiles);
      expect(countsOf(permuted(graph, seed))).toEqual(countsOf(graph));
    }));
  });

  test.each(SMILES)('are the same from a SMILES and from the Kekule form: %s', (smiles) => {
    expect(fromSmiles(smiles)).toEqual(countsOf(kekule(smiles)));
    expect(totalOf(fromSmiles(smiles))).toBeGreaterThan(0);
  });

  test.each([
    ['C[N+](=O)[O-]', 'CN(=O)=O'], ['C[S+](C)[O-]', 'CS(C)=O'], ['CN=[N+]=[N-]', 'CN=N#N'], ['CN=[N+]=[N-]', 'C[N-][N+]#N'], ['C[N+](C)(C)[O-]', 'CN(C)(C)=O'], ['[O-][n+]1ccccc1', 'O=N1=CC=CC=C1'],
    ['N[C@@H](C)C(=O)O', 'N[C@H](C)C(=O)O'], ['CC(=O)[O-].[Na+]', 'CC(=O)O'], ['[2H]C', 'C'],
  ])('%s and %s are one', (a, b) => expect(fromSmiles(a)).toEqual(fromSmiles(b)));

  test.each(['C1CCCCC1', 'c1ccncc1', 'CCO', 'c1ccc2[nH]ccc2c1'])('of different molecules differ: %s', (smiles) => {
    for (const other of ['C1CCCC1', 'c1ccccc1', 'COC', 'c1ccc2occc2c1']) expect(fromSmiles(smiles)).not.toEqual(fromSmiles(other));
  });

  test('of a reading leave out crumbs and keep larger parts', () => {
    const reading = { elements: [6, 6, 8, 17, 6, 7, 6], bonds: [[0, 1, 1], [1, 2, 1], [4, 5, 1], [5, 6, 1]] } as const;
    expect(counter.of(largerFragments(typedGraph(reading)))).toEqual(countsOf({ elements: [6, 6, 8, 6, 7, 6], bonds: [[0, 1, 1], [1, 2, 1], [3, 4, 1], [4, 5, 1]] }));
  });

  test('refuse what is no graph or no SMILES', () => {
    expect(() => typedGraph({ elements: [6], bonds: [[0, 1, 1]] })).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
    expect(() => typedGraph({ elements: [6, 6], bonds: [[0, 1, 4]] })).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
    for (const smiles of ['C1CC', 'C(C', 'CX', '[C', '[Zz]', 'C%1']) expect(() => graphOfSmiles(smiles)).toThrow(expect.objectContaining({ code: 'SMILES_SYNTAX' }));
  });
});

function tableOf(rows: readonly PathCounts[]): ReadingTable {
  const builder = new ReadingTableBuilder();
  for (const row of rows) builder.add(row);
  return builder.finish();
}

describe('a table', () => {
  const rng = createRng(7);
  /** Few keys, so that rows share many and ties are met. */
  const random = (): PathCounts => {
    const keys = Uint16Array.from(new Set(Array.from({ length: rng.int(40) }, () => rng.int(60) * 1000))).sort();
    return { keys, counts: Uint8Array.from(keys, () => 1 + rng.int(4)) };
  };
  const table = tableOf(Array.from({ length: 2000 }, random));

  test.each([1, 7, 50, 5000])('gives the %i nearest as comparing one by one does', (k) => {
    for (let i = 0; i < 20; i++) {
      const { keys, counts } = random();
      const query = i % 2 === 0 ? { keys, counts } : { keys, counts: Float32Array.from(counts, (count) => count * rng.next()) };
      const all = Array.from({ length: table.count }, (_, row) => ({ row, similarity: table.similarity(query, row) })).filter(({ similarity }) => similarity > 0);
      expect(table.nearest(query, k)).toEqual(all.sort((a, b) => b.similarity - a.similarity || a.row - b.row).slice(0, k));
    }
  });

  test('finds a molecule by itself', () => {
    const molecules = tableOf(SMILES.map(fromSmiles));
    SMILES.forEach((smiles, row) => expect(molecules.nearest(fromSmiles(smiles), 1)).toEqual([{ row, similarity: 1 }]));
    expect(molecules.nearest({ keys: new Uint16Array(0), counts: new Uint8Array(0) }, 3)).toEqual([]);
  });

  test('is read as it was written, aligned or not', () => {
    const bytes = encodeTable(table);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    for (const read of [decodeTable(bytes), decodeTable(shifted.subarray(1))]) {
      expect(read.columns).toEqual(table.columns);
      expect(read.nearest(random(), 5)).toHaveLength(5);
    }
    expect(decodeTable(encodeTable(tableOf([]))).count).toBe(0);
  });

  test('is refused where it is foreign, cut, lengthened, inconsistent or of another version', () => {
    const bytes = encodeTable(table);
    const changed = (change: (copy: Uint8Array) => unknown): Uint8Array => {
      const copy = bytes.slice();
      change(copy);
      return copy;
    };
    const code = (value: Uint8Array): string | undefined => {
      try {
        decodeTable(value);
        return undefined;
      } catch (thrown) {
        return (thrown as { code: string }).code;
      }
    };
    const entries = table.columns.keys.length;
    expect([new Uint8Array(0), bytes.subarray(0, 10), bytes.subarray(0, 30), bytes.subarray(0, -1), Uint8Array.of(...bytes.subarray(0, 1000))].map(code)).toEqual(new Array(5).fill('BUNDLE_CORRUPT'));
    expect(code(changed((copy) => (copy[0] = 0)))).toBe('BUNDLE_CORRUPT');
    expect(code(changed((copy) => copy[24 + 2 * entries]!++))).toBe('BUNDLE_CORRUPT');
    expect(code(changed((copy) => (copy[8] = READING_TABLE_VERSION + 1)))).toBe('BUNDLE_INCOMPATIBLE');
  });
});
