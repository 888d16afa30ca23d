import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import { hardPool } from '../../src/evaluate/index.ts';

const chem = new ChemPool({ workers: 1 });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isolens-hard-pool-'));
});
afterAll(async () => {
  await chem.close();
  await rm(folder, { recursive: true });
});

test('relatives are the nearest with another skeleton, each skeleton once', async () => {
  const [first, second] = [join(folder, 'first.smi'), join(folder, 'second.smi')];
  // The label itself as a salt and an isomer, a relative twice, a far molecule, and one that cannot be read.
  await writeFile(first, ['C[C@H](N)Cc1ccccc1', 'CC(N)Cc1ccccc1.Cl', 'CC(N)Cc1ccccc1F', 'CC(N)Cc1ccccc1F.Cl', 'C1CC'].join('\n'));
  await writeFile(second, ['CCC(N)Cc1ccccc1', 'O=C1CCCCC1', 'CC(N)Cc1ccccc1F'].join('\n'));
  const pool = await hardPool({ labels: ['CC(N)Cc1ccccc1', 'C1CC'], sources: [first, second], relatives: 2, chem, progress: SILENT_PROGRESS });
  expect(pool.relatives.map((list) => list.map(({ parentSmiles }) => parentSmiles).sort())).toEqual([['CC(N)Cc1ccccc1F', 'CCC(N)Cc1ccccc1'], []]);
  const [near, far] = pool.relatives[0]!;
  expect(near!.tanimoto).toBeGreaterThanOrEqual(far!.tanimoto);
  expect(pool.counts).toEqual({ sources: 7, fingerprints: 6, skeletons: 2, unreadableLabels: 1, short: 1 });
});
