/** The bundle of the demo: the library that is part of the repository, embedded with the model that is part of it. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readManifest, readModel, writeAtomic } from '../bundle/index.ts';
import type { Model } from '../bundle/index.ts';
import { ChemPool } from '../chem/index.ts';
import { buildBundle, parseTable, readLibrary } from '../ingest/index.ts';
import type { Context } from './context.ts';

export const DEMO_BUNDLE = 'demo';

const LIBRARY = 'demo-library';
const WORK = '.demo';
const SEED = 1;

/** Makes the bundle where it is absent, damaged, or of another model or version. */
export async function prepareDemoBundle(context: Context, modelFolder: string): Promise<void> {
  const model = await readModel(modelFolder);
  if (await isCurrent(context, model)) return;
  const work = join(context.indexes, WORK);
  const path = await writeLibrary(join(context.root, 'indexes', LIBRARY), work);
  const chem = new ChemPool({ workers: context.threads });
  try {
    await buildBundle({
      root: context.indexes, name: DEMO_BUNDLE, source: { path }, model, backend: 'hnsw', chem, command: 'isolens demo', seed: SEED,
      now: () => new Date(context.date()), signal: context.signal, progress: context.progress,
    });
  } finally {
    await chem.close();
  }
  await rm(work, { recursive: true, force: true });
}

/** Whether the bundle is there and its encoders are the model's. What is wrong with its files shows when it is opened. */
async function isCurrent(context: Context, model: Model): Promise<boolean> {
  const manifest = await readManifest(context.indexes, DEMO_BUNDLE).then((found) => found.manifest, () => undefined);
  if (manifest === undefined) return false;
  const hashes = new Set(manifest.files.map((file) => file.sha256));
  return model.towers.every((tower) => hashes.has(tower.sha256));
}

/** Drugs first, so that a molecule in both lists is known by its name; one table, because a bundle is made of one file. */
async function writeLibrary(folder: string, work: string): Promise<string> {
  const [header = [], ...drugs] = parseTable(await readFile(join(folder, 'drugs.tsv'), 'utf8'), { delimiter: '\t', quoted: false });
  const cell = (row: readonly string[], column: string): string => row[header.indexOf(column)] ?? '';
  const lines = ['id\tsmiles\tname\ttarget\tindication', ...drugs.map((row) => ['name', 'smiles', 'name', 'target', 'indication'].map((column) => cell(row, column)).join('\t'))];
  for await (const item of readLibrary({ path: join(folder, 'molecules.smi.gz') })) {
    if (item.kind === 'record') lines.push(`${item.id ?? ''}\t${item.structure}\t\t\t`);
  }
  await mkdir(work, { recursive: true });
  const path = join(work, 'demo-library.tsv');
  await writeAtomic(path, `${lines.join('\n')}\n`);
  return path;
}
