import { copyFile, open, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { ColumnWriter, MOLECULES_FILE, PROFILES_FILE, backgroundOf, galleryTower } from '../../bundle/index.ts';
import type { BundleManifest, BundleWriter, LibraryFacts, Model } from '../../bundle/index.ts';
import { STANDARDISER_VERSION } from '../../chem/index.ts';
import { IsoLensError, rowBytes, systemErrorCode } from '../../core/index.ts';
import { PathCounter, READINGS_FILE, ReadingTableBuilder, graphOfSmiles, tableParts } from '../../reading/index.ts';
import type { PathCounts } from '../../reading/index.ts';
import { PROFILE_COLUMNS, PROFILE_VERSION, SCORE_FILE, ScaffoldNumbers, bytesOf, readScore } from '../../score/index.ts';
import { MoleculeWriter } from '../../store/index.ts';
import { neighbourCanaries } from './gallery.ts';
import type { GalleryWriter, IndexOptions } from './gallery.ts';
import { writeMap } from './map.ts';
import { Merger } from './merge.ts';
import type { FinishedMolecule } from './merge.ts';
import { NO_NOTICES, addNotices, readShard } from './shard.ts';
import type { Notices, Shard } from './shard.ts';

export const REJECTS_FILE = 'rejects.jsonl';

const MOLECULE_CANARIES = 4;

export interface PublishOptions extends IndexOptions {
  readonly command: string;
  readonly seed: number;
  readonly now: () => Date;
  readonly rejectsPath?: string | undefined;
  /** What is said of the library beside what it holds. */
  readonly facts?: LibraryFacts | undefined;
  /** false: no map is made. */
  readonly map?: boolean | undefined;
  /** Of the model, where it is not the name of its folder. */
  readonly modelId?: string | undefined;
}

/** Puts finished shards together: rows, vectors, index, molecules; then publishes. */
export class Assembly {
  records = 0;
  rejected = 0;
  notices: Notices = NO_NOTICES;
  private readonly writer: BundleWriter;
  private readonly model: Model;
  private readonly galleries: readonly [GalleryWriter, ...GalleryWriter[]];
  private readonly merger = new Merger();
  private shards = 0;
  private rejectFile: FileHandle | undefined;
  private firstReject = '';

  /** galleries: in the order in which shards hold their vectors. */
  constructor(writer: BundleWriter, model: Model, galleries: readonly [GalleryWriter, ...GalleryWriter[]]) {
    this.writer = writer;
    this.model = model;
    this.galleries = galleries;
  }

  get count(): number {
    return this.merger.count;
  }

  get renamedIds(): number {
    return this.merger.renamedIds;
  }

  /** Begins with what an earlier generation refused. */
  async takeOver({ path, count }: { readonly path: string; readonly count: number }): Promise<void> {
    await copyFile(path, this.writer.path(REJECTS_FILE));
    this.rejectFile = await open(this.writer.path(REJECTS_FILE), 'a');
    this.rejected += count;
    this.records += count;
  }

  /** Takes the next shard of the library. */
  async accept(shard: Shard): Promise<void> {
    this.merger.accept(shard);
    this.rejectFile ??= await open(this.writer.path(REJECTS_FILE), 'w');
    await this.rejectFile.writeFile(shard.rejects.map(({ line, id, input, code, message }) => `${JSON.stringify({ line, id, input, code, message })}\n`).join(''));
    this.firstReject ||= shard.rejects[0]?.message ?? '';
    this.rejected += shard.rejects.length;
    this.notices = addNotices(this.notices, shard.notices);
    this.records += shard.records;
    this.shards++;
  }

  async publish(options: PublishOptions, sources: BundleManifest['sources']): Promise<BundleManifest> {
    const { progress, seed } = options;
    await this.close();
    if (options.rejectsPath !== undefined && this.records > 0) await copyFile(this.writer.path(REJECTS_FILE), options.rejectsPath);
    if (this.count === 0) throw this.empty(sources.at(-1)?.file ?? 'the library');
    progress.start('rows', this.count);
    const smiles = await this.writeMolecules((rows) => progress.update(rows));
    progress.finish(`${this.count} molecules`);
    const [own, ...others] = this.galleries;
    const { vectors, index } = await own.finish();
    const galleries: BundleManifest['galleries'] = [];
    // One after another: each holds all its vectors in memory.
    for (const other of others) galleries.push({ ...other.files, neighbours: neighbourCanaries(await other.finish()) });
    const map = options.map === false ? undefined : await writeMap(this.writer, vectors, index, options);
    progress.start('bundle');
    await this.copyEncoders();
    const manifest = await this.writer.publish({
      dimension: this.model.dimension, count: this.count,
      index: { backend: options.backend, parameters: index.stats().parameters, file: own.files.index },
      towers: this.model.towers.map(({ sha256: _, ...tower }) => ({ ...tower, file: encoderFile(tower.name) })),
      gallery: this.model.gallery,
      ...(galleries.length === 0 ? {} : { galleries }),
      chemistry: { standardiser: STANDARDISER_VERSION, profile: PROFILE_VERSION },
      model: this.model.info, modelId: options.modelId ?? basename(this.model.directory),
      ...options.facts,
      ...(map === undefined ? {} : { map }),
      sources,
      counts: { records: this.records, rejected: this.rejected, merged: this.merger.merged },
      command: options.command, seed,
      backgrounds: { [this.model.gallery]: backgroundOf(vectors, vectors, seed) },
      canaries: { neighbours: neighbourCanaries({ vectors, index }), molecules: smiles },
    }, options.now());
    progress.finish(`${manifest.name} ${manifest.generation}: ${this.count} molecules`);
    return manifest;
  }

  async close(): Promise<void> {
    await this.rejectFile?.close();
    this.rejectFile = undefined;
  }

  private async copyEncoders(): Promise<void> {
    for (const tower of this.model.towers) await copyFile(`${this.model.directory}/${tower.file}`, this.writer.path(encoderFile(tower.name)));
    // A model may have none yet; its bundles are then ranked by the cosine alone. One of another encoder is refused.
    await readScore(this.model.directory, galleryTower(this.model).sha256);
    await copyFile(`${this.model.directory}/${SCORE_FILE}`, this.writer.path(SCORE_FILE)).catch((error: unknown) => { if (systemErrorCode(error) !== 'ENOENT') throw error; });
  }

  /** Reads the shards once more, now that it is known which records are rows; indexes grow in their own threads meanwhile. Returns molecules for the encoder's canaries. */
  private async writeMolecules(told: (rows: number) => void): Promise<{ row: number; smiles: string }[]> {
    const molecules = new MoleculeWriter(this.writer.path(MOLECULES_FILE));
    const profiles = await ProfileRows.create(this.writer.path(PROFILES_FILE), this.count);
    const canaries: { row: number; smiles: string }[] = [];
    const readings = new ReadingRows();
    try {
      for (let index = 0; index < this.shards; index++) {
        const shard = await readShard(this.writer.workDirectory, index);
        if (shard === undefined) throw new IsoLensError('FILE_UNREADABLE', `Expected part ${index} of the build in ${this.writer.workDirectory} but it is gone; start the build again.`);
        const finished = this.merger.finished(shard);
        await this.appendVectors(shard, finished);
        molecules.insert(finished);
        await profiles.add(shard, finished);
        for (const { row, smiles } of finished) readings.add(row, smiles);
        for (const { row, smiles } of finished) if (canaries.length < MOLECULE_CANARIES && row % Math.ceil(this.count / MOLECULE_CANARIES) === 0) canaries.push({ row, smiles });
        told(readings.count);
      }
      await profiles.finish();
    } finally {
      molecules.close();
      await profiles.close();
    }
    await writeFile(this.writer.path(READINGS_FILE), readings.parts());
    return canaries;
  }

  private async appendVectors({ vectors }: Shard, finished: readonly FinishedMolecule[]): Promise<void> {
    const { dimension } = this.model;
    for (const [part, gallery] of this.galleries.entries()) {
      const rows = new Float32Array(finished.length * dimension);
      finished.forEach(({ position }, i) => {
        const from = (position * this.galleries.length + part) * dimension;
        rows.set(vectors.subarray(from, from + dimension), i * dimension);
      });
      await gallery.append(rows);
    }
  }

  private empty(file: string): IsoLensError {
    const reason = this.rejected === 0 ? 'it holds no record' : `all ${this.rejected} were rejected, the first because: ${this.firstReject}`;
    return new IsoLensError('RECORD_INVALID', `Expected at least one molecule in ${file} but ${reason}`);
  }
}

/** What molecules are compared and filtered by, column by column. */
class ProfileRows {
  private readonly writer: ColumnWriter;
  private readonly scaffolds = new ScaffoldNumbers();

  private constructor(writer: ColumnWriter) {
    this.writer = writer;
  }

  static async create(path: string, count: number): Promise<ProfileRows> {
    return new ProfileRows(await ColumnWriter.create(path, PROFILE_COLUMNS, count, PROFILE_VERSION));
  }

  /** The next rows: those of a shard's entries that became molecules. */
  async add({ columns }: Shard, finished: readonly FinishedMolecule[]): Promise<void> {
    const scaffold = bytesOf(Int32Array.from(finished, (molecule) => this.scaffolds.of(molecule.scaffold)));
    const rows = Object.fromEntries(PROFILE_COLUMNS.map((column) => [column.name, column.of === undefined ? scaffold : chosenRows(columns[column.name]!, rowBytes(column), finished)]));
    await this.writer.append(finished.length, rows);
  }

  finish(): Promise<void> {
    return this.writer.finish();
  }

  close(): Promise<void> {
    return this.writer.close();
  }
}

function chosenRows(bytes: Uint8Array, width: number, finished: readonly FinishedMolecule[]): Uint8Array {
  const chosen = new Uint8Array(finished.length * width);
  finished.forEach(({ position }, i) => chosen.set(bytes.subarray(position * width, (position + 1) * width), i * width));
  return chosen;
}

/** What readings of drawings are compared with, row by row. */
class ReadingRows {
  private readonly counter = new PathCounter();
  private readonly builder = new ReadingTableBuilder();
  private rows = 0;

  get count(): number {
    return this.rows;
  }

  add(row: number, smiles: string): void {
    if (row !== this.rows++) throw new IsoLensError('INTERNAL', `Expected row ${this.rows - 1} of the molecules but received ${row}.`);
    this.builder.add(countsOf(smiles, this.counter));
  }

  parts(): Uint8Array[] {
    return tableParts(this.builder.parts());
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
