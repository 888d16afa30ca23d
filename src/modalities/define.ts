/**
 * What a query or an item of a library can be: from its source (a molecule, an image or a profile) to the tensors that an encoder reads.
 * A modality is the twin of one native feed: training reads the same roles from a data file, augmented.
 */
import type * as z from 'zod';
import type { ChemPool, FeatureBatch, FeatureRequest, StandardMolecule } from '../chem/index.ts';
import type { ErrorCode, ErrorDetails } from '../core/index.ts';
import type { EncoderInput } from '../encoders/index.ts';
import type { DrawingWarning } from '../image/index.ts';
import type { NamedTensors } from '../inference/index.ts';

/** What an image modality may find doubtful; another one adds its own here. */
export type ImageWarning = DrawingWarning;

export type ModalitySource = 'molecule' | 'image' | 'table';

/** How the native trainer reads this modality from a data file; the run adds the names of the graph's inputs. */
export interface ModalityFeed {
  /** Name of the feed in src/native/feeds. */
  readonly kind: string;
  readonly column: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface ModalityView {
  /** As `encoderFields`, for this look. */
  readonly encoderFields: Readonly<Record<string, unknown>>;
  /** Role of the encoder -> input of the model. */
  readonly inputNames: Readonly<Record<string, string>>;
}

export interface PictureSize {
  readonly height: number;
  readonly width: number;
}

interface ModalityBase<Config, Id extends string> {
  readonly id: Id;
  readonly summary: string;
  readonly config: z.ZodType<Config>;
  /** What an encoder's input roles are filled with; the batch is the symbol "N". */
  inputs(config: Config): readonly EncoderInput[];
  /** Fields of an encoder's configuration that follow from the data; an encoder takes those that it has. */
  encoderFields(config: Config): Readonly<Record<string, unknown>>;
  /** Whether the first columns of this modality's tensors under `config` are those under `other`: what was trained on the other can read them. */
  begins?(config: Config, other: Config): boolean;
  /**
   * Further looks at one item that a served encoder takes beside the first, for the mean of their embeddings; training knows
   * the first alone. `inputs` names those of all looks.
   */
  views?(config: Config): readonly ModalityView[];
  readonly training: {
    /** Views that differ at every visit, as options of the feed. */
    readonly augmentation: z.ZodType<Readonly<Record<string, unknown>>>;
    /** What chemistry must compute for the data file. */
    request(config: Config): FeatureRequest;
    feed(config: Config, augmentation: Readonly<Record<string, unknown>>): ModalityFeed;
    /** Of what is read from files rather than computed of molecules: the column of the data file, and one row of it. */
    readonly files?: {
      readonly column: string;
      /** Shape of a row. */
      shape(config: Config): readonly number[];
      /** A coded error where the file cannot be used. */
      read(files: readonly Uint8Array[], config: Config): Promise<Uint8Array>;
    };
    /** Largest size, in pixels, of pictures by other programs that the feed takes from the data file; absent: it takes none. */
    pictures?(config: Config): PictureSize;
  };
}

/** Rows [from, to) of a feature batch. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

export interface MoleculeModality<Config = unknown, Id extends string = string> extends ModalityBase<Config, Id> {
  readonly source: 'molecule';
  /** What chemistry must compute for a query or an item. */
  request(config: Config): FeatureRequest;
  /** The tensors of these rows of a batch that was computed with (at least) the request. */
  tensors(batch: FeatureBatch, config: Config, range: RowRange): NamedTensors;
}

/** Chemistry that draws. */
export type Portrayer = Pick<ChemPool, 'depict'>;

export interface ImageItem {
  /** The item's part of each tensor, by role. */
  readonly parts: Readonly<Record<string, Float32Array>>;
  /** Stable ids of what is doubtful about it. */
  readonly warnings: readonly ImageWarning[];
}

export interface ImageModality<Config = unknown, Id extends string = string> extends ModalityBase<Config, Id> {
  readonly source: 'image';
  /** A coded error where the image cannot be used. `more`: further files of the same item, where a modality knows several. */
  read(bytes: Uint8Array, config: Config, more?: readonly Uint8Array[]): Promise<ImageItem>;
  /**
   * Pictures by which a library shows its molecules, the same at every call, in input order; undefined for one that cannot be drawn.
   * Absent: molecules cannot be shown so, and no library can be embedded.
   */
  portray?(smiles: readonly string[], chem: Portrayer): Promise<readonly (Uint8Array | undefined)[]>;
}

export interface ProfileModality<Config = unknown, Id extends string = string> extends ModalityBase<Config, Id> {
  readonly source: 'table';
  /** How a table of profiles becomes the numbers that the encoder reads; `features` is empty until a model is trained. */
  preparation(config: Config): { readonly features: readonly string[]; readonly whiten: boolean; readonly clip: number };
}

export type Modality<Config = unknown, Id extends string = string> = MoleculeModality<Config, Id> | ImageModality<Config, Id> | ProfileModality<Config, Id>;

/** One item that could not be used; the others of its batch are not touched by it. */
export interface ModalityError {
  readonly index: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
}

/** The usable items of a batch, in input order. */
export interface ModalityBatch {
  /** Input index of each row of the tensors. */
  readonly rows: Int32Array;
  readonly tensors: NamedTensors;
  readonly errors: readonly ModalityError[];
  /** Of molecules, parallel to `rows`: what they were standardised to. */
  readonly molecules?: readonly StandardMolecule[];
  /** Of images, parallel to `rows`: what is doubtful about each. */
  readonly warnings?: readonly (readonly ImageWarning[])[];
}

export function defineMoleculeModality<Config, const Id extends string>(modality: Omit<MoleculeModality<Config, Id>, 'source'>): MoleculeModality<Config, Id> {
  return Object.freeze({ ...modality, source: 'molecule' as const });
}

export function defineImageModality<Config, const Id extends string>(modality: Omit<ImageModality<Config, Id>, 'source'>): ImageModality<Config, Id> {
  return Object.freeze({ ...modality, source: 'image' as const });
}

export function defineProfileModality<Config, const Id extends string>(modality: Omit<ProfileModality<Config, Id>, 'source'>): ProfileModality<Config, Id> {
  return Object.freeze({ ...modality, source: 'table' as const });
}
