import Database from 'better-sqlite3';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MoleculeStore, MoleculeWriter } from '../../src/store/index.ts';
import type { StoredMolecule } from '../../src/store/index.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'store-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

const aspirin: StoredMolecule = {
  row: 0, ids: ['CHEMBL25', 'DB00945'], names: ['aspirin', 'acetylsalicylic acid'], smiles: 'CC(=O)Oc1ccccc1C(=O)O',
  inchiKey: 'BSYNRYMUTXBXSQ-UHFFFAOYSA-N', scaffold: 'c1ccccc1', properties: { target: 'COX-1', year: 1899, note: null },
};
const ethanol: StoredMolecule = { row: 1, ids: ["it's; DROP TABLE"], names: ['Äthanol'], smiles: 'CCO', inchiKey: 'LFQSCWFLJHTTHZ-UHFFFAOYSA-N', scaffold: '', properties: {} };

function write(name: string, molecules: readonly StoredMolecule[]): string {
  const path = join(folder, name);
  const writer = new MoleculeWriter(path);
  writer.insert(molecules);
  writer.close();
  return path;
}

describe('molecule store', () => {
  it('gives back what was put in, by row, identifier, name and InChIKey', () => {
    const store = new MoleculeStore(write('round.sqlite', [aspirin, ethanol]));
    expect(store.count).toBe(2);
    expect(store.get(0)).toEqual(aspirin);
    expect(store.findId('DB00945')?.row).toBe(0);
    expect(store.findId("it's; DROP TABLE")?.row).toBe(1);
    expect(store.findId('nobody')).toBeUndefined();
    expect(store.findName('ASPIRIN').map((m) => m.row)).toEqual([0]);
    expect(store.findInchiKey(ethanol.inchiKey)?.smiles).toBe('CCO');
    expect(store.rowsOfConnectivity('BSYNRYMUTXBXSQ')).toEqual([0]);
    expect([...store.all()].map((m) => m.smiles)).toEqual([aspirin.smiles, 'CCO']);
    expect([store.rowOfScaffold('c1ccccc1'), store.rowOfScaffold('c1ccncc1')]).toEqual([0, undefined]);
    expect(store.connectivities()).toEqual(['BSYNRYMUTXBXSQ', 'LFQSCWFLJHTTHZ']);
    expect(() => store.get(2)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    store.close();
  });

  it('refuses a file that is missing, foreign, truncated or of another version', async () => {
    const refuses = (path: string, code: string): void => expect(() => new MoleculeStore(path)).toThrow(expect.objectContaining({ code }));
    refuses(join(folder, 'nowhere.sqlite'), 'BUNDLE_CORRUPT');
    const text = join(folder, 'text.sqlite');
    await writeFile(text, 'SQLite? No.');
    refuses(text, 'BUNDLE_CORRUPT');
    const other = new Database(join(folder, 'other.sqlite'));
    other.exec('CREATE TABLE molecules (row INTEGER)');
    other.close();
    refuses(join(folder, 'other.sqlite'), 'BUNDLE_CORRUPT');
    const cut = write('cut.sqlite', [aspirin]);
    await truncate(cut, 5000);
    refuses(cut, 'BUNDLE_CORRUPT');
    const newer = write('newer.sqlite', [aspirin]);
    const database = new Database(newer);
    database.pragma('user_version = 99');
    database.close();
    refuses(newer, 'BUNDLE_INCOMPATIBLE');
  });

  it('does not write to a published store', () => {
    const path = write('readonly.sqlite', [aspirin]);
    const store = new MoleculeStore(path);
    expect(() => (store as unknown as { database: Database.Database }).database.exec('DELETE FROM molecules')).toThrow(/readonly/);
    store.close();
  });

  it('refuses a row twice', () => {
    const writer = new MoleculeWriter(join(folder, 'twice.sqlite'));
    writer.insert([aspirin]);
    expect(() => writer.insert([aspirin])).toThrow(expect.objectContaining({ name: 'IsoLensError' }));
    writer.close();
  });
});
