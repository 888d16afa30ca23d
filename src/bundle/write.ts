import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IsoLensError } from '../core/index.ts';
import { digestFile, listFiles, syncDirectory, syncTree, writeAtomic, writeError } from './files.ts';
import { WriterLock } from './lock.ts';
import { BUNDLE_FORMAT, BUNDLE_VERSION, CURRENT_FILE, MANIFEST_FILE, bundleNameSchema, manifestSchema } from './manifest.ts';
import type { BundleManifest } from './manifest.ts';
import { manifestOf } from './open.ts';

const BUILDING_PREFIX = '.building-';
const WORK_DIRECTORY = '.work';
/** The newest and the one before: a server may still be reading that. */
const KEPT_GENERATIONS = 2;
const GENERATION = /^\d{8}T\d{6}Z-[0-9a-f]{8}$/;

export type ManifestDraft = Omit<BundleManifest, 'format' | 'version' | 'name' | 'generation' | 'createdAt' | 'files' | 'metric'>;

/** Writes one new generation of a bundle. Nothing is visible to readers before `publish`. */
export class BundleWriter {
  /** Survives a killed run; emptied by `publish`. */
  readonly workDirectory: string;
  private readonly root: string;
  private readonly name: string;
  private readonly building: string;
  private readonly lock: WriterLock;

  private constructor(root: string, name: string, lock: WriterLock) {
    this.root = join(root, name);
    this.name = name;
    this.lock = lock;
    this.building = join(this.root, `${BUILDING_PREFIX}${process.pid}`);
    this.workDirectory = join(this.root, WORK_DIRECTORY);
  }

  /** Becomes the bundle's only writer, or refuses with BUNDLE_BUSY. Remains of killed writers are removed. */
  static async open(root: string, name: string): Promise<BundleWriter> {
    if (!bundleNameSchema.safeParse(name).success) {
      throw new IsoLensError('ARGUMENT_INVALID', `Expected a bundle name of lower-case letters, digits, dots, dashes and underscores but received ${JSON.stringify(name)}.`);
    }
    const lock = await WriterLock.take(join(root, name));
    const writer = new BundleWriter(root, name, lock);
    for (const entry of await readdir(writer.root)) {
      if (entry.startsWith(BUILDING_PREFIX)) await rm(join(writer.root, entry), { recursive: true, force: true });
    }
    await mkdir(join(writer.building, 'encoders'), { recursive: true });
    await mkdir(writer.workDirectory, { recursive: true });
    return writer;
  }

  /** Where to write a file of the new generation, by its path within it. */
  path(file: string): string {
    return join(this.building, file);
  }

  /** Completes the manifest, forces all to disk, and switches readers over. Returns the manifest. */
  async publish(draft: ManifestDraft, createdAt: Date): Promise<BundleManifest> {
    try {
      const files = await this.writtenFiles();
      const generation = `${createdAt.toISOString().replace(/[-:]|\.\d+/g, '')}-${digestOf(JSON.stringify(files)).slice(0, 8)}`;
      const manifest = manifestSchema.parse({ ...draft, format: BUNDLE_FORMAT, version: BUNDLE_VERSION, metric: 'cosine', name: this.name, generation, createdAt: createdAt.toISOString(), files });
      await this.switchTo(generation, `${JSON.stringify(manifest, null, 1)}\n`);
      return manifest;
    } catch (error) {
      throw writeError(error, `the bundle ${this.name}`);
    }
  }

  /** Publishes what another machine made, under the manifest that came with it; BUNDLE_CORRUPT where the files are not those of the manifest. */
  async publishCopy(text: string): Promise<BundleManifest> {
    try {
      const manifest = manifestOf(this.name, text);
      const expected = new Map(manifest.files.map((file) => [file.path, `${file.bytes} ${file.sha256}`]));
      const written = await this.writtenFiles();
      const wrong = written.find(({ path, bytes, sha256 }) => expected.get(path) !== `${bytes} ${sha256}`)?.path ?? [...expected.keys()].find((path) => !written.some((file) => file.path === path));
      if (wrong !== undefined || manifest.name !== this.name || !GENERATION.test(manifest.generation)) {
        throw new IsoLensError('BUNDLE_CORRUPT', `Expected a whole copy of the bundle "${this.name}", but ${wrong ?? 'its name or generation'} differs from the manifest; copy it again.`);
      }
      await this.switchTo(manifest.generation, text);
      return manifest;
    } catch (error) {
      throw writeError(error, `the bundle ${this.name}`);
    }
  }

  /** Gives the bundle free for other writers. What was not published is removed, the work directory kept. */
  async close(): Promise<void> {
    await rm(this.building, { recursive: true, force: true });
    await this.lock.release();
  }

  private async writtenFiles(): Promise<BundleManifest['files']> {
    const files = [];
    for (const path of await listFiles(this.building)) files.push({ path, ...(await digestFile(join(this.building, path))) });
    return files;
  }

  private async switchTo(generation: string, manifest: string): Promise<void> {
    await writeAtomic(join(this.building, MANIFEST_FILE), manifest);
    await syncTree(this.building);
    const home = join(this.root, generation);
    await rm(home, { recursive: true, force: true });
    await rename(this.building, home);
    await syncDirectory(this.root);
    await writeAtomic(join(this.root, CURRENT_FILE), `${generation} ${digestOf(manifest)}\n`);
    await rm(this.workDirectory, { recursive: true, force: true });
    await this.removeOld(generation);
  }

  private async removeOld(current: string): Promise<void> {
    const generations = (await readdir(this.root)).filter((entry) => GENERATION.test(entry) && entry !== current).sort().reverse();
    for (const old of generations.slice(KEPT_GENERATIONS - 1)) await rm(join(this.root, old), { recursive: true, force: true });
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
