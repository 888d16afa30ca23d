/** From a batch of sources to tensors, whatever the modality. */
import type { ChemPool } from '../chem/index.ts';
import { IsoLensError, toIsoLensError } from '../core/index.ts';
import type { NamedTensors } from '../inference/index.ts';
import type { ImageItem, ImageModality, Modality, ModalityBatch, ModalityError, MoleculeModality, Portrayer, ProfileModality } from './define.ts';

/** SMILES for a molecule modality; for an image modality the content of a file, or of the files of one item; a prepared profile. */
export type ModalityItem = string | Uint8Array | readonly Uint8Array[] | Float32Array;

export interface ModalityServices {
  readonly chem: Pick<ChemPool, 'featurise'>;
}

export interface FeaturiseOptions {
  readonly signal?: AbortSignal;
  /** A person waits for it. */
  readonly urgent?: boolean;
}

/** A bad item becomes an error of its own; the others go on. With no usable item the tensors have no rows. */
export async function featuriseItems<Config>(modality: Modality<Config>, items: readonly ModalityItem[], config: Config, services: ModalityServices, options: FeaturiseOptions = {}): Promise<ModalityBatch> {
  if (modality.source === 'molecule') return fromMolecules(modality, items, config, services, options);
  return modality.source === 'image' ? fromImages(modality, items, config, options) : fromProfiles(modality, items, config);
}

async function fromMolecules<Config>(modality: MoleculeModality<Config>, items: readonly ModalityItem[], config: Config, { chem }: ModalityServices, options: FeaturiseOptions): Promise<ModalityBatch> {
  const smiles = items.map((item) => (typeof item === 'string' ? item : wrongSource(modality.id, 'a SMILES')));
  const batch = await chem.featurise(smiles, modality.request(config), options);
  return { rows: batch.rows, tensors: modality.tensors(batch, config, { from: 0, to: batch.rows.length }), errors: batch.errors, molecules: batch.molecules };
}

async function fromImages<Config>(modality: ImageModality<Config>, items: readonly ModalityItem[], config: Config, { signal }: FeaturiseOptions): Promise<ModalityBatch> {
  const rows: number[] = [];
  const errors: ModalityError[] = [];
  const read: ImageItem[] = [];
  for (const [index, item] of items.entries()) {
    if (signal?.aborted === true) throw new IsoLensError('CANCELLED', 'The work was cancelled.');
    try {
      const [bytes, ...more] = item instanceof Uint8Array ? [item] : typeof item === 'string' || item instanceof Float32Array ? [] : item;
      read.push(await modality.read(bytes ?? wrongSource(modality.id, 'the bytes of an image'), config, more));
      rows.push(index);
    } catch (thrown) {
      const { code, message, details } = toIsoLensError(thrown);
      errors.push({ index, code, message, details });
    }
  }
  return { rows: Int32Array.from(rows), tensors: stack(modality, config, read), errors, warnings: read.map(({ warnings }) => warnings) };
}

/** Profiles that were prepared with the modality's own settings; another width, or a number that is none, is an error of its own. */
function fromProfiles<Config>(modality: ProfileModality<Config>, items: readonly ModalityItem[], config: Config): ModalityBatch {
  const [input] = modality.inputs(config);
  const width = Number(input!.shape[1]);
  const rows: number[] = [];
  const errors: ModalityError[] = [];
  for (const [index, item] of items.entries()) {
    const found = item instanceof Float32Array ? item : wrongSource(modality.id, 'a prepared profile');
    if (found.length === width && found.every(Number.isFinite)) rows.push(index);
    else errors.push({ index, code: 'RECORD_INVALID', message: `Expected ${width} finite numbers of a profile but received ${found.length === width ? 'some that are not finite' : found.length}.`, details: {} });
  }
  const data = new Float32Array(rows.length * width);
  rows.forEach((index, row) => data.set(items[index] as Float32Array, row * width));
  return { rows: Int32Array.from(rows), tensors: { [input!.role]: { dtype: 'f32', data, shape: [rows.length, width] } }, errors };
}

/** Molecules as the pictures by which a library shows them; one that cannot be drawn or read so is among the errors. */
export async function featurisePortraits<Config>(modality: ImageModality<Config>, smiles: readonly string[], config: Config, chem: Portrayer): Promise<ModalityBatch> {
  if (modality.portray === undefined) throw new IsoLensError('ARGUMENT_INVALID', `Expected a modality that can show molecules as pictures but received "${modality.id}".`);
  const portraits = await modality.portray(smiles, chem);
  return fromImages(modality, portraits.map((bytes) => bytes ?? new Uint8Array(0)), config, {});
}

function wrongSource(id: string, expected: string): never {
  throw new IsoLensError('ARGUMENT_INVALID', `Expected ${expected} for the modality "${id}" but received something else.`);
}

/** One tensor a role, items along the first axis. */
function stack<Config>(modality: ImageModality<Config>, config: Config, items: readonly ImageItem[]): NamedTensors {
  return Object.fromEntries(
    modality.inputs(config).map(({ role, shape }) => {
      const item = shape.slice(1).map(Number);
      const size = item.reduce((product, length) => product * length, 1);
      const data = new Float32Array(items.length * size);
      items.forEach(({ parts }, i) => data.set(parts[role]!, i * size));
      return [role, { dtype: 'f32' as const, data, shape: [items.length, ...item] }];
    }),
  );
}
