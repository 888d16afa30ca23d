import { createHash } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import { writeAtomic, writeError } from '../../bundle/index.ts';
import { IsoLensError } from '../../core/index.ts';
import type { SearchEngine } from '../../search/index.ts';
import { withEngine } from '../with-engine.ts';
import type { Context } from '../context.ts';
import { imageItems, moleculeItems } from '../embed-items.ts';
import type { EmbedItem } from '../embed-items.ts';
import { EXIT } from '../exit.ts';
import { inputName } from '../library.ts';
import { bundleOption, libraryOptions } from '../options.ts';
import type { LibraryFlags } from '../options.ts';
import type { Register } from './define.ts';

const BATCH = 256;
/** Pictures are held decoded while they wait. */
const IMAGE_BATCH = 32;

interface EmbedFlags extends LibraryFlags {
  readonly bundle: string;
  readonly modality: string;
  readonly input: string;
  readonly output: string;
  readonly json?: boolean;
}

interface Reject {
  readonly line: number;
  readonly id: string | null;
  readonly input: string;
  readonly code: string;
  readonly message: string;
}

/** What a person says and the tower that reads it; every other word is passed on as a modality or a tower of the bundle. */
const TOWERS: Readonly<Record<string, string>> = { smiles: 'molecule' };

export const registerEmbed: Register = (program, contextOf) => {
  const command = bundleOption(program.command('embed').description('Embed molecules or pictures with the encoders of a bundle: float32, little-endian, row by row.'))
    .requiredOption('--modality <modality>', 'smiles, drawing, or another modality or tower of the bundle')
    .requiredOption('--input <file>', 'a library; for pictures a folder, one picture, or a list of files (one a line, or a table with a column "file")')
    .requiredOption('--output <file>', 'where the vectors go; FILE.json beside it says what they are')
    .option('--json', 'print a summary as JSON');
  libraryOptions(command).action(async (flags: EmbedFlags) => {
    const context = contextOf();
    const output = resolve(flags.output);
    if (await stat(output).then((found) => found.isDirectory(), () => false)) throw new IsoLensError('ARGUMENT_INVALID', `Expected a file for --output but ${output} is a directory.`);
    await withEngine(context, flags.bundle, { chemWorkers: context.threads }, async ({ engine }) => {
      const { count, dimension, rejects } = await embedAll(context, engine, flags, output);
      if (flags.json === true) context.print(JSON.stringify({ count, dimension, rejected: rejects.length }));
      else context.note(`${count} x ${dimension} in ${flags.output}; ${rejects.length} rejected.`);
      if (rejects.length > 0) process.exitCode = EXIT.rejects;
    });
  });
};

async function embedAll(context: Context, engine: SearchEngine, flags: EmbedFlags, output: string): Promise<{ count: number; dimension: number; rejects: Reject[] }> {
  const tower = TOWERS[flags.modality] ?? flags.modality;
  const source = engine.sourceOf(tower);
  if (source === 'table') throw new IsoLensError('MODALITY_UNSUPPORTED', 'Expected molecules or pictures to embed but "--modality profile" reads tables of profiles; search by them with "isolens search --profile".');
  const items = source === 'image' ? imageItems(flags.input) : moleculeItems(context, flags.input, flags);
  const temporary = `${output}.tmp`;
  const sink = new VectorSink(await open(temporary, 'w').catch((error: unknown) => { throw writeError(error, output); }));
  const { dimension } = engine.manifest;
  try {
    context.progress.start(`embedding ${inputName(flags.input)}`);
    for await (const batch of batchesOf(items, source === 'image' ? IMAGE_BATCH : BATCH)) {
      if (context.signal.aborted) throw new IsoLensError('CANCELLED', 'Embedding was interrupted; nothing was written.');
      await sink.add(engine, tower, batch);
      context.progress.update(sink.ids.length + sink.rejects.length, sink.rejects.length > 0 ? `${sink.rejects.length} rejected` : '');
    }
    context.progress.finish(`${sink.ids.length} vectors`);
    await sink.file.sync();
    await sink.file.close();
    const { name, generation } = engine.manifest;
    const sidecar = {
      count: sink.ids.length, dimension, dtype: 'float32', order: 'row-major, little-endian', modality: flags.modality, bundle: { name, generation },
      input: inputName(flags.input), sha256: sink.hash.digest('hex'), rejects: sink.rejects, ids: sink.ids,
    };
    await writeAtomic(`${output}.json`, `${JSON.stringify(sidecar)}\n`);
    await rename(temporary, output);
    return { count: sink.ids.length, dimension, rejects: sink.rejects };
  } catch (error) {
    await sink.file.close().catch(() => {});
    await rm(temporary, { force: true });
    throw writeError(error, output);
  }
}

/** Appends vectors to a file and remembers whose they are. */
class VectorSink {
  readonly ids: string[] = [];
  readonly rejects: Reject[] = [];
  readonly hash = createHash('sha256');
  readonly file: FileHandle;

  constructor(file: FileHandle) {
    this.file = file;
  }

  async add(engine: SearchEngine, tower: string, batch: readonly EmbedItem[]): Promise<void> {
    const usable = batch.filter((item) => item.content !== undefined);
    const { rows, vectors, errors } = await engine.embed(tower, usable.map((item) => item.content!));
    const failures = new Map(errors.map((error) => [usable[error.index]!, error]));
    for (const item of batch) {
      const error = item.error ?? failures.get(item);
      if (error !== undefined) this.rejects.push({ line: item.line, id: item.id, input: item.input, code: error.code, message: error.message });
    }
    for (const row of rows) this.ids.push(usable[row]!.id ?? usable[row]!.input);
    // Float32Array is little-endian on every machine that Node.js runs on.
    const bytes = new Uint8Array(vectors.data.buffer, vectors.data.byteOffset, vectors.data.byteLength);
    this.hash.update(bytes);
    await this.file.writeFile(bytes);
  }
}

async function* batchesOf<Item>(items: AsyncIterable<Item>, size: number): AsyncGenerator<Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
