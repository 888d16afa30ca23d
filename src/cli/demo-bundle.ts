/** The bundle of the demo: the library that is part of the repository, embedded with the model that is part of it. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { digestFile, readManifest, readModel, writeAtomic } from '../bundle/index.ts';
import type { Model } from '../bundle/index.ts';
import { ChemPool } from '../chem/index.ts';
import { toIsoLensError } from '../core/index.ts';
import { buildBundle, parseTable, readLibrary } from '../ingest/index.ts';
import { READINGS_FILE } from '../reading/index.ts';
import { SCORE_FILE } from '../score/index.ts';
import { withEngine } from './with-engine.ts';
import type { EngineOptions, OpenEngine } from './with-engine.ts';
import type { Context } from './context.ts';

export const DEMO_BUNDLE = 'demo';

const LIBRARY = 'demo-library';
/** One sentence on the terms of its parts; PROVENANCE.md beside it tells the rest. */
const LICENCE = 'licence.txt';
const WORK = '.demo';
const SEED = 1;

/** Codes of a bundle that another start should make anew rather than report. */
const REMADE: readonly string[] = ['BUNDLE_CORRUPT', 'BUNDLE_INCOMPATIBLE', 'INDEX_CORRUPT', 'MODEL_INVALID'];

/** Opens the bundle for the time of `work`; makes it first where it is absent, damaged, or of another model or version. */
export async function withDemoBundle(context: Context, modelFolder: string, options: EngineOptions, work: (open: OpenEngine) => Promise<void>): Promise<void> {
  const model = await readModel(modelFolder);
  if (!(await isCurrent(context, model))) await make(context, model);
  let isOpen = false;
  const attempt = (): Promise<void> => withEngine(context, DEMO_BUNDLE, options, (open) => {
    isOpen = true;
    return work(open);
  });
  await attempt().catch(async (thrown: unknown) => {
    const { code, message } = toIsoLensError(thrown);
    if (isOpen || !REMADE.includes(code)) throw thrown;
    context.progress.warn(`the demo bundle is made again: ${message}`);
    await make(context, model);
    await attempt();
  });
}

async function make(context: Context, model: Model): Promise<void> {
  const work = join(context.indexes, WORK);
  const library = join(context.root, 'indexes', LIBRARY);
  const path = await writeLibrary(library, work);
  const chem = new ChemPool({ workers: context.threads });
  try {
    await buildBundle({
      root: context.indexes, name: DEMO_BUNDLE, source: { path }, model, backend: 'hnsw', chem, command: 'isolens demo', seed: SEED,
      now: () => new Date(context.date()), signal: context.signal, progress: context.progress,
      facts: { licence: (await readFile(join(library, LICENCE), 'utf8')).trim().replaceAll('\n', ' ') },
    });
  } finally {
    await chem.close();
  }
  await rm(work, { recursive: true, force: true });
}

/** Whether the bundle is there, and its encoders and score are the model's. What else is wrong with it shows when it is opened. */
async function isCurrent(context: Context, model: Model): Promise<boolean> {
  const manifest = await readManifest(context.indexes, DEMO_BUNDLE).then((found) => found.manifest, () => undefined);
  if (manifest === undefined) return false;
  // Made before pictures were read, or before libraries had a map, it lacks what the page shows.
  if (!manifest.files.some(({ path }) => path === READINGS_FILE) || manifest.map === undefined) return false;
  const hashes = new Set(manifest.files.map((file) => file.sha256));
  const score = await digestFile(join(model.directory, SCORE_FILE)).catch(() => undefined);
  return model.towers.every((tower) => hashes.has(tower.sha256)) && (score === undefined || hashes.has(score.sha256));
}

const COLUMNS = ['name', 'smiles', 'synonyms', 'target', 'mechanism', 'indication', 'phase'] as const;

/** Drugs first, so that a molecule in several lists is known by its name; one table, because a bundle is made of one file. */
async function writeLibrary(folder: string, work: string): Promise<string> {
  const lines = [['id', ...COLUMNS].join('\t')];
  for (const table of ['drugs.tsv', 'named-drugs.tsv.gz']) {
    const bytes = await readFile(join(folder, table));
    const [header = [], ...drugs] = parseTable((table.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'), { delimiter: '\t', quoted: false });
    const places = COLUMNS.map((column) => header.indexOf(column));
    for (const row of drugs) lines.push([row[header.indexOf('name')] ?? '', ...places.map((place) => row[place] ?? '')].join('\t'));
  }
  for await (const item of readLibrary({ path: join(folder, 'molecules.smi.gz') })) {
    if (item.kind === 'record') lines.push([item.id ?? '', '', item.structure, ...COLUMNS.slice(2).map(() => '')].join('\t'));
  }
  await mkdir(work, { recursive: true });
  const path = join(work, 'demo-library.tsv');
  await writeAtomic(path, `${lines.join('\n')}\n`);
  return path;
}
