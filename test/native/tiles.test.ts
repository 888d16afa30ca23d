/** The truth about training drawings, held against their pixels. */
import { beforeAll, describe, expect, it } from 'vitest';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChemPool } from '../../src/chem/index.ts';
import { drawingClasses, renderTiles } from '../../src/native/index.ts';
import type { RenderedTiles } from '../../src/native/index.ts';
import { columnsOf } from '../../src/train/columns.ts';
import { writeSafetensors } from '../../src/train/safetensors.ts';
import { NATIVE_BUILT } from '../contracts/execute.ts';

const SMILES = [
  'CC(=O)Oc1ccccc1C(=O)O', 'CN1C=NC2=C1C(=O)N(C)C(=O)N2C', 'C[C@H](N)C(=O)O', 'O=[N+]([O-])c1ccc(Cl)cc1', 'CC(C)(C)OC(=O)NCCc1ccccc1',
  'C#CCN(C)CC1CCCCC1', 'OC[C@H]1OC(O)[C@H](O)[C@@H](O)[C@@H]1O', 'FC(F)(F)c1ccc(Br)cc1I', 'CCOC(=O)C1=C(C)NC(C)=C(C1c1ccccc1)C(=O)OC', '[O-]C(=O)c1cccnc1.[Na+]',
];
const [height, width, bond] = [128, 192, 18];
const path = join(mkdtempSync(join(tmpdir(), 'isolens-tiles-')), 'data.safetensors');

describe.skipIf(!NATIVE_BUILT)('tiles', () => {
  const tiles = (strength: number, seed: number, times = 1): RenderedTiles & { each: number } => {
    const rows = Int32Array.from({ length: SMILES.length * times }, (_, i) => i % SMILES.length);
    return { ...renderTiles(path, 'layout', rows, { height, width, bond, strength, seed }), each: height * width };
  };
  const inkAt = (pixels: Float32Array, tile: number, x: number, y: number, reach: number): number => {
    let most = 0;
    for (let v = Math.max(0, Math.floor(y - reach)); v <= Math.min(height - 1, Math.floor(y + reach)); v++) {
      for (let u = Math.max(0, Math.floor(x - reach)); u <= Math.min(width - 1, Math.floor(x + reach)); u++) most = Math.max(most, pixels[tile * height * width + v * width + u]!);
    }
    return most;
  };

  beforeAll(async () => {
    const chem = new ChemPool({ workers: 1 });
    const batch = await chem.featurise(SMILES, { layouts: { kinds: ['rdkit', 'coordgen'], of: 'input' } });
    writeSafetensors(path, columnsOf(batch, batch.molecules.map((_, row) => row)), { rows: String(SMILES.length) });
    await chem.close();
  });

  it('has one class for every text that a drawing may hold, told apart by what it stands for', () => {
    const classes = drawingClasses();
    expect(new Set(classes.map(({ label }) => label)).size).toBe(classes.length);
    expect(classes[0]).toEqual({ label: 'C', element: 6, isotope: 0, smiles: '' });
    const groups = classes.filter(({ smiles }) => smiles !== '');
    expect(groups.length).toBeGreaterThan(60);
    expect(new Set(groups.map(({ smiles }) => smiles)).size).toBe(groups.length);
    expect(groups.find(({ label }) => label === 'NO2')).toEqual({ label: 'NO2', element: 7, isotope: 0, smiles: '*[N+](=O)[O-]' });
  });

  it('says where the plain drawing of each molecule has its atoms', () => {
    const { truth } = tiles(0, 1);
    const atoms = SMILES.map((smiles) => smiles.replace(/[^A-Za-z]/g, '').replaceAll(/Cl|Br|Na/g, 'X').replaceAll(/H/g, '').length);
    truth.forEach((one, i) => {
      expect(one.atoms, SMILES[i]).toHaveLength(atoms[i]!);
      for (const [x, y] of one.atoms) {
        expect(x).toBeGreaterThan(0);
        expect(y).toBeLessThan(height);
      }
    });
    const aspirin = truth[0]!;
    expect(aspirin.bonds.map(([, , , , order]) => order).filter((order) => order === 1)).toHaveLength(5);
    const sizes = aspirin.bonds.map(([a, b, c, d]) => Math.hypot(c - a, d - b));
    for (const size of sizes) expect(size / bond).toBeCloseTo(1, 1);
  });

  it.each([[0, 2], [0.5, 3], [1, 4], [1, 5]])('finds ink at every bond, and at the places of labels (strength %d)', (strength, seed) => {
    const { pixels, truth } = tiles(strength, seed, 20);
    let bonds = 0;
    let inked = 0;
    truth.forEach((one, tile) => {
      for (const [a, b, c, d] of one.bonds) {
        bonds++;
        inked += inkAt(pixels, tile, (a + c) / 2, (b + d) / 2, 2.5) > 0.2 ? 1 : 0;
      }
      for (const [x, y, kind] of one.atoms.filter((atom) => atom[2] > 0)) expect(inkAt(pixels, tile, x, y, 5), `${kind}`).toBeGreaterThan(0.15);
    });
    expect(bonds).toBeGreaterThan(1000);
    expect(inked / bonds).toBeGreaterThan(0.99);
  });

  it('tells wedges from their narrow end, groups by their class, and of a large drawing what is shown', () => {
    const { truth } = tiles(1, 6, 60);
    const all = truth.flatMap(({ bonds }) => bonds);
    const stereo = all.filter(([, , , , , kind]) => kind === 1 || kind === 2);
    expect(stereo.length).toBeGreaterThan(100);
    const classes = drawingClasses();
    const groups = new Set(truth.flatMap(({ atoms }) => atoms.map(([, , kind]) => classes[kind]!)).filter(({ smiles }) => smiles !== '').map(({ label }) => label));
    for (const label of ['NO2', 'Boc', 'CO2H']) expect([...groups]).toContain(label);
    for (const { atoms } of truth) for (const [x, y] of atoms) expect(x >= 0 && y >= 0 && x < width && y < height).toBe(true);
    expect(truth.some(({ atoms }, i) => SMILES[i % SMILES.length] === SMILES[8] && atoms.length < 20)).toBe(true);
  });

  it('draws the same for the same seed', () => {
    expect(tiles(1, 9)).toEqual(tiles(1, 9));
    expect(tiles(1, 9).pixels).not.toEqual(tiles(1, 10).pixels);
  });

  it('refuses rows that are not there and sizes beyond measure', () => {
    expect(() => renderTiles(path, 'layout', Int32Array.of(99), { height, width })).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
    expect(() => renderTiles(path, 'layout', Int32Array.of(0), { height: 5000, width })).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
    expect(() => renderTiles(path, 'other', Int32Array.of(0), { height, width })).toThrow(/other.atomOffsets/);
  });
});
