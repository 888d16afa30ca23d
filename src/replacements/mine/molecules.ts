/** Stage 1: every distinct molecule is standardised and cut, a shard at a time. */
import type { ChemPool, CutBatch, CutRequest } from '../../chem/index.ts';
import type { Progress } from '../../core/index.ts';
import type { WorkFolder } from './work-folder.ts';

export const SHARD_MOLECULES = 2048;
/** Shards held in memory at a time, about 5 MB each. */
const CACHED_SHARDS = 48;

export interface CutOptions {
  readonly chem: ChemPool;
  readonly request: CutRequest;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

export async function cutAll(smiles: readonly string[], work: WorkFolder, { chem, request, progress, signal }: CutOptions): Promise<void> {
  progress.start('cutting molecules', smiles.length);
  for (let start = 0; start < smiles.length; start += SHARD_MOLECULES) {
    const name = shardName(start);
    if (!work.has(name)) work.save(name, await chem.matchedCuts(smiles.slice(start, start + SHARD_MOLECULES), request, signal === undefined ? {} : { signal }));
    signal?.throwIfAborted();
    progress.update(Math.min(smiles.length, start + SHARD_MOLECULES));
  }
  progress.finish(`${smiles.length} molecules`);
}

function shardName(start: number): string {
  return `cuts-${String(start / SHARD_MOLECULES).padStart(5, '0')}.bin`;
}

/** A molecule's place in its shard. */
export interface CutMolecule {
  readonly batch: CutBatch;
  readonly at: number;
}

/** Molecules of the shards by their number; the shards used last stay in memory. */
export class CutStore {
  readonly shards: number;
  private readonly work: WorkFolder;
  private readonly cached = new Map<number, { batch: CutBatch; places: Int32Array }>();

  constructor(work: WorkFolder, molecules: number) {
    this.work = work;
    this.shards = Math.ceil(molecules / SHARD_MOLECULES);
  }

  /** Undefined where the molecule could not be read. */
  get(molecule: number): CutMolecule | undefined {
    const { batch, places } = this.open(Math.floor(molecule / SHARD_MOLECULES));
    const at = places[molecule % SHARD_MOLECULES]!;
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
    const batch = this.work.load(shardName(index * SHARD_MOLECULES)) as CutBatch;
    const places = new Int32Array(SHARD_MOLECULES).fill(-1);
    batch.rows.forEach((row, at) => (places[row] = at));
    const opened = { batch, places };
    this.cached.set(index, opened);
    if (this.cached.size > CACHED_SHARDS) this.cached.delete(this.cached.keys().next().value!);
    return opened;
  }
}
