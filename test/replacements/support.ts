/** Six series of one design each: every core with every substituent, measured in an assay of its own. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import { mineReplacements } from '../../src/replacements/index.ts';
import type { Measurement, MineOptions, MineReport } from '../../src/replacements/index.ts';

export const CORES: readonly string[] = [
  'O=C(Nc1ccc(R)cc1)c1ccncc1', 'O=C(NCc1ccccn1)c1ccc(R)cc1', 'Cn1cnc2c1ncnc2Nc1ccc(R)cc1', 'O=S(=O)(NC1CCCCC1)c1ccc(R)cc1', 'C1CN(CCO1)c1ccc(R)cc1', 'O=C1CCCN1Cc1ccc(R)cc1',
];

/** Substituent -> activity beside that of the series; a number below means "weaker than". */
export const EFFECTS: Readonly<Record<string, number>> = { '[H]': 0, F: 0, Cl: 0.1, C: 0.2, OC: -0.1, 'C(F)(F)F': 0.4, 'C#N': -0.8 };
/** Measured as "> 100 uM". */
export const WEAK = 'O';
/** Exact, and both too weak to tell. */
export const INACTIVE: Readonly<Record<string, number>> = { N: 4.5, 'C(N)=O': 4.4 };

export function substituted(core: string, substituent: string): string {
  return core.replace('R', substituent);
}

export function measurements(): Measurement[] {
  return CORES.flatMap((core, i) => {
    const one = (substituent: string, activity: number, relation: Measurement['relation']): Measurement => ({ assay: `A${i}`, smiles: substituted(core, substituent), activity, relation });
    return [
      ...Object.entries(EFFECTS).map(([substituent, effect]) => one(substituent, 6 + 0.25 * i + effect, 'exact')),
      one(WEAK, 4, 'below'),
      ...Object.entries(INACTIVE).map(([substituent, activity]) => one(substituent, activity, 'exact')),
    ];
  });
}

export async function* stream<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield item;
}

/** Mines into a new folder, and tells which. */
export async function mine(chem: ChemPool, options: Partial<MineOptions> & { readonly rows?: readonly Measurement[] } = {}): Promise<{ report: MineReport; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'mine-'));
  const report = await mineReplacements({
    measurements: stream(options.rows ?? measurements()), excluded: [], leftOutShare: 0, chem, output: folder, work: join(folder, 'work'), cuts: 3, variable: 12,
    thresholds: { pairs: 3, assays: 2, contexts: 2, environmentPairs: 2 }, info: { command: 'test' }, progress: SILENT_PROGRESS, ...options,
  });
  return { report, folder };
}
