/** What a bundle holds of each molecule in columns is what chemistry says of it, whatever shard it came in and whatever came before. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBundle } from '../../src/bundle/index.ts';
import type { Bundle } from '../../src/bundle/index.ts';
import { ChemPool } from '../../src/chem/index.ts';
import type { FeatureBatch } from '../../src/chem/index.ts';
import { SILENT_PROGRESS, rowBytes } from '../../src/core/index.ts';
import { buildBundle } from '../../src/ingest/index.ts';
import { COLUMNS, LIBRARY_REQUEST, MOLECULE_COLUMNS, PROFILE_VERSION, Profiles, bytesOf, columnBytes, partsOf } from '../../src/score/index.ts';
import { makeModel, someSmiles } from './model.ts';

let folder = '';
let chem: ChemPool;
let bundle: Bundle;
let batch: FeatureBatch;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'columns-'));
  chem = new ChemPool({ workers: 2 });
  const smiles = someSmiles(150);
  // Every molecule comes back in a later shard; some cannot be read, some have no ring.
  const library = [...smiles, 'not one', 'CCCCCCl', ...smiles.map((one) => `${one}.Cl`), 'CCCCO'];
  await writeFile(join(folder, 'all.smi'), library.map((one, i) => `${one} M${i}\n`).join(''));
  await buildBundle({
    root: folder, name: 'demo', source: { path: join(folder, 'all.smi') }, model: await makeModel(join(folder, 'model')), backend: 'exact', chem, command: 'test', seed: 1,
    now: () => new Date('2026-11-20T10:00:00Z'), progress: SILENT_PROGRESS, shardRecords: 32, map: false,
  });
  bundle = await openBundle(folder, 'demo');
  batch = await chem.featurise([...bundle.molecules.all()].map((molecule) => molecule.smiles), LIBRARY_REQUEST);
}, 180_000);
afterAll(async () => {
  bundle.close();
  await chem.close();
  await rm(folder, { recursive: true, force: true });
});

describe('profiles.bin', () => {
  it('holds for every row what its molecule gives alone', () => {
    expect(bundle.profiles.version).toBe(PROFILE_VERSION);
    expect(bundle.profiles.count).toBe(bundle.manifest.count);
    const expected = columnBytes(partsOf(batch));
    for (const column of MOLECULE_COLUMNS) {
      const held = bytesOf(bundle.profiles.column(column));
      expect(held.length, column.name).toBe(rowBytes(column) * bundle.manifest.count);
      expect(Buffer.from(held).equals(expected[column.name]!), column.name).toBe(true);
    }
  });

  it('gives a row as a query in memory of its own: a view would take the whole file with it to the thread that scans', () => {
    const query = new Profiles(bundle.vectors, bundle.profiles).at(3);
    for (const value of Object.values(query).filter((one) => typeof one !== 'number')) expect(value.buffer.byteLength).toBe(value.byteLength);
  });

  it('numbers scaffolds in the order of rows, none being 0', () => {
    const numbers = new Map([['', 0]]);
    for (const { row, scaffold } of bundle.molecules.all()) {
      if (!numbers.has(scaffold)) numbers.set(scaffold, numbers.size);
      expect(bundle.profiles.column(COLUMNS.scaffold)[row]).toBe(numbers.get(scaffold));
      if (scaffold !== '') expect(bundle.molecules.get(bundle.molecules.rowOfScaffold(scaffold)!).scaffold).toBe(scaffold);
    }
    expect(numbers.size).toBeGreaterThan(2);
  });

  it('gives profiles whose sizes are those of their bits', () => {
    const profiles = new Profiles(bundle.vectors, bundle.profiles);
    for (let row = 0; row < profiles.count; row++) {
      const { ecfp4, ecfp4Size, pharmacophore, pharmacophoreSize } = profiles.at(row);
      expect(ecfp4Size).toBe(ecfp4.reduce((sum, word) => sum + (word >>> 0).toString(2).replaceAll('0', '').length, 0));
      expect(pharmacophoreSize).toBe(pharmacophore.reduce((sum, count) => sum + count * count, 0));
      expect(profiles.ecfp4Tanimoto(profiles.at(row), row)).toBe(ecfp4Size === 0 ? 0 : 1);
    }
  });
});
