import { writeFile } from 'node:fs/promises';
import { buildIndex, indexBackend } from '../../src/ann/index.ts';
import { BundleWriter, ColumnWriter, INDEX_FILE, MOLECULES_FILE, PROFILES_FILE, VECTORS_FILE, backgroundOf } from '../../src/bundle/index.ts';
import type { BundleManifest, ManifestDraft } from '../../src/bundle/index.ts';
import { SILENT_PROGRESS, createRng, l2Normalise, matrixOf, rowOf } from '../../src/core/index.ts';
import type { Matrix } from '../../src/core/index.ts';
import { MoleculeWriter } from '../../src/store/index.ts';
import type { StoredMolecule } from '../../src/store/index.ts';

export function randomVectors(rows: number, cols: number, seed: number): Matrix {
  const rng = createRng(seed);
  return l2Normalise(matrixOf(Float32Array.from({ length: rows * cols }, () => rng.normal()), cols));
}

export interface MakeOptions {
  readonly rows?: number;
  readonly dimension?: number;
  readonly seed?: number;
  readonly backend?: string;
  readonly createdAt?: Date;
  /** (rows, dimension), unit rows; random ones where absent. */
  readonly vectors?: Matrix;
  /** (rows, 12); without them the profiles hold no such column. */
  readonly descriptors?: Float32Array;
  /** Names and the like of a row. */
  readonly facts?: (row: number) => Partial<StoredMolecule>;
}

/** A small bundle with everything but a model that runs. */
export async function makeBundle(root: string, name: string, options: MakeOptions = {}): Promise<BundleManifest> {
  const writer = await BundleWriter.open(root, name);
  try {
    return await fill(writer, options);
  } finally {
    await writer.close();
  }
}

export async function fill(writer: BundleWriter, { rows = 200, dimension = 16, seed = 1, backend = 'hnsw', createdAt = new Date('2026-11-20T10:00:00Z'), ...given }: MakeOptions): Promise<BundleManifest> {
  const vectors = given.vectors ?? randomVectors(rows, dimension, seed);
  await writeFile(writer.path(VECTORS_FILE), new Uint8Array(vectors.data.buffer));
  await writeFile(writer.path('encoders/structure.onnx'), 'pretend');
  const index = buildIndex(indexBackend(backend), vectors, {}, SILENT_PROGRESS);
  await index.save(writer.path(INDEX_FILE));
  const molecules = new MoleculeWriter(writer.path(MOLECULES_FILE));
  molecules.insert(Array.from({ length: rows }, (_, row) => ({
    row, ids: [`M${row}`], names: [], smiles: 'C', inchiKey: `${String(row).padStart(14, 'A')}-UHFFFAOYSA-N`, scaffold: '', properties: {}, ...given.facts?.(row),
  })));
  molecules.close();
  const profiles = await ColumnWriter.create(writer.path(PROFILES_FILE), [
    { name: 'number', type: 'i32', width: 1 }, ...(given.descriptors === undefined ? [] : [{ name: 'descriptors', type: 'f32', width: 12 } as const]),
  ], rows, 'test');
  const number = new Uint8Array(Int32Array.from({ length: rows }, (_, row) => row).buffer);
  await profiles.append(rows, { number, ...(given.descriptors === undefined ? {} : { descriptors: new Uint8Array(given.descriptors.buffer) }) });
  await profiles.finish();
  const found = index.search(rowOf(vectors, 0), 5);
  const draft: ManifestDraft = {
    dimension, count: rows, index: { backend, parameters: {}, file: INDEX_FILE },
    towers: [{ name: 'structure', modality: 'fingerprint', modalityConfig: {}, encoder: 'mlp', encoderConfig: {}, file: 'encoders/structure.onnx' }],
    gallery: 'structure', chemistry: {}, model: {}, sources: [], counts: { records: rows, rejected: 0, merged: 0 }, command: 'test', seed,
    backgrounds: { structure: backgroundOf(vectors, vectors, seed, 1000) },
    canaries: { neighbours: [{ row: 0, labels: [...found.labels], scores: [...found.scores] }], molecules: [] },
  };
  return writer.publish(draft, createdAt);
}
