import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import { atomCounts, evaluatePictures, evaluateReading, failuresTable, picturesTable, readingTable } from '../../src/evaluate/index.ts';
import type { AskedWay, EvaluatedReader } from '../../src/evaluate/index.ts';
import { scratch } from './support.ts';

const file = scratch();
let chem: ChemPool;
beforeAll(() => {
  chem = new ChemPool({ workers: 1 });
});
afterAll(() => chem.close());

const services = () => ({ chem, progress: SILENT_PROGRESS, now: () => performance.now() });
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** An "image" is what a reader makes of it. */
function labels(name: string, rows: readonly (readonly [seen: string, smiles: string, set: string])[]): string {
  rows.forEach(([seen], i) => file(`${name}-${i}.png`, seen));
  return file(name, `file\tsmiles\tset\n${rows.map(([, smiles, set], i) => `${name}-${i}.png\t${smiles}\t${set}`).join('\n')}\n`);
}

describe('reading', () => {
  const reader: EvaluatedReader = {
    name: 'plain',
    read: async (bytes) => (text(bytes) === '?' ? { structure: undefined, error: 'IMAGE_BLANK' } : { structure: text(bytes) === '' ? undefined : text(bytes) }),
  };
  const seen = [
    ['OC(C)=O', 'CC(=O)O', 'a'],
    ['CC(N)C(=O)O', 'C[C@H](N)C(=O)O', 'a'],
    ['C[C@H](N)C(=O)O', 'C[C@H](N)C(=O)O', 'a'],
    ['CCCCC', 'CC=CCC', 'b'],
    ['CCCN', 'CCCO', 'b'],
    ['CCC', 'CCCO', 'b'],
    ['CCCOC', 'CCCO', 'b'],
    ['CC(C)O', 'CCCO', 'b'],
    ['C(', 'CCCO', 'b'],
    ['', 'CCCO', 'b'],
    ['?', 'CCCO', 'b'],
    ['CCO', 'broken(', 'b'],
  ] as const;

  it('says what became of every image, by the molecule and by its stereo', async () => {
    const outcomes: string[] = [];
    const [result] = await evaluateReading([reader], { ...services(), labels: labels('reading.tsv', seen), parallel: 3, onRead: (_file, _set, outcome) => outcomes.push(outcome) });
    expect(outcomes).toEqual(['exact', 'stereo only', 'exact', 'order or charge', 'element', 'atoms missing', 'atoms extra', 'other skeleton', 'not a molecule', 'nothing read', 'refused', 'not a molecule']);
    expect(result!.sets['a']).toMatchObject({ n: 3, exact: 1, exactWithStereo: 2 / 3, stereo: 1 / 2, stereoOf: 2, atoms: 1 });
    expect(result!.sets['b']).toMatchObject({ n: 9, exact: 0 });
    expect(result!.unusableLabels).toBe(1);
    expect(result!.sets['a']!.tanimoto).toBeCloseTo(1, 6);
    expect(result!.all.exactInterval[0]).toBeLessThan(3 / 12);
    expect(readingTable([result!])).toHaveLength(4);
    expect(failuresTable([result!]).map(([name]) => name)).toContain('atoms missing');
  });

  it('compares readers on the same images, and shows one of them changed ones', async () => {
    const path = labels('peer.tsv', [['CCO', 'CCO', 'a'], ['CCN', 'CCN', 'a']]);
    const worse: EvaluatedReader = { ...reader, name: 'changed', alter: async (bytes) => new TextEncoder().encode(text(bytes).replace('N', 'O')) };
    const results = await evaluateReading([reader, worse], { ...services(), labels: path, parallel: 1 });
    expect(results.map((one) => [one.reader, one.all.exact])).toEqual([['plain', 1], ['changed', 0.5]]);
  });

  it('counts heavy atoms of SMILES', () => {
    const counts = (smiles: string): Record<string, number> => Object.fromEntries(atomCounts(smiles));
    expect(counts('[nH]1cccc1C(=O)[O-].[Na+]')).toEqual({ N: 1, C: 5, O: 2, Na: 1 });
    expect(counts('[2H]C([2H])Cl.Br[Si](C)(C)C')).toEqual({ C: 4, Cl: 1, Br: 1, Si: 1 });
    expect(counts('[C@@H](N)(C)c1c[se]cn1')).toMatchObject({ C: 5, Se: 1, N: 2 });
  });
});

describe('pictures', () => {
  /** Hits and chance stand in the "image". */
  const way: AskedWay = {
    name: 'told',
    ask: async (bytes) => {
      const [chance, ...hits] = text(bytes).split(' ');
      if (chance === 'bad') throw new Error('refused');
      return { hits, chance: chance === '-' ? null : Number(chance) };
    },
  };
  const KEYS = { ethanol: 'LFQSCWFLJHTTHZ', amine: 'QUSNBJAOOMFDIB', propane: 'ATUOYWHBWRKTHZ' } as const;

  it('tells recall inside the library, whether chances come true, and what becomes of the others', async () => {
    const path = labels('pictures.tsv', [
      [`0.9 ${KEYS.ethanol}`, 'CCO', 'a'], [`0.8 ${KEYS.amine} ${KEYS.ethanol}`, 'CCO', 'a'], ['bad', 'CCN', 'a'],
      [`0.1 ${KEYS.ethanol}`, 'CCC', 'b'], [`0.95 ${KEYS.ethanol}`, 'CCC', 'b'],
    ]);
    const result = await evaluatePictures({ ...services(), labels: path, ways: [way], holds: async (key) => key !== KEYS.propane });
    expect(result).toMatchObject({ pictures: 5, outside: 2, unusableLabels: 0 });
    const [told] = result.ways;
    expect(told!.all).toMatchObject({ n: 3, r1: 1 / 3, r10: 2 / 3 });
    expect(told!.refused).toBe(1);
    // Three inside (0 for the refused, .8, .9) and two outside (.1, .95) weigh a half each; of .9 and .95 two in five are true.
    expect(told!.calibrationError).toBeCloseTo(0.25 * 0.1 + (1 / 6) * 0.8 + (1 / 6 + 1 / 4) * (0.93 - 0.4), 6);
    expect(told!.outsideTakenAt95).toBe(1);
    expect(picturesTable(result).at(-1)![0]).toBe('told, all');
  });

  it('says nothing of chances that are not told', async () => {
    const result = await evaluatePictures({ ...services(), labels: labels('untold.tsv', [[`- ${KEYS.ethanol}`, 'CCO', 'a']]), ways: [way], holds: async () => true });
    expect(result.ways[0]).toMatchObject({ calibrationError: null, outsideTakenAt95: null });
  });
});
