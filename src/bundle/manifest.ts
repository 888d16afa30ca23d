import * as z from 'zod';
import { linkProblem } from './link.ts';

export const BUNDLE_FORMAT = 'isolens-bundle';
export const BUNDLE_VERSION = 2;

/** Names of bundles and towers are also names of directories and files. */
export const bundleNameSchema = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'a name of lower-case letters, digits, dots, dashes and underscores');

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** A file within the generation; nothing outside it can be named. */
const relativePath = z.string().regex(/^(?!.*\.\.)[\w][\w./-]*$/);
const jsonObject = z.record(z.string(), z.unknown());

/** One encoder of the model: what it reads and where its ONNX file lies. Every tower ends in the same embedding space. */
export const towerSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  modality: z.string(),
  modalityConfig: jsonObject,
  encoder: z.string(),
  encoderConfig: jsonObject,
  /** Relative to the generation's directory. */
  file: relativePath,
});

/** Cosines of random pairs: `cosines[i]` is not exceeded by the share `shares[i]` of them. Empty where there is no pair. */
export const backgroundSchema = z.strictObject({
  pairs: z.int().min(0),
  shares: z.array(z.number().min(0).max(1)),
  cosines: z.array(z.number()),
});

const neighboursSchema = z.array(z.strictObject({ row: z.int().min(0), labels: z.array(z.int()), scores: z.array(z.number()) }));

/** Vectors of the library's molecules by one tower, row by row, and the index over them. */
export const gallerySchema = z.strictObject({
  tower: z.string(),
  vectors: relativePath,
  index: relativePath,
  /** The index must return these labels and scores for these rows. */
  neighbours: neighboursSchema,
});

const webAddress = z.url({ protocol: /^https?$/ });

/** What whoever made the bundle said of the library; all of it may be absent. */
const libraryFacts = {
  /** Under which terms the molecules may be used, in the words of whoever made the bundle. */
  licence: z.string().min(1).max(5000).optional(),
  /** Where the library comes from. */
  sourceUrl: webAddress.optional(),
  /** Address of a molecule elsewhere, with {id}, {inchiKey} or {smiles} in it. */
  link: z.string().refine((template) => linkProblem(template) === undefined, 'not a link template').optional(),
};

export const libraryFactsSchema = z.strictObject(libraryFacts);
export type LibraryFacts = z.output<typeof libraryFactsSchema>;

/** Without those that are not stated. */
export function statedFacts({ licence, sourceUrl, link }: { readonly [Fact in keyof LibraryFacts]?: LibraryFacts[Fact] | undefined }): LibraryFacts {
  return { ...(licence === undefined ? {} : { licence }), ...(sourceUrl === undefined ? {} : { sourceUrl }), ...(link === undefined ? {} : { link }) };
}

export const manifestSchema = z.strictObject({
  format: z.literal(BUNDLE_FORMAT),
  version: z.literal(BUNDLE_VERSION),
  name: bundleNameSchema,
  generation: z.string(),
  createdAt: z.string(),
  dimension: z.int().min(1),
  metric: z.literal('cosine'),
  /** Distinct molecules: rows of vectors, labels of the index. */
  count: z.int().min(0),
  index: z.strictObject({ backend: z.string(), parameters: jsonObject, file: relativePath }),
  towers: z.array(towerSchema).min(1),
  /** Name of the tower that made the stored vectors. */
  gallery: z.string(),
  /** Further towers that embedded the same molecules, each with an index of the same backend; absent where `gallery` alone did. */
  galleries: z.array(gallerySchema).min(1).optional(),
  /** Versions of what decides a molecule's identity and features. */
  chemistry: z.record(z.string(), z.string()),
  /** Free facts about the model: recipe, metrics, training data. */
  model: jsonObject,
  /** Name of the folder that the model was read from; absent in bundles of earlier versions. */
  modelId: z.string().optional(),
  ...libraryFacts,
  /** How the map was made, and how much of each neighbourhood it keeps; absent where there is none. */
  map: z.strictObject({
    file: relativePath,
    method: z.string(),
    /** Of the 10 nearest by embedding, the share among the 100 nearest on the map, over a sample. */
    neighbourShare: z.number().min(0).max(1),
    /** The same of the plane of largest spread. */
    principalShare: z.number().min(0).max(1),
  }).optional(),
  sources: z.array(z.strictObject({ file: z.string(), bytes: z.int().min(0), sha256: sha256.nullable(), records: z.int().min(0) })),
  counts: z.strictObject({ records: z.int().min(0), rejected: z.int().min(0), merged: z.int().min(0) }),
  command: z.string(),
  seed: z.int().min(0),
  /** By tower name: random pairs of that tower's embeddings with the gallery's. */
  backgrounds: z.record(z.string(), backgroundSchema),
  canaries: z.strictObject({
    /** The index must return these labels and scores for these rows. */
    neighbours: neighboursSchema,
    /** Encoding these molecules must give the vectors of these rows. */
    molecules: z.array(z.strictObject({ row: z.int().min(0), smiles: z.string() })),
  }),
  /** Every other file of the generation. */
  files: z.array(z.strictObject({ path: relativePath, bytes: z.int().min(0), sha256 })),
});

export type BundleManifest = z.output<typeof manifestSchema>;
export type BundleTower = z.output<typeof towerSchema>;
export type GalleryFiles = z.output<typeof gallerySchema>;
export type Background = z.output<typeof backgroundSchema>;

export const MANIFEST_FILE = 'manifest.json';
export const VECTORS_FILE = 'vectors.f32';
export const INDEX_FILE = 'ann.index';
export const MOLECULES_FILE = 'molecules.sqlite';
/** Columns of what the molecules are compared and filtered by. */
export const PROFILES_FILE = 'profiles.bin';
export const CURRENT_FILE = 'CURRENT';

/** SHA-256 of the encoder that embeds the library's molecules. */
export function galleryDigest({ gallery, towers, files }: BundleManifest): string | undefined {
  const file = towers.find(({ name }) => name === gallery)?.file;
  return files.find(({ path }) => path === file)?.sha256;
}

/** Everything that a query can be compared with; what the score, the map and the backgrounds were made of comes first. */
export function galleriesOf({ gallery, index, canaries, galleries = [] }: BundleManifest): [GalleryFiles, ...GalleryFiles[]] {
  return [{ tower: gallery, vectors: VECTORS_FILE, index: index.file, neighbours: canaries.neighbours }, ...galleries];
}

/** A tower by its name, or else the first of a modality; undefined where there is none. */
export function towerCalled<Tower extends Pick<BundleTower, 'name' | 'modality'>>(towers: readonly Tower[], wanted: string): Tower | undefined {
  return towers.find(({ name }) => name === wanted) ?? towers.find(({ modality }) => modality === wanted);
}

/** What towers are called, for messages: "drawing, structure (fingerprint)". */
export function towerNames(towers: readonly Pick<BundleTower, 'name' | 'modality'>[]): string {
  return towers.map(({ name, modality }) => (name === modality ? name : `${name} (${modality})`)).join(', ');
}
