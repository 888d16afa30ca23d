import { copyFile, open, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { indexBackend } from '../../ann/index.ts';
import type { IndexBuilder, VectorIndex } from '../../ann/index.ts';
import { INDEX_FILE, MOLECULES_FILE, VECTORS_FILE, backgroundOf, galleryTower, readFloats } from '../../bundle/index.ts';
import type { BundleManifest, BundleWriter, LibraryFacts, Model } from '../../bundle/index.ts';
import { STANDARDISER_VERSION } from '../../chem/index.ts';
import { IsoLensError, matrixOf, rowOf, systemErrorCode } from '../../core/index.ts';
import type { Matrix, Progress } from '../../core/index.ts';
import { PathCounter, READINGS_FILE, ReadingTableBuilder, graphOfSmiles, tableParts } from '../../reading/index.ts';
import type { PathCounts } from '../../reading/index.ts';
import { PROFILE_VERSION, SCORE_FILE, readScore } from '../../score/index.ts';
import { MoleculeWriter } from '../../store/index.ts';
import { writeMap } from './map.ts';
import { Merger } from './merge.ts';
import { NO_NOTICES, addNotices, readShard } from './shard.ts';
import type { Notices, Shard } from './shard.ts';

export const REJECTS_FILE = 'rejects.jsonl';

/** Rows inserted into the index at a time: between two, its progress can be seen. */
const INDEX_ROWS = 256;
const NEIGHBOUR_CANARIES = 8;
const MOLECULE_CANARIES = 4;
const CANARY_NEIGHBOURS = 10;
const POLL_MS = 200;

export interface PublishOptions {
  readonly backend: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly command: string;
  readonly seed: number;
  readonly now: () => Date;
  readonly signal?: AbortSignal | undefined;
  readonly progress: Progress;
  readonly rejectsPath?: string | undefined;
  /** What is said of the library beside what it holds. */
  readonly facts?: LibraryFacts | undefined;
  /** false: no map is made. */
  readonly map?: boolean | undefined;
}

/** Puts finished shards together: rows, vectors, index, molecules; then publishes. */
export class Assembly {
  records = 0;
  rejected = 0;
  notices: Notices = NO_NOTICES;
  private readonly writer: BundleWriter;
  private readonly model: Model;
  private readonly builder: IndexBuilder;
  private readonly merger = new Merger();
  private shards = 0;
  private vectorFile: FileHandle | undefined;
  private rejectFile: FileHandle | undefined;
  private firstReject = '';
  private indexing: Promise<unknown> = Promise.resolve();

  constructor(writer: BundleWriter, model: Model, builder: IndexBuilder) {
    this.writer = writer;
    this.model = model;
    this.builder = builder;
  }

  get count(): number {
    return this.merger.count;
  }

  get renamedIds(): number {
    return this.merger.renamedIds;
  }

  /** Takes the next shard of the library. The index grows in its own thread meanwhile. */
  async accept(shard: Shard): Promise<void> {
    const { dimension } = this.model;
    const fresh = this.merger.accept(shard);
    const rows = new Float32Array(fresh.length * dimension);
    fresh.forEach((position, i) => rows.set(shard.vectors.subarray(position * dimension, (position + 1) * dimension), i * dimension));
    this.vectorFile ??= await open(this.writer.path(VECTORS_FILE), 'w');
    this.rejectFile ??= await open(this.writer.path(REJECTS_FILE), 'w');
    await this.vectorFile.writeFile(new Uint8Array(rows.buffer));
    for (let from = 0; from < fresh.length; from += INDEX_ROWS) this.enqueue(matrixOf(rows.subarray(from * dimension, Math.min(from + INDEX_ROWS, fresh.length) * dimension), dimension));
    await this.rejectFile.writeFile(shard.rejects.map(({ line, id, input, code, message }) => `${JSON.stringify({ line, id, input, code, message })}\n`).join(''));
    this.firstReject ||= shard.rejects[0]?.message ?? '';
    this.rejected += shard.rejects.length;
    this.notices = addNotices(this.notices, shard.notices);
    this.records += shard.records;
    this.shards++;
  }

  async publish(options: PublishOptions, source: BundleManifest['sources'][number]): Promise<BundleManifest> {
    const { progress, seed } = options;
    await this.close();
    if (options.rejectsPath !== undefined && this.records > 0) await copyFile(this.writer.path(REJECTS_FILE), options.rejectsPath);
    if (this.count === 0) throw this.empty(source.file);
    await this.finishIndex(options);
    const { data } = await readFloats(this.writer.path(VECTORS_FILE), this.count * this.model.dimension);
    const vectors = matrixOf(data, this.model.dimension);
    const index = await indexBackend(options.backend).load(this.writer.path(INDEX_FILE), vectors);
    const map = options.map === false ? undefined : await writeMap(this.writer, vectors, index, options);
    progress.start('bundle');
    await this.copyEncoders();
    const smiles = await this.writeMolecules();
    const manifest = await this.writer.publish({
      dimension: this.model.dimension, count: this.count,
      index: { backend: options.backend, parameters: index.stats().parameters, file: INDEX_FILE },
      towers: this.model.towers.map(({ sha256: _, ...tower }) => ({ ...tower, file: encoderFile(tower.name) })),
      gallery: this.model.gallery,
      chemistry: { standardiser: STANDARDISER_VERSION, profile: PROFILE_VERSION },
      model: this.model.info, modelId: basename(this.model.directory),
      ...options.facts,
      ...(map === undefined ? {} : { map }),
      sources: [source],
      counts: { records: this.records, rejected: this.rejected, merged: this.merger.merged },
      command: options.command, seed,
      backgrounds: { [this.model.gallery]: backgroundOf(vectors, vectors, seed) },
      canaries: { neighbours: neighbourCanaries(vectors, index), molecules: smiles },
    }, options.now());
    progress.finish(`${manifest.name} ${manifest.generation}: ${this.count} molecules`);
    return manifest;
  }

  async close(): Promise<void> {
    await Promise.all([this.vectorFile?.close(), this.rejectFile?.close()]);
    this.vectorFile = undefined;
    this.rejectFile = undefined;
    this.indexing.catch(() => {});
  }

  private enqueue(rows: Matrix): void {
    const added = this.builder.add(rows);
    this.indexing = Promise.all([this.indexing, added]);
    // Reported when the index is finished; not as an unhandled rejection before.
    this.indexing.catch(() => {});
  }

  private async finishIndex({ progress, backend, signal }: PublishOptions): Promise<void> {
    progress.start(`${backend} index`, this.count);
    const timer = setInterval(() => progress.update(this.builder.count), POLL_MS);
    const interrupted = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(new IsoLensError('CANCELLED', 'The build was interrupted; finished parts are kept, and the same command goes on from there.')), { once: true });
    });
    interrupted.catch(() => {});
    try {
      await Promise.race([this.indexing, interrupted]);
      await this.builder.save(this.writer.path(INDEX_FILE));
    } finally {
      clearInterval(timer);
    }
    progress.finish(`${this.count} vectors`);
  }

  private async copyEncoders(): Promise<void> {
    for (const tower of this.model.towers) await copyFile(`${this.model.directory}/${tower.file}`, this.writer.path(encoderFile(tower.name)));
    // A model may have none yet; its bundles are then ranked by the cosine alone. One of another encoder is refused.
    await readScore(this.model.directory, galleryTower(this.model).sha256);
    await copyFile(`${this.model.directory}/${SCORE_FILE}`, this.writer.path(SCORE_FILE)).catch((error: unknown) => { if (systemErrorCode(error) !== 'ENOENT') throw error; });
  }

  /** Reads the shards once more, now that it is known what joined each row. Returns molecules for the encoder's canaries. */
  private async writeMolecules(): Promise<{ row: number; smiles: string }[]> {
    const molecules = new MoleculeWriter(this.writer.path(MOLECULES_FILE));
    const canaries: { row: number; smiles: string }[] = [];
    const readings = new ReadingRows();
    try {
      for (let index = 0; index < this.shards; index++) {
        const shard = await readShard(this.writer.workDirectory, index);
        if (shard === undefined) throw new IsoLensError('FILE_UNREADABLE', `Expected part ${index} of the build in ${this.writer.workDirectory} but it is gone; start the build again.`);
        const finished = this.merger.molecules(shard);
        molecules.insert(finished);
        for (const { row, smiles } of finished) readings.add(row, smiles);
        for (const { row, smiles } of finished) if (canaries.length < MOLECULE_CANARIES && row % Math.ceil(this.count / MOLECULE_CANARIES) === 0) canaries.push({ row, smiles });
      }
    } finally {
      molecules.close();
    }
    await writeFile(this.writer.path(READINGS_FILE), readings.parts());
    return canaries;
  }

  private empty(file: string): IsoLensError {
    const reason = this.rejected === 0 ? 'it holds no record' : `all ${this.rejected} were rejected, the first because: ${this.firstReject}`;
    return new IsoLensError('RECORD_INVALID', `Expected at least one molecule in ${file} but ${reason}`);
  }
}

/** What readings of drawings are compared with, row by row. */
class ReadingRows {
  private readonly counter = new PathCounter();
  private readonly builder = new ReadingTableBuilder();
  private rows = 0;

  add(row: number, smiles: string): void {
    if (row !== this.rows++) throw new IsoLensError('INTERNAL', `Expected row ${this.rows - 1} of the molecules but received ${row}.`);
    this.builder.add(countsOf(smiles, this.counter));
  }

  parts(): Uint8Array[] {
    return tableParts(this.builder.finish());
  }
}

/** A parent that this small reader cannot follow is an empty row, which no reading is like. */
function countsOf(smiles: string, counter: PathCounter): PathCounts {
  try {
    return counter.of(graphOfSmiles(smiles));
  } catch {
    return { keys: new Uint16Array(0), counts: new Uint8Array(0) };
  }
}

function encoderFile(tower: string): string {
  return `encoders/${tower}.onnx`;
}

/** Queries spread over the library, with what the index answers now. */
function neighbourCanaries(vectors: Matrix, index: VectorIndex): BundleManifest['canaries']['neighbours'] {
  const step = Math.ceil(vectors.rows / NEIGHBOUR_CANARIES);
  const rows = Array.from({ length: Math.ceil(vectors.rows / step) }, (_, i) => i * step);
  return rows.map((row) => {
    const { labels, scores } = index.search(rowOf(vectors, row), CANARY_NEIGHBOURS);
    return { row, labels: [...labels], scores: [...scores] };
  });
}
