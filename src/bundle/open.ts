import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { indexBackend } from '../ann/index.ts';
import type { VectorIndex } from '../ann/index.ts';
import { ColumnTable, IsoLensError, matrixOf, rowOf, systemErrorCode, toIsoLensError } from '../core/index.ts';
import type { Matrix } from '../core/index.ts';
import { MoleculeStore } from '../store/index.ts';
import { digestFile } from './files.ts';
import type { FileDigest } from './files.ts';
import { Gallery } from './gallery.ts';
import { isBeingWritten } from './lock.ts';
import { BUNDLE_FORMAT, BUNDLE_VERSION, CURRENT_FILE, MANIFEST_FILE, MOLECULES_FILE, PROFILES_FILE, bundleNameSchema, galleriesOf, manifestSchema } from './manifest.ts';
import type { BundleManifest, GalleryFiles } from './manifest.ts';
import { openMapped } from './mapped.ts';
import { isStamped, stampOf, writeStamp } from './stamp.ts';

/** An opened, verified generation. */
export interface Bundle {
  readonly manifest: BundleManifest;
  readonly directory: string;
  /** In the order of `galleriesOf`. */
  readonly galleries: readonly [Gallery, ...Gallery[]];
  /** Of the first gallery: (count, dimension), unit rows; in memory that threads share, and shared with the index: not to be written to. */
  readonly vectors: Matrix;
  /** Of the first gallery. */
  readonly index: VectorIndex;
  readonly molecules: MoleculeStore;
  /** What the molecules are compared and filtered by, row by row; in memory that threads share, not to be written to. */
  readonly profiles: ColumnTable;
  close(): void;
}

const SCORE_TOLERANCE = 1e-4;

/** Names of the bundles below a directory that have a published generation. */
export async function listBundles(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const names: string[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory() || !bundleNameSchema.safeParse(entry.name).success) continue;
    if (await stat(join(root, entry.name, CURRENT_FILE)).then(() => true, () => false)) names.push(entry.name);
  }
  return names.sort();
}

/** What says which generation is current, as it is written; undefined where none is published. */
export async function currentOf(root: string, name: string): Promise<string | undefined> {
  return readFile(join(root, name, CURRENT_FILE), 'utf8').catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
}

/** Reads the current manifest of a bundle without opening what it describes. */
export async function readManifest(root: string, name: string): Promise<{ manifest: BundleManifest; directory: string }> {
  if (!bundleNameSchema.safeParse(name).success) throw new IsoLensError('BUNDLE_NOT_FOUND', `Expected the name of a bundle but received ${JSON.stringify(name)}.`);
  const home = join(root, name);
  const current = await readFile(join(home, CURRENT_FILE), 'utf8').catch(() => undefined);
  if (current === undefined) throw await absent(root, name, home);
  const [generation = '', sha256 = ''] = current.trim().split(' ');
  const directory = join(home, generation);
  if (!/^[0-9A-Za-z-]+$/.test(generation)) throw corrupt(name, `${CURRENT_FILE} names no generation`);
  const text = await readFile(join(directory, MANIFEST_FILE), 'utf8').catch((error: unknown) => { throw corrupt(name, `its manifest cannot be read (${systemErrorCode(error) ?? String(error)})`); });
  if (createHash('sha256').update(text).digest('hex') !== sha256) throw corrupt(name, 'its manifest was changed');
  return { manifest: manifestOf(name, text), directory };
}

/**
 * Opens the current generation: sizes and hashes of all files, dimensions, and canary queries must agree with the manifest. Hashes are those
 * of the last verification where a stamp proves that nothing has changed since.
 */
export async function openBundle(root: string, name: string): Promise<Bundle> {
  const { manifest, directory } = await readManifest(root, name);
  const stamp = await stampOf(manifest, directory).catch(() => undefined);
  const isProven = stamp !== undefined && (await isStamped(directory, stamp));
  if (!isProven) await verifyFiles(manifest, directory);
  const place = { manifest, directory, isProven };
  const [first, ...further] = galleriesOf(manifest);
  const [own, profiles, ...others] = await Promise.all([openGallery(place, first), readProfiles(place), ...further.map((files) => openGallery(place, files))]);
  const galleries: [Gallery, ...Gallery[]] = [own, ...others];
  const molecules = new MoleculeStore(join(directory, MOLECULES_FILE));
  const close = (): void => molecules.close();
  try {
    if (molecules.count !== manifest.count) throw corrupt(name, `it holds ${molecules.count} molecules for ${manifest.count} vectors`);
    galleriesOf(manifest).forEach((files, i) => checkNeighbours(name, files, galleries[i]!));
  } catch (error) {
    close();
    throw error;
  }
  // Of the files as they were before they were read.
  if (!isProven && stamp !== undefined) await writeStamp(directory, stamp);
  const [{ vectors, index }] = galleries;
  return { manifest, directory, galleries, vectors, index, molecules, profiles, close };
}

/** Where the files of a generation lie, and whether they are known to be unchanged. */
interface Place {
  readonly manifest: BundleManifest;
  readonly directory: string;
  readonly isProven: boolean;
}

async function openGallery(place: Place, { tower, vectors: file, index }: GalleryFiles): Promise<Gallery> {
  const { manifest, directory, isProven } = place;
  const vectors = await readVectors(place, file);
  const backend = indexBackend(manifest.index.backend);
  return new Gallery(tower, vectors, await backend.load(join(directory, index), vectors, { isProven }).catch((error: unknown) => { throw corrupt(manifest.name, toIsoLensError(error).message); }));
}

/** Reads the text of a manifest; BUNDLE_INCOMPATIBLE, BUNDLE_CORRUPT. */
export function manifestOf(name: string, text: string): BundleManifest {
  const json: unknown = JSON.parse(text);
  const { format, version } = (json ?? {}) as { format?: unknown; version?: unknown };
  if (format !== BUNDLE_FORMAT || version !== BUNDLE_VERSION) {
    throw new IsoLensError('BUNDLE_INCOMPATIBLE', `Expected a bundle of format ${BUNDLE_FORMAT} ${BUNDLE_VERSION} but "${name}" has ${String(format)} ${String(version)}; build it again.`);
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw corrupt(name, `its manifest is not valid: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}

async function verifyFiles(manifest: BundleManifest, directory: string): Promise<void> {
  const { name, files } = manifest;
  // Hashed while they are read.
  const read = new Set([PROFILES_FILE, ...galleriesOf(manifest).map((gallery) => gallery.vectors)]);
  await Promise.all(files.map(async (file) => {
    if (!read.has(file.path)) compare(name, file.path, file, await digestFile(join(directory, file.path)).catch((error: unknown) => { throw unreadable(name, file.path, error); }));
  }));
}

async function readVectors(place: Place, path: string): Promise<Matrix> {
  const { name, count, dimension } = place.manifest;
  const { bytes } = listed(place.manifest, path);
  if (bytes !== count * dimension * 4) {
    throw new IsoLensError('BUNDLE_INCOMPATIBLE', `Expected ${count} vectors of dimension ${dimension} in "${name}" but ${path} has ${bytes} bytes; build it again.`);
  }
  return matrixOf(new Float32Array(await readVerified(place, path)), dimension);
}

async function readProfiles(place: Place): Promise<ColumnTable> {
  const { manifest } = place;
  const table = new ColumnTable(await readVerified(place, PROFILES_FILE));
  if (table.count !== manifest.count) throw corrupt(manifest.name, `${PROFILES_FILE} holds ${table.count} rows for ${manifest.count} vectors`);
  return table;
}

async function readVerified({ manifest, directory, isProven }: Place, path: string): Promise<ArrayBufferLike> {
  const { name } = manifest;
  const expected = listed(manifest, path);
  const file = join(directory, path);
  const unread = (error: unknown): never => { throw unreadable(name, path, error); };
  const found = isProven ? { ...expected, bytes: (await stat(file).catch(unread)).size } : await digestFile(file).catch(unread);
  compare(name, path, expected, found);
  return openMapped(file, expected.bytes).catch(unread);
}

function listed({ name, files }: BundleManifest, path: string): BundleManifest['files'][number] {
  const found = files.find((file) => file.path === path);
  if (found === undefined) throw corrupt(name, `its manifest does not list ${path}`);
  return found;
}

function checkNeighbours(name: string, { neighbours }: GalleryFiles, { vectors, index }: Gallery): void {
  for (const { row, labels, scores } of neighbours) {
    const found = index.search(rowOf(vectors, row), Math.max(1, labels.length));
    const same = found.labels.length === labels.length && scores.every((score, i) => Math.abs(score - found.scores[i]!) <= SCORE_TOLERANCE);
    if (!same) throw corrupt(name, `its index does not find the stored neighbours of row ${row}`);
  }
}

function compare(name: string, path: string, expected: FileDigest, found: FileDigest): void {
  if (found.bytes !== expected.bytes) throw corrupt(name, `${path} has ${found.bytes} bytes instead of ${expected.bytes}`);
  if (found.sha256 !== expected.sha256) throw corrupt(name, `the content of ${path} was changed`);
}

async function absent(root: string, name: string, home: string): Promise<IsoLensError> {
  if (await isBeingWritten(home)) return new IsoLensError('BUNDLE_BUSY', `Expected a finished bundle "${name}" but it is being written for the first time; wait for it to finish.`);
  const known = await listBundles(root);
  const hint = known.length === 0 ? 'none exists yet; make one with "isolens index"' : `there are: ${known.join(', ')}`;
  return new IsoLensError('BUNDLE_NOT_FOUND', `Expected a bundle "${name}" in ${root} but ${hint}.`);
}

function unreadable(name: string, path: string, error: unknown): IsoLensError {
  return error instanceof IsoLensError ? error : corrupt(name, `${path} cannot be read (${systemErrorCode(error) ?? String(error)})`);
}

function corrupt(name: string, reason: string): IsoLensError {
  return new IsoLensError('BUNDLE_CORRUPT', `Expected an unchanged bundle "${name}", but ${reason}; build it again.`);
}
