import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IsoLensError } from '../core/index.ts';
import { digestFile, listFiles, syncDirectory, syncTree, writeAtomic, writeError } from './files.ts';
import { WriterLock } from './lock.ts';
import { BUNDLE_FORMAT, BUNDLE_VERSION, CURRENT_FILE, MANIFEST_FILE, bundleNameSchema, manifestSchema } from './manifest.ts';
import type { BundleManifest } from './manifest.ts';

const BUILDING_PREFIX = '.building-';
const WORK_DIRECTORY = '.work';
/** The newest and the one before: a server may still be reading that. */
const KEPT_GENERATIONS = 2;

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
      const files = [];
      for (const path of await listFiles(this.building)) files.push({ path, ...(await digestFile(join(this.building, path))) });
      const generation = `${createdAt.toISOString().replace(/[-:]|\.\d+/g, '')}-${digestOf(JSON.stringify(files)).slice(0, 8)}`;
      const manifest = manifestSchema.parse({ ...draft, format: BUNDLE_FORMAT, version: BUNDLE_VERSION, metric: 'cosine', name: this.name, generation, createdAt: createdAt.toISOString(), files });
      const text = `${JSON.stringify(manifest, null, 1)}\n`;
      await writeAtomic(join(this.building, MANIFEST_FILE), text);
      await syncTree(this.building);
      const home = join(this.root, generation);
      await rm(home, { recursive: true, force: true });
      await rename(this.building, home);
      await syncDirectory(this.root);
      await writeAtomic(join(this.root, CURRENT_FILE), `${generation} ${digestOf(text)}\n`);
      await rm(this.workDirectory, { recursive: true, force: true });
      await this.removeOld(generation);
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

  private async removeOld(current: string): Promise<void> {
    const generations = (await readdir(this.root)).filter((entry) => /^\d{8}T\d{6}Z-[0-9a-f]{8}$/.test(entry) && entry !== current).sort().reverse();
    for (const old of generations.slice(KEPT_GENERATIONS - 1)) await rm(join(this.root, old), { recursive: true, force: true });
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
