/**
 * Retrieval of molecules by real drawings: every image is a query, the gallery is a pool of molecules together with those
 * that are drawn, and a hit is the right skeleton (first block of the InChIKey of the standardised parent).
 */
import { IsoLensError, matrixOf } from '../core/index.ts';
import type { Matrix } from '../core/index.ts';
import { readLibrary } from '../ingest/index.ts';
import { checkSignal, formatShare } from './define.ts';
import type { EmbedImages, EmbedMolecules, EmbeddedItems, EvaluationServices, Table } from './define.ts';
import { readText } from './files.ts';
import { rankClasses } from './gallery.ts';
import type { Gallery } from './gallery.ts';
import { hardPool } from './hard-pool.ts';
import { parseLabels, readImage, resolveFile, spreadLabels } from './labels.ts';
import type { DrawingLabel } from './labels.ts';
import { meanInterval, meanReciprocalRank, recallAt, wilsonInterval } from './metrics.ts';
import type { Interval } from './metrics.ts';
import type { Products } from './products.ts';

export interface RetrievalShares {
  readonly n: number;
  readonly r1: number;
  readonly r5: number;
  readonly r10: number;
  readonly mrr: number;
  readonly r1Interval: Interval;
  readonly r5Interval: Interval;
  readonly r10Interval: Interval;
  readonly mrrInterval: Interval;
  readonly medianRank: number | null;
}

export interface DrawingsResult {
  /** Distinct skeletons in the gallery. */
  readonly pool: number;
  readonly sets: Readonly<Record<string, RetrievalShares>>;
  readonly all: RetrievalShares;
  /** Counted as never found: a set's `n` is the number of its images, whatever becomes of them. */
  readonly unreadableImages: number;
  /** Images whose labelled molecule cannot be standardised, and so cannot be found: counted as never found, too. */
  readonly unusableLabels: number;
  /** Molecules of the pool that cannot be used. */
  readonly unusableMolecules: number;
}

export interface DrawingsOptions extends EvaluationServices {
  /** Table with the columns file (relative to it), smiles and set. */
  readonly labels: string;
  /** Any library file. */
  readonly pool: string;
  /** Library files of which the nearest relatives of what is drawn join the pool: the hard pool. */
  readonly relativesFrom?: readonly string[] | undefined;
  readonly embedMolecules: EmbedMolecules;
  readonly embedImages: EmbedImages;
  /** A faster matrix product than this folder's own. */
  readonly products?: Products | undefined;
  /** At most this many images of each set, evenly spread. */
  readonly perSet?: number | undefined;
  /** Told each image's rank (null: never found), e.g. to look at the worst. */
  readonly onRank?: ((file: string, set: string, rank: number | null) => void) | undefined;
}

export async function evaluateDrawings(options: DrawingsOptions): Promise<DrawingsResult> {
  const { progress } = options;
  const labels = spreadLabels(parseLabels(options.labels, await readText(options.labels)), options.perSet);
  const pool = await readPool(options.pool);
  for (const smiles of await relativesOf(labels, options)) pool.smiles.add(smiles);
  const builder = new GalleryBuilder(options);
  const classes = await builder.add([...new Set(labels.map(({ smiles }) => smiles))], 'embedding the drawn molecules');
  await builder.add([...pool.smiles], 'embedding the pool');
  const gallery = builder.finish();

  const images = await embedFiles(labels.map(({ file }) => resolveFile(options.labels, file)), options);
  const usable = Array.from(images.rows.keys()).filter((row) => classes.has(labels[images.rows[row]!]!.smiles));
  const wanted = Int32Array.from(usable, (row) => classes.get(labels[images.rows[row]!]!.smiles)!);
  progress.start('ranking', usable.length);
  const found = await rankClasses(gallery, selectRows(images.vectors, usable), wanted, options.products, (done) => {
    checkSignal(options.signal);
    progress.update(done);
  });
  const ranks = new Array<number>(labels.length).fill(Number.POSITIVE_INFINITY);
  usable.forEach((row, i) => (ranks[images.rows[row]!] = found[i]!));
  labels.forEach(({ file, set }, i) => options.onRank?.(file, set, Number.isFinite(ranks[i]!) ? ranks[i]! : null));

  const sets = [...new Set(labels.map(({ set }) => set))];
  const all = sharesOf(ranks);
  progress.finish(`R@1 ${formatShare(all.r1)}, R@10 ${formatShare(all.r10)} among ${gallery.classes}`);
  return {
    pool: gallery.classes,
    sets: Object.fromEntries(sets.map((set) => [set, sharesOf(ranks.filter((_, i) => labels[i]!.set === set))])),
    all,
    unreadableImages: labels.length - images.rows.length,
    unusableLabels: labels.filter(({ smiles }) => !classes.has(smiles)).length,
    unusableMolecules: pool.rejected + builder.unusable,
  };
}

function sharesOf(ranks: readonly number[]): RetrievalShares {
  const n = ranks.length;
  const [r1, r5, r10] = [1, 5, 10].map((k) => recallAt(ranks, k)) as [number, number, number];
  const sorted = [...ranks].sort((a, b) => a - b);
  const median = sorted[n >> 1] ?? Number.POSITIVE_INFINITY;
  return {
    n,
    r1,
    r5,
    r10,
    mrr: meanReciprocalRank(ranks),
    r1Interval: wilsonInterval(r1, n),
    r5Interval: wilsonInterval(r5, n),
    r10Interval: wilsonInterval(r10, n),
    mrrInterval: meanInterval(ranks.map((rank) => 1 / rank)),
    medianRank: Number.isFinite(median) ? median : null,
  };
}

async function readPool(path: string): Promise<{ smiles: Set<string>; rejected: number }> {
  const smiles = new Set<string>();
  let rejected = 0;
  for await (const item of readLibrary({ path })) {
    if (item.kind === 'record') smiles.add(item.structure);
    else rejected++;
  }
  return { smiles, rejected };
}

async function relativesOf(labels: readonly DrawingLabel[], { relativesFrom, chem, progress, signal }: DrawingsOptions): Promise<string[]> {
  if (relativesFrom === undefined) return [];
  const { relatives } = await hardPool({ labels: [...new Set(labels.map(({ smiles }) => smiles))], sources: relativesFrom, chem, progress, signal });
  return relatives.flatMap((list) => list.map(({ parentSmiles }) => parentSmiles));
}

const MOLECULE_BATCH = 1024;
const IMAGE_BATCH = 64;

/** Collects vectors and gives every skeleton a number. */
class GalleryBuilder {
  unusable = 0;
  private readonly options: DrawingsOptions;
  private readonly numbers = new Map<string, number>();
  private readonly parts: Matrix[] = [];
  private readonly classOf: number[] = [];

  constructor(options: DrawingsOptions) {
    this.options = options;
  }

  /** The skeleton's number of each usable SMILES. */
  async add(smiles: readonly string[], stage: string): Promise<Map<string, number>> {
    const { progress, signal, embedMolecules } = this.options;
    const classes = new Map<string, number>();
    progress.start(stage, smiles.length);
    for (let from = 0; from < smiles.length; from += MOLECULE_BATCH) {
      checkSignal(signal);
      const batch = smiles.slice(from, from + MOLECULE_BATCH);
      const embedded = await embedMolecules(batch);
      const keys = await this.keysOf(batch, embedded);
      embedded.rows.forEach((index, row) => {
        const number = this.numbers.get(keys[row]!) ?? this.numbers.size;
        this.numbers.set(keys[row]!, number);
        this.classOf.push(number);
        classes.set(batch[index]!, number);
      });
      this.parts.push(embedded.vectors);
      this.unusable += batch.length - embedded.rows.length;
      progress.update(Math.min(smiles.length, from + MOLECULE_BATCH));
    }
    progress.finish(`${classes.size} of ${smiles.length}`);
    return classes;
  }

  finish(): Gallery {
    return { vectors: joinRows(this.parts), classOf: Int32Array.from(this.classOf), classes: this.numbers.size };
  }

  private async keysOf(smiles: readonly string[], { rows, molecules }: EmbeddedItems): Promise<string[]> {
    if (molecules !== undefined) return molecules.map(({ connectivityKey }) => connectivityKey);
    const outcomes = await this.options.chem.standardise(Array.from(rows, (index) => smiles[index]!));
    return outcomes.map((outcome) => {
      if (outcome.ok) return outcome.value.connectivityKey;
      throw new IsoLensError('INTERNAL', `Expected a molecule that was embedded to be standardised but: ${outcome.error.message}`);
    });
  }
}

async function embedFiles(files: readonly string[], { embedImages, progress, signal }: DrawingsOptions): Promise<{ rows: number[]; vectors: Matrix }> {
  const rows: number[] = [];
  const parts: Matrix[] = [];
  progress.start('embedding images', files.length);
  for (let from = 0; from < files.length; from += IMAGE_BATCH) {
    checkSignal(signal);
    const bytes = await Promise.all(files.slice(from, from + IMAGE_BATCH).map(readImage));
    const embedded = await embedImages(bytes);
    for (const index of embedded.rows) rows.push(from + index);
    parts.push(embedded.vectors);
    progress.update(Math.min(files.length, from + IMAGE_BATCH));
  }
  progress.finish(`${rows.length} of ${files.length}`);
  return { rows, vectors: joinRows(parts) };
}

function joinRows(parts: readonly Matrix[]): Matrix {
  const filled = parts.filter(({ rows }) => rows > 0);
  const data = new Float32Array(filled.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of filled) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return matrixOf(data, filled[0]?.cols ?? 1);
}

function selectRows({ data, cols }: Matrix, rows: readonly number[]): Matrix {
  return joinRows(rows.map((row) => matrixOf(data.subarray(row * cols, (row + 1) * cols), cols)));
}

export function drawingsTable({ sets, all, pool }: DrawingsResult): Table {
  const line = (name: string, shares: RetrievalShares): string[] => [
    name, String(shares.n), withInterval(shares.r1, shares.r1Interval), withInterval(shares.r5, shares.r5Interval), withInterval(shares.r10, shares.r10Interval), withInterval(shares.mrr, shares.mrrInterval),
  ];
  return [[`set (pool ${pool})`, 'n', 'R@1', 'R@5', 'R@10', 'MRR'], ...Object.entries(sets).map(([name, shares]) => line(name, shares)), line('all', all)];
}

function withInterval(value: number, [low, high]: Interval): string {
  return `${formatShare(value)} (${formatShare(low)} to ${formatShare(high)})`;
}
