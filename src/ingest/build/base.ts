/** A published bundle as the beginning of another: its molecules as shards, so that nothing of them is computed again. */
import { join } from 'node:path';
import { MODEL_FORMAT, MODEL_VERSION, openBundle } from '../../bundle/index.ts';
import type { Bundle, Model } from '../../bundle/index.ts';
import { STANDARDISER_VERSION } from '../../chem/index.ts';
import { IsoLensError, rowBytes, rowOf } from '../../core/index.ts';
import { MOLECULE_COLUMNS, PROFILE_VERSION, bytesOf } from '../../score/index.ts';
import type { StoredMolecule } from '../../store/index.ts';
import { REJECTS_FILE } from './assembly.ts';
import { NO_NOTICES } from './shard.ts';
import type { Shard, ShardEntry } from './shard.ts';

export class Base {
  readonly bundle: Bundle;

  private constructor(bundle: Bundle) {
    this.bundle = bundle;
  }

  /** BUNDLE_INCOMPATIBLE where its molecules were made by other rules than today's: they cannot stand beside new ones. */
  static async open(root: string, name: string): Promise<Base> {
    const bundle = await openBundle(root, name);
    const { standardiser, profile } = bundle.manifest.chemistry;
    if (standardiser === STANDARDISER_VERSION && profile === PROFILE_VERSION) return new Base(bundle);
    bundle.close();
    throw new IsoLensError('BUNDLE_INCOMPATIBLE', `Expected a bundle made with standardiser ${STANDARDISER_VERSION} and profile ${PROFILE_VERSION} but "${name}" was made with ${standardiser} and ${profile}; build it again from its library.`);
  }

  /** Its own encoders: what is added is embedded as the rest was. */
  get model(): Model {
    const { manifest: { towers, gallery, dimension, model, files }, directory } = this.bundle;
    const digest = (path: string): string => files.find((file) => file.path === path)!.sha256;
    return { format: MODEL_FORMAT, version: MODEL_VERSION, dimension, gallery, info: model, directory, towers: towers.map((tower) => ({ ...tower, sha256: digest(tower.file) })) };
  }

  /** Towers that embedded it, the model's own first. */
  get galleries(): string[] {
    return this.bundle.galleries.map(({ tower }) => tower);
  }

  get rejects(): { readonly path: string; readonly count: number } {
    return { path: join(this.bundle.directory, REJECTS_FILE), count: this.bundle.manifest.counts.rejected };
  }

  /** Entries, as `shards` counts them: a molecule has one for each of its identifiers. */
  get entries(): number {
    let count = 0;
    for (const { ids } of this.bundle.molecules.all()) count += ids.length;
    return count;
  }

  /** Its entries, `size` to a shard before those are left out that `keeps` does not want. */
  *shards(size: number, keeps: (molecule: StoredMolecule, id: string) => boolean): Generator<Shard> {
    let part: { entry: ShardEntry; row: number }[] = [];
    let ordinal = 0;
    for (const molecule of this.bundle.molecules.all()) {
      // Names and columns stand with the first identifier that is left.
      let isFirst = true;
      for (const id of molecule.ids) {
        if (keeps(molecule, id)) {
          const { row, smiles, inchiKey, scaffold } = molecule;
          part.push({ row, entry: { ordinal, id, smiles, inchiKey, scaffold, names: isFirst ? molecule.names : [], properties: isFirst ? molecule.properties : {} } });
          isFirst = false;
        }
        if (++ordinal % size === 0) {
          yield this.shardOf(part);
          part = [];
        }
      }
    }
    if (ordinal % size !== 0) yield this.shardOf(part);
  }

  close(): void {
    this.bundle.close();
  }

  private shardOf(part: readonly { readonly entry: ShardEntry; readonly row: number }[]): Shard {
    const { galleries, profiles, manifest: { dimension } } = this.bundle;
    const columns = Object.fromEntries(MOLECULE_COLUMNS.map((column) => {
      const [bytes, width] = [bytesOf(profiles.column(column)), rowBytes(column)];
      const chosen = new Uint8Array(part.length * width);
      part.forEach(({ row }, i) => chosen.set(bytes.subarray(row * width, (row + 1) * width), i * width));
      return [column.name, chosen];
    }));
    const vectors = new Float32Array(part.length * galleries.length * dimension);
    part.forEach(({ row }, i) => galleries.forEach((gallery, g) => vectors.set(rowOf(gallery.vectors, row), (i * galleries.length + g) * dimension)));
    return { records: part.length, entries: part.map(({ entry }) => entry), rejects: [], notices: NO_NOTICES, columns, vectors };
  }
}
