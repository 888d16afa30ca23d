/** Drawings by the engine as pictures: what trust is fitted on, and what people look at. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChemPool } from '../chem/index.ts';
import { renderTiles } from '../native/index.ts';
import { columnsOf } from './columns.ts';
import { writeSafetensors } from './safetensors.ts';

export interface SampleDrawing {
  /** Of the input. */
  readonly index: number;
  /** (height, width), 0 = black ... 255 = white. */
  readonly grey: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** Large enough for nearly all molecules at this bond length, in pixels: scans have about so many. */
const [HEIGHT, WIDTH, BOND] = [720, 1000, 34] as const;
const STRENGTH = 1;

/** One drawing of each molecule that can be drawn, in the full variety of styles and scans. */
export async function sampleDrawings(chem: ChemPool, smiles: readonly string[], seed: number): Promise<SampleDrawing[]> {
  const batch = await chem.featurise(smiles, { layouts: { kinds: ['rdkit', 'coordgen'], of: 'input' } });
  const rows = Array.from(batch.rows.keys());
  const folder = await mkdtemp(join(tmpdir(), 'isolens-drawings-'));
  try {
    const path = join(folder, 'layouts.safetensors');
    writeSafetensors(path, columnsOf(batch, rows), { rows: String(rows.length) });
    return rows.map((row) => {
      const { pixels } = renderTiles(path, 'layout', Int32Array.of(row), { height: HEIGHT, width: WIDTH, bond: BOND, strength: STRENGTH, invented: false, seed: seed + row });
      const grey = Uint8Array.from(pixels, (ink) => 255 - Math.round(255 * Math.min(1, ink)));
      return { index: batch.rows[row]!, grey, height: HEIGHT, width: WIDTH };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
