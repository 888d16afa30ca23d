/** Stage 1: every distinct molecule is standardised and cut, a shard at a time. */
import { STANDARDISER_VERSION } from '../../chem/index.ts';
import type { ChemPool, CutBatch, CutRequest } from '../../chem/index.ts';
import type { Progress } from '../../core/index.ts';
import { digestOf } from './work-folder.ts';
import type { WorkFolder } from './work-folder.ts';

/** Changes with anything that changes what is mined. */
export const MINER_VERSION = 2;

/** How much is done between two parts: what a killed run loses at the most. */
export interface PartSizes {
  /** Molecules cut into one file. */
  readonly molecules: number;
  /** Assays whose pairs go into one file. */
  readonly assays: number;
}

export const PART_SIZES: PartSizes = { molecules: 2048, assays: 100 };
/** Shards held in memory at a time, about 5 MB each. */
const CACHED_SHARDS = 48;

export interface CutOptions {
  readonly chem: ChemPool;
  readonly request: CutRequest;
  readonly size: number;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

/** Returns the names of the shards in order. */
export async function cutAll(smiles: readonly string[], work: WorkFolder, { chem, request, size, progress, signal }: CutOptions): Promise<string[]> {
  const names: string[] = [];
  progress.start('cutting molecules', smiles.length);
  for (let start = 0; start < smiles.length; start += size) {
    const molecules = smiles.slice(start, start + size);
    const name = `cuts-${digestOf(MINER_VERSION, STANDARDISER_VERSION, request.cuts, request.variable, molecules)}.bin`;
    if (!work.has(name)) work.save(name, await chem.matchedCuts(molecules, request, signal === undefined ? {} : { signal }));
    signal?.throwIfAborted();
    names.push(name);
    progress.update(start + molecules.length);
  }
  progress.finish(`${smiles.length} molecules`);
  return names;
}

/** A molecule's place in its shard. */
export interface CutMolecule {
  readonly batch: CutBatch;
  readonly at: number;
}

/** Molecules of the shards by their number; the shards used last stay in memory. */
export class CutStore {
  private readonly work: WorkFolder;
  private readonly names: readonly string[];
  private readonly size: number;
  private readonly cached = new Map<number, { batch: CutBatch; places: Int32Array }>();

  constructor(work: WorkFolder, names: readonly string[], size: number) {
    this.work = work;
    this.names = names;
    this.size = size;
  }

  get shards(): number {
    return this.names.length;
  }

  /** Undefined where the molecule could not be read. */
  get(molecule: number): CutMolecule | undefined {
    const { batch, places } = this.open(Math.floor(molecule / this.size));
    const at = places[molecule % this.size]!;
    return at < 0 ? undefined : { batch, at };
  }

  shard(index: number): CutBatch {
    return this.open(index).batch;
  }

  private open(index: number): { batch: CutBatch; places: Int32Array } {
    const known = this.cached.get(index);
    if (known !== undefined) {
      this.cached.delete(index);
      this.cached.set(index, known);
      return known;
    }
    const batch = this.work.load(this.names[index]!) as CutBatch;
    const places = new Int32Array(this.size).fill(-1);
    batch.rows.forEach((row, at) => (places[row] = at));
    const opened = { batch, places };
    this.cached.set(index, opened);
    if (this.cached.size > CACHED_SHARDS) this.cached.delete(this.cached.keys().next().value!);
    return opened;
  }
}
