import { join } from 'node:path';
import type { BundleTower } from '../bundle/index.ts';
import type { ChemPool, FeatureBatch, StandardMolecule } from '../chem/index.ts';
import { IsoLensError, dot, matrixOf, rowOf } from '../core/index.ts';
import type { Matrix } from '../core/index.ts';
import { InferencePool } from '../inference/index.ts';
import type { InferenceOptions, NamedTensors } from '../inference/index.ts';
import { PROFILE_REQUEST, profileOf } from '../score/index.ts';
import type { Profile } from '../score/index.ts';
import { featuriseItems, modalityById, modalityConfig } from '../modalities/index.ts';
import type { ImageWarning, Modality, ModalityItem, MoleculeModality, ProfileModality } from '../modalities/index.ts';
import type { ItemFailure } from './define.ts';
import { galleryPlaces } from './library.ts';
import type { GalleryPlace, SearchLibrary } from './library.ts';

/** A stored vector and the same molecule encoded now must agree this closely: different processors round differently. */
const CANARY_COSINE = 0.9999;

interface OpenTower {
  readonly description: BundleTower;
  readonly modality: Modality;
  readonly config: unknown;
}

/** Embeddings of the usable items; `rows[i]` is the position in the input of vector i. */
export interface Embedded {
  readonly rows: Int32Array;
  readonly vectors: Matrix;
  readonly errors: readonly ItemFailure[];
  /** Where the items are molecules: what they were standardised to. */
  readonly molecules?: readonly StandardMolecule[];
  /** Where the items are images: what is doubtful about each. */
  readonly warnings?: readonly (readonly ImageWarning[])[];
}

export interface EmbeddedMolecules extends Embedded {
  readonly molecules: readonly StandardMolecule[];
  /** What molecules are compared by. */
  readonly profiles: readonly Profile[];
}

type EncodedLibrary = Pick<SearchLibrary, 'manifest' | 'directory' | 'vectorsOf'>;

/** The encoders of a bundle. Which modality a tower reads is the bundle's affair; nothing here names one. */
export class Towers {
  private readonly library: EncodedLibrary;
  private readonly chem: ChemPool;
  private readonly pool: InferencePool;
  private readonly towers: readonly OpenTower[];

  private constructor(library: EncodedLibrary, chem: ChemPool, pool: InferencePool, towers: readonly OpenTower[]) {
    this.library = library;
    this.chem = chem;
    this.pool = pool;
    this.towers = towers;
  }

  /** Loads and warms up every encoder, and checks that each gives what the bundle's vectors were made with. */
  static async open(library: EncodedLibrary, chem: ChemPool, options: InferenceOptions): Promise<Towers> {
    const towers = library.manifest.towers.map((description) => {
      const modality = modalityById(description.modality);
      return { description, modality, config: modalityConfig(modality, description.modalityConfig) };
    });
    const pool = await InferencePool.open(towers.map(({ description }) => ({ name: description.name, path: join(library.directory, description.file) })), options);
    const opened = new Towers(library, chem, pool, towers);
    try {
      await opened.checkGalleries();
      await opened.checkOthers();
    } catch (error) {
      await pool.close();
      throw error;
    }
    return opened;
  }

  /** Ids of the modalities that can be asked. */
  get modalities(): string[] {
    return this.towers.map(({ modality }) => modality.id);
  }

  /** The tower that encodes libraries. */
  get gallery(): string {
    return this.library.manifest.gallery;
  }

  /** Name of the tower for a modality's id, a tower's name, or a source (`molecule`, `image`). */
  resolve(wanted: string): string {
    const found = this.towers.find(({ description }) => description.name === wanted)
      ?? this.towers.find(({ modality }) => modality.id === wanted)
      ?? (wanted === 'molecule' ? this.tower(this.gallery) : this.towers.find(({ modality }) => modality.source === wanted));
    if (found !== undefined) return found.description.name;
    throw new IsoLensError('MODALITY_UNSUPPORTED', `Expected a query that "${this.library.manifest.name}" can answer (${this.modalities.join(', ')}) but received ${JSON.stringify(wanted === 'table' ? 'profile' : wanted)}; it needs a model with such an encoder.`);
  }

  /** What a tower reads. */
  sourceOf(wanted: string): Modality['source'] {
    return this.tower(this.resolve(wanted)).modality.source;
  }

  /** How a table of profiles becomes what the tower that reads profiles reads; MODALITY_UNSUPPORTED where the bundle has none. */
  get preparation(): ReturnType<ProfileModality['preparation']> {
    const { modality, config } = this.tower(this.resolve('table'));
    return (modality as ProfileModality).preparation(config);
  }

  /** Whether a tower sees pictures of molecules, which can be read as well. */
  portrays(wanted: string): boolean {
    const { modality } = this.tower(wanted);
    return modality.source === 'image' && modality.portray !== undefined;
  }

  /** Molecules through a tower that reads them, by default the gallery's, with what is needed to compare them. */
  async molecules(inputs: readonly string[], urgent: boolean, tower = this.gallery): Promise<EmbeddedMolecules> {
    const { description, modality, config } = this.tower(tower);
    const { request, tensors } = modality as MoleculeModality;
    const wanted = request(config);
    const batch: FeatureBatch = await this.chem.featurise(inputs, { ...wanted, ...PROFILE_REQUEST, bits: { ...wanted.bits, ...PROFILE_REQUEST.bits } }, { urgent });
    const vectors = await this.run(description.name, batch.rows.length, tensors(batch, config, { from: 0, to: batch.rows.length }));
    return { rows: batch.rows, vectors, errors: batch.errors, molecules: batch.molecules, profiles: Array.from(batch.rows.keys(), (row) => profileOf(batch, row)) };
  }

  /** Any items through any tower. */
  async items(tower: string, items: readonly ModalityItem[], urgent: boolean): Promise<Embedded> {
    const { modality, config } = this.tower(tower);
    const { rows, tensors, errors, molecules, warnings } = await featuriseItems(modality, items, config, { chem: this.chem }, { urgent });
    const vectors = await this.run(tower, rows.length, tensors);
    return { rows, vectors, errors, ...(molecules === undefined ? {} : { molecules }), ...(warnings === undefined ? {} : { warnings }) };
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  private tower(name: string): OpenTower {
    const found = this.towers.find(({ description }) => description.name === name);
    if (found === undefined) throw new IsoLensError('BUNDLE_CORRUPT', `Expected a tower "${name}" in the bundle "${this.library.manifest.name}".`);
    return found;
  }

  private async run(tower: string, rows: number, tensors: NamedTensors): Promise<Matrix> {
    const { dimension, name } = this.library.manifest;
    if (rows === 0) return matrixOf(new Float32Array(0), dimension);
    const { embedding } = await this.pool.run(tower, tensors, { move: true });
    if (embedding?.shape[0] === rows && embedding.shape[1] === dimension) return matrixOf(embedding.data, dimension);
    throw new IsoLensError('BUNDLE_INCOMPATIBLE', `Expected ${rows} x ${dimension} numbers from the encoder "${tower}" of "${name}" but received ${embedding?.shape.join(' x ') ?? 'nothing'}; build the bundle again.`);
  }

  private async checkGalleries(): Promise<void> {
    const { source } = this.tower(this.gallery).modality;
    if (source !== 'molecule') throw new IsoLensError('BUNDLE_INCOMPATIBLE', `Expected the library of "${this.library.manifest.name}" to be encoded from molecules but its tower reads ${source}s.`);
    // Pictures of molecules come out a little differently with other fonts and renderers: those are not drawn again.
    for (const gallery of galleryPlaces(this.library.manifest)) if (this.tower(gallery.tower).modality.source === 'molecule') await this.checkGallery(gallery);
  }

  private async checkGallery({ tower, place }: GalleryPlace): Promise<void> {
    const { canaries, name } = this.library.manifest;
    const { rows, vectors } = await this.molecules(canaries.molecules.map(({ smiles }) => smiles), false, tower);
    const stored = await this.library.vectorsOf(place, canaries.molecules.map(({ row }) => row));
    const agree = canaries.molecules.every((_, i) => {
      const at = rows.indexOf(i);
      return at >= 0 && dot(rowOf(vectors, at), rowOf(stored, i)) >= CANARY_COSINE;
    });
    if (!agree) throw new IsoLensError('BUNDLE_INCOMPATIBLE', `Expected the encoder of "${name}" to reproduce its stored vectors but it does not: the chemistry has changed since; build the bundle again.`);
  }

  /** Inputs of other sources are not stored: that the output has the right shape is all that can be checked. */
  private async checkOthers(): Promise<void> {
    for (const { description, modality, config } of this.towers) {
      if (modality.source === 'molecule') continue;
      const blank = Object.fromEntries(modality.inputs(config).map(({ role, shape }) => {
        const sizes = shape.map((size) => (typeof size === 'number' ? size : 1));
        return [role, { dtype: 'f32' as const, data: new Float32Array(sizes.reduce((product, size) => product * size, 1)), shape: sizes }];
      }));
      await this.run(description.name, 1, blank);
    }
  }
}
