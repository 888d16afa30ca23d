/** A reader of drawings on disk: `reader.json` beside its network. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { IsoLensError } from '../core/index.ts';
import { digestFile, writeAtomic } from './files.ts';

const FORMAT = 'isolens-reader';
const VERSION = 1;
const FILE = 'reader.json';

/** How far a reading can be trusted: weights of the log-odds, by what tells right readings from wrong ones (src/reading/confidence.ts). */
const trustSchema = z.strictObject({
  intercept: z.number(), atoms: z.number(), bonds: z.number(), weakest: z.number(), agreement: z.number(), provenance: z.record(z.string(), z.unknown()),
});
export type ReadingTrust = z.output<typeof trustSchema>;

const readerModelSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  reader: z.string(),
  config: z.record(z.string(), z.unknown()),
  /** Pixels of a cell of the maps. */
  stride: z.int().min(1),
  /** Bond length in pixels at which it reads. */
  bond: z.number().positive(),
  vocabulary: z.strictObject({
    classes: z.array(z.strictObject({ label: z.string(), element: z.int().min(0), isotope: z.int().positive().exactOptional(), smiles: z.string().exactOptional() })).min(1).readonly(),
    charges: z.array(z.int()).min(1).readonly(),
  }),
  file: z.string(),
  sha256: z.string(),
  /** Absent until it is calibrated. */
  trust: trustSchema.exactOptional(),
  /** The model card's facts. */
  info: z.record(z.string(), z.unknown()),
});

export type ReaderModelDescription = z.output<typeof readerModelSchema>;

export interface ReaderModel extends ReaderModelDescription {
  readonly directory: string;
}

/** Reads `reader.json` and checks that the network is the one it names. */
export async function readReaderModel(directory: string): Promise<ReaderModel> {
  const path = join(directory, FILE);
  const text = await readFile(path, 'utf8').catch(() => {
    throw new IsoLensError('MODEL_INVALID', `Expected a reader in ${directory} but there is no ${FILE}; train one with "isolens train structure-reader".`);
  });
  const parsed = readerModelSchema.safeParse(parseJson(text));
  if (!parsed.success) throw new IsoLensError('MODEL_INVALID', `Expected a description of a reader in ${path} but it is not valid: ${parsed.error.issues[0]?.path.join('.') ?? ''} ${parsed.error.issues[0]?.message ?? ''}.`);
  const file = join(directory, parsed.data.file);
  const found = await digestFile(file).catch(() => undefined);
  if (found?.sha256 !== parsed.data.sha256) {
    throw new IsoLensError('MODEL_INVALID', `Expected the network that ${path} describes in ${file}, but it is ${found === undefined ? 'missing' : 'another file'}; export the model again.`);
  }
  return { ...parsed.data, directory };
}

/** Writes the trust into the description of a reader. */
export async function writeReadingTrust({ directory, ...description }: ReaderModel, trust: ReadingTrust): Promise<void> {
  await writeAtomic(join(directory, FILE), `${JSON.stringify(readerModelSchema.parse({ ...description, trust }), null, 1)}\n`);
}

/** Describes a network that lies in the directory already. */
export async function writeReaderModel(directory: string, model: Omit<z.input<typeof readerModelSchema>, 'format' | 'version' | 'sha256'>): Promise<void> {
  const { sha256 } = await digestFile(join(directory, model.file));
  const description = readerModelSchema.parse({ format: FORMAT, version: VERSION, ...model, sha256 });
  await writeAtomic(join(directory, FILE), `${JSON.stringify(description, null, 1)}\n`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
