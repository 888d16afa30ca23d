/** One tower's part of a bundle under way. */
import { mkdir, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { IndexBuilder, indexBackend } from '../../ann/index.ts';
import type { VectorIndex } from '../../ann/index.ts';
import { Gallery, INDEX_FILE, VECTORS_FILE, openMapped } from '../../bundle/index.ts';
import type { BundleWriter, GalleryFiles, Model } from '../../bundle/index.ts';
import { IsoLensError, matrixOf, rowOf } from '../../core/index.ts';
import type { Matrix, Progress } from '../../core/index.ts';

/** Rows inserted into the index at a time: between two, its progress can be seen. */
const INDEX_ROWS = 256;
const NEIGHBOUR_CANARIES = 8;
const CANARY_NEIGHBOURS = 10;
const POLL_MS = 200;
/** Portions that may wait for the index. */
const PORTIONS_AHEAD = 64;

export interface IndexOptions {
  /** Id of the vector index, and those of its parameters that differ from the defaults. */
  readonly backend: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal | undefined;
  readonly progress: Progress;
}

/** The vectors of one tower, row by row, and the index that grows over them in a thread of its own. */
export class GalleryWriter {
  readonly files: Pick<GalleryFiles, 'tower' | 'vectors' | 'index'>;
  private readonly writer: BundleWriter;
  private readonly dimension: number;
  private readonly options: IndexOptions;
  private readonly builder: IndexBuilder;
  private file: FileHandle | undefined;
  private rows = 0;
  private indexing: Promise<unknown> = Promise.resolve();
  /** Portions that the index has not taken yet. */
  private readonly waiting: Promise<void>[] = [];

  /** The model's own gallery lies at the top of the bundle, others in folders of their own. */
  constructor(writer: BundleWriter, { dimension, gallery }: Pick<Model, 'dimension' | 'gallery'>, tower: string, options: IndexOptions) {
    const folder = tower === gallery ? '' : `galleries/${tower}/`;
    this.files = { tower, vectors: `${folder}${VECTORS_FILE}`, index: `${folder}${INDEX_FILE}` };
    this.writer = writer;
    this.dimension = dimension;
    this.options = options;
    this.builder = new IndexBuilder(options.backend, dimension, options.parameters ?? {});
  }

  /** The next rows; the index takes them in its own time. */
  async append(rows: Float32Array): Promise<void> {
    const { dimension } = this;
    this.file ??= await this.create();
    await this.file.writeFile(new Uint8Array(rows.buffer));
    const count = rows.length / dimension;
    for (let from = 0; from < count; from += INDEX_ROWS) await this.enqueue(matrixOf(rows.subarray(from * dimension, Math.min(from + INDEX_ROWS, count) * dimension), dimension));
    this.rows += count;
  }

  /** Waits for the index, writes it, and opens both as a reader will. */
  async finish(): Promise<Gallery> {
    const { backend } = this.options;
    await this.closeFile();
    await this.finishIndex();
    // The index is on disk: its thread's memory is free for what comes.
    await this.builder.close();
    const buffer = await openMapped(this.writer.path(this.files.vectors), this.rows * this.dimension * Float32Array.BYTES_PER_ELEMENT);
    const vectors = matrixOf(new Float32Array(buffer), this.dimension);
    return new Gallery(this.files.tower, vectors, await indexBackend(backend).load(this.writer.path(this.files.index), vectors));
  }

  async close(): Promise<void> {
    await this.closeFile();
    this.indexing.catch(() => {});
    await this.builder.close();
  }

  private async create(): Promise<FileHandle> {
    const path = this.writer.path(this.files.vectors);
    await mkdir(dirname(path), { recursive: true });
    return open(path, 'w');
  }

  private async closeFile(): Promise<void> {
    await this.file?.close();
    this.file = undefined;
  }

  /** What waits is held in memory: not the whole library at once. */
  private async enqueue(rows: Matrix): Promise<void> {
    while (this.waiting.length >= PORTIONS_AHEAD) await this.waiting.shift();
    const added = this.builder.add(rows);
    this.waiting.push(added);
    this.indexing = Promise.all([this.indexing, added]);
    // Reported when the index is finished; not as an unhandled rejection before.
    this.indexing.catch(() => {});
  }

  private async finishIndex(): Promise<void> {
    const { backend, progress, signal } = this.options;
    progress.start(`${backend} index${this.files.index === INDEX_FILE ? '' : ` of ${this.files.tower}`}`, this.rows);
    const timer = setInterval(() => progress.update(this.builder.count), POLL_MS);
    const interrupted = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(new IsoLensError('CANCELLED', 'The build was interrupted; finished parts are kept, and the same command goes on from there.')), { once: true });
    });
    interrupted.catch(() => {});
    try {
      await Promise.race([this.indexing, interrupted]);
      await this.builder.save(this.writer.path(this.files.index));
    } finally {
      clearInterval(timer);
    }
    progress.finish(`${this.rows} vectors`);
  }
}

/** Queries spread over the library, with what the index answers now. */
export function neighbourCanaries({ vectors, index }: { readonly vectors: Matrix; readonly index: VectorIndex }): GalleryFiles['neighbours'] {
  const step = Math.ceil(vectors.rows / NEIGHBOUR_CANARIES);
  const rows = Array.from({ length: Math.ceil(vectors.rows / step) }, (_, i) => i * step);
  return rows.map((row) => {
    const { labels, scores } = index.search(rowOf(vectors, row), CANARY_NEIGHBOURS);
    return { row, labels: [...labels], scores: [...scores] };
  });
}
