import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import { prepareDataset } from '../../src/train/dataset.ts';
import type { Dataset, DatasetOptions } from '../../src/train/dataset.ts';
import { NOTHING_HELD_OUT, heldOutKey, readHeldOut, readSafetensors, resolveRecipe } from '../../src/train/index.ts';
import { someSmiles } from '../ingest/model.ts';
import { temporaryFolder } from './support.ts';

const path = temporaryFolder();
const MOLECULES = someSmiles(90);
const OFTEN = ['CC(=O)Oc1ccccc1C(=O)O', 'Clc1ccccc1', 'OC(=O)CCc1ccccc1.Cl'];
const RECIPE = resolveRecipe('drawing-structure', { sources: [{ file: 'often.smi', repeat: 3 }, { file: 'mine.smi' }], validationMolecules: 16 });

let chem: ChemPool;
beforeAll(() => {
  chem = new ChemPool({ workers: 1 });
  mkdirSync(path('data'));
  writeFileSync(path('data/mine.smi'), `${[...MOLECULES, 'C(', 'not a molecule'].join('\n')}\n`);
  writeFileSync(path('data/often.smi'), `${OFTEN.join('\n')}\n`);
});
afterAll(() => chem.close());

function prepare(folder: string, overrides: Partial<DatasetOptions> = {}): Promise<Dataset> {
  return prepareDataset({
    recipe: RECIPE, request: { counts: { morgan: { kind: 'morgan', radius: 2, bits: 1024 } } }, dataFolder: path('data'), folder: path(folder),
    heldOut: NOTHING_HELD_OUT, chem, progress: SILENT_PROGRESS, ...overrides,
  });
}

const rowsOf = (file: string): number => Number(readSafetensors(file).metadata['rows']);

describe('prepareDataset', () => {
  it('splits off validation, counts everything, and repeats files instead of rows', async () => {
    const { train, validation, counts } = await prepare('plain');
    expect(counts.read).toBe(MOLECULES.length + OFTEN.length + 2);
    // "not" ends at the blank: a name follows a SMILES there.
    expect(counts.unreadable).toEqual({ SMILES_SYNTAX: 2 });
    expect(counts.heldOut).toBe(0);
    expect(counts.validation + counts.train + counts.alsoInValidation + counts.merged + 2).toBe(counts.read);
    expect(rowsOf(validation)).toBe(counts.validation);
    const files = [...new Set(train)];
    expect(files.map(rowsOf).reduce((sum, rows) => sum + rows, 0)).toBe(counts.train);
    const visits = files.map((file) => train.filter((one) => one === file).length);
    expect(visits.toSorted((a, b) => a - b)).toEqual([1, 3]);
    expect(train).not.toContain(validation);
  });

  it('drops what is held out, by the molecule as given and by its parent, and counts it', async () => {
    const keys = ['BSYNRYMUTXBXSQ', 'XMIIGOLPHOKFCH'];
    writeFileSync(path('held.txt'), `${keys.map((key) => heldOutKey(`${key}-UHFFFAOYSA-N`)).join('\n')}\n`);
    const { counts } = await prepare('held', { heldOut: readHeldOut(path('held.txt')) });
    expect(counts.heldOut).toBe(2);
  });

  it('never trains on a skeleton that validation holds', async () => {
    const enantiomers = MOLECULES.slice(0, 60).flatMap((smiles, i) => [smiles.replace(/^C/, 'C[C@H](F)'), smiles.replace(/^C/, 'C[C@@H](F)')].slice(0, i < 50 ? 2 : 1));
    writeFileSync(path('data/stereo.smi'), `${enantiomers.join('\n')}\n`);
    const recipe = resolveRecipe('drawing-structure', { sources: [{ file: 'stereo.smi' }], validationMolecules: 40 });
    const { counts } = await prepare('stereo', { recipe });
    expect(counts.alsoInValidation).toBeGreaterThan(0);
    expect(counts.train + counts.alsoInValidation + counts.merged + counts.validation).toBe(enantiomers.length);
  });

  it('keeps one row of a molecule whatever its spellings and salts, and its measurements on that row', async () => {
    // Three spellings of aspirin and its sodium salt, the first of them in another file that is visited twice.
    const spellings = ['CC(=O)Oc1ccccc1C(=O)O', 'OC(=O)c1ccccc1OC(C)=O', 'O=C(C)Oc1ccccc1C(O)=O', 'CC(=O)Oc1ccccc1C(=O)[O-].[Na+]'];
    writeFileSync(path('data/first.smi'), `${spellings[0]!}\nCCOC(=O)c1ccncc1\n`);
    writeFileSync(path('data/others.smi'), `${[...MOLECULES, ...spellings.slice(1)].join('\n')}\n`);
    const measured = [
      ...spellings.map((smiles) => `${smiles},agreed,1`), `${MOLECULES[0]!},agreed,0`, `${MOLECULES[1]!},agreed,1`,
      `${spellings[0]!},disputed,1`, `${spellings[1]!},disputed,0`,
    ];
    writeFileSync(path('data/measured.csv'), `smiles,assay,active\n${measured.join('\n')}\n`);
    const recipe = resolveRecipe('drawing-structure', {
      sources: [{ file: 'first.smi', repeat: 2 }, { file: 'others.smi' }], validationMolecules: 16, counterIonShare: 0,
      measurements: {
        tables: [{ file: 'measured.csv', molecule: 'smiles', assay: 'assay', outcome: { column: 'active' } }], perAssay: 4, actives: 2,
      },
      // A seed under which validation holds none of them.
      training: { ...RECIPE.training, seed: 2 },
    });
    const lines: string[] = [];
    const progress = { ...SILENT_PROGRESS, finish: (line?: string): void => void lines.push(line ?? '') };
    const { counts, measurements, train } = await prepare('merged', { recipe, progress });
    expect(counts.merged).toBe(3);
    expect(counts.train + counts.alsoInValidation + counts.merged + counts.validation).toBe(counts.read);
    expect(lines.join('\n')).toContain('merged 3 spellings');
    const reportOf = (file: string): string => readFileSync(file.replace('.safetensors', '.json'), 'utf8');
    const reports = [...new Set(train)].map((file) => JSON.parse(reportOf(file)) as { keys: string[] });
    const keys = reports.flatMap((report) => report.keys);
    expect(new Set(keys).size).toBe(keys.length);

    const { tensors } = readSafetensors(measurements!);
    const row = [...(tensors['row']!.data as Int32Array)];
    const active = [...(tensors['active']!.data as Uint8Array)];
    const aspirin = reports[0]!.keys.indexOf('BSYNRYMUTXBXSQ-UHFFFAOYSA-N');
    expect(row.filter((at, i) => active[i] === 1 && at === aspirin)).toHaveLength(1);
    expect(row.filter((at) => at === aspirin)).toHaveLength(1);
    expect(counts.measurements).toBe(row.length);
    expect((await prepare('merged', { recipe })).counts).toEqual(counts);
  });

  it('takes finished shards over, and remakes those of another question', async () => {
    const first = await prepare('again');
    const times = (): number[] => readdirSync(path('again')).map((name) => statSync(path(`again/${name}`)).mtimeMs);
    const before = times();
    rmSync(first.train[0]!.replace('.safetensors', '.json'));
    expect((await prepare('again')).counts).toEqual(first.counts);
    expect(times().filter((time) => !before.includes(time))).toHaveLength(2);
    const bytes = readFileSync(first.validation);
    await prepare('again', { request: { counts: { morgan: { kind: 'morgan', radius: 1, bits: 1024 } } } });
    expect(readFileSync(first.validation).equals(bytes)).toBe(false);
  });

  it('remakes shards when the list of held-out molecules or a source changes', async () => {
    const lists = ['BSYNRYMUTXBXSQ', 'AAAAAAAAAAAAAA'].map((key) => `${heldOutKey(`${key}-UHFFFAOYSA-N`)}\n`);
    const counts = [];
    for (const list of lists) {
      writeFileSync(path('list.txt'), list);
      counts.push((await prepare('changing', { heldOut: readHeldOut(path('list.txt')) })).counts);
    }
    expect(counts.map(({ heldOut }) => heldOut)).toEqual([1, 0]);
    const shards = (): string[] => readdirSync(path('changing')).filter((name) => name.endsWith('.safetensors')).map((name) => readFileSync(join(path('changing'), name)).toString('latin1'));
    const before = shards();
    writeFileSync(path('data/mine.smi'), `${someSmiles(91).join('\n')}\n`);
    await prepare('changing', { heldOut: readHeldOut(path('list.txt')) });
    expect(shards()).not.toEqual(before);
  });

  it('refuses too few molecules, and ends when it is told to', async () => {
    const recipe = resolveRecipe('drawing-structure', { sources: [{ file: 'often.smi' }], validationMolecules: 16 });
    await expect(prepare('few', { recipe })).rejects.toMatchObject({ code: 'DATASET_INVALID' });
    const stop = new AbortController();
    stop.abort();
    await expect(prepare('stopped', { signal: stop.signal })).rejects.toThrow();
  });
});
