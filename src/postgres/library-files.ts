/** The few files of a generation that a search needs on this machine: encoders, score, map, readings. What is about single rows stays in the database. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MOLECULES_FILE, PROFILES_FILE, digestFile, galleriesOf } from '../bundle/index.ts';
import type { BundleManifest } from '../bundle/index.ts';
import { IsoLensError } from '../core/index.ts';
import type { StoredGeneration } from './catalogue.ts';
import type { SessionPool } from './pool.ts';
import { pullFile } from './pull.ts';

/** Writes them to a folder of its own below `scratch`, which is the caller's to remove; compared with the hashes of the manifest. */
export async function fetchFiles(pool: SessionPool, generation: StoredGeneration, scratch: string): Promise<string> {
  const directory = await mkdtemp(join(scratch, 'isolens-library-'));
  try {
    for (const file of localFiles(generation.manifest)) {
      const path = join(directory, file.path);
      await pool.read((session) => pullFile(session, generation, file, path, () => {}));
      if ((await digestFile(path)).sha256 !== file.sha256) {
        throw new IsoLensError('BUNDLE_CORRUPT', `Expected ${file.path} of "${generation.manifest.name}" as it was pushed, but the database holds another; push the library again.`);
      }
    }
    return directory;
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

function localFiles(manifest: BundleManifest): BundleManifest['files'] {
  const galleries = galleriesOf(manifest);
  const left = new Set([MOLECULES_FILE, PROFILES_FILE, ...galleries.map(({ vectors }) => vectors)]);
  // An index may have further files, which are called after it.
  const isIndex = (path: string): boolean => galleries.some(({ index }) => path === index || path.startsWith(`${index}.`));
  return manifest.files.filter(({ path }) => !left.has(path) && !isIndex(path));
}
