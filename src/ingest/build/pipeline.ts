/** Reads, standardises and embeds in overlapping batches, and hands on whole shards in order. */
import type { ChemPool, FeatureBatch, FeatureRequest } from '../../chem/index.ts';
import { l2Normalise, matrixOf, rowOf } from '../../core/index.ts';
import { LIBRARY_REQUEST, MOLECULE_COLUMNS, columnBytes, partsOf } from '../../score/index.ts';
import type { LibraryRecord, ReadItem, RejectedRecord } from '../define.ts';
import { NO_NOTICES, addNotices } from './shard.ts';
import type { Notices, Reject, Shard, ShardEntry } from './shard.ts';

/** A shard holds a multiple of this, or is smaller. */
const BATCH_RECORDS = 256;
/** Batches under way at once: enough that no worker waits for the reader or the encoder. */
const BATCHES_AHEAD = 4;

/** Turns standardised molecules into vectors of one dimension. */
export interface MoleculeEncoder {
  readonly tower: string;
  readonly dimension: number;
  /** What it needs to know of each molecule. */
  readonly request: FeatureRequest;
  /** (rows, dimension); a row of zeros where there was nothing to read, such as no picture of a molecule. */
  encode(batch: FeatureBatch): Promise<Float32Array>;
}

export interface FinishedShard {
  readonly index: number;
  readonly shard: Shard;
}

interface Batch {
  readonly shard: number;
  readonly items: readonly ReadItem[];
}

export interface PipelineOptions {
  readonly items: AsyncIterable<ReadItem>;
  readonly shardRecords: number;
  /** Shards that exist already and are passed over. */
  readonly isDone: (shard: number) => boolean;
  readonly chem: ChemPool;
  /** At least one, all of one dimension; every molecule has a vector by each. */
  readonly encoders: readonly MoleculeEncoder[];
  /** Stops reading at the next end of a shard. */
  readonly signal?: AbortSignal | undefined;
}

export async function* makeShards(options: PipelineOptions): AsyncGenerator<FinishedShard> {
  const { chem, encoders } = options;
  const request = requestOf([...encoders.map((encoder) => encoder.request), LIBRARY_REQUEST]);
  const process = async (batch: Batch): Promise<{ batch: Batch; part: Shard }> => ({ batch, part: await processBatch(batch, request, chem, encoders) });
  let open: { index: number; parts: Shard[] } | undefined;
  for await (const { batch, part } of mapInOrder(batchesOf(options), BATCHES_AHEAD, process)) {
    if (open !== undefined && open.index !== batch.shard) yield { index: open.index, shard: joinParts(open.parts) };
    if (open?.index !== batch.shard) open = { index: batch.shard, parts: [] };
    open.parts.push(part);
  }
  if (open !== undefined) yield { index: open.index, shard: joinParts(open.parts) };
}

function requestOf(requests: readonly FeatureRequest[]): FeatureRequest {
  return requests.reduce<FeatureRequest>((all, one) => ({ ...all, ...one, counts: { ...all.counts, ...one.counts }, bits: { ...all.bits, ...one.bits } }), {});
}

async function* batchesOf({ items, shardRecords, isDone, signal }: PipelineOptions): AsyncGenerator<Batch> {
  const batchRecords = Math.min(BATCH_RECORDS, shardRecords);
  let batch: ReadItem[] = [];
  for await (const item of items) {
    const shard = Math.floor(item.ordinal / shardRecords);
    if (item.ordinal % shardRecords === 0 && signal?.aborted === true) return;
    if (isDone(shard)) continue;
    batch.push(item);
    if ((item.ordinal + 1) % batchRecords === 0) {
      yield { shard, items: batch };
      batch = [];
    }
  }
  if (batch.length > 0) yield { shard: Math.floor(batch[0]!.ordinal / shardRecords), items: batch };
}

async function processBatch({ items }: Batch, request: FeatureRequest, chem: ChemPool, encoders: readonly MoleculeEncoder[]): Promise<Shard> {
  const records = items.filter((item) => item.kind === 'record');
  const batch = await chem.featurise(records.map((record) => record.structure), request);
  const blank: Record<string, number> = {};
  const vectors = await encodeAll(batch, encoders, blank);
  const entries = Array.from(batch.rows, (index, row) => toEntry(records[index]!, batch, row));
  const failed = batch.errors.map(({ index, code, message }): Reject => ({ ...place(records[index]!), input: shorten(records[index]!.structure), code, message }));
  const unread = items.filter((item) => item.kind === 'reject').map((item): Reject => ({ ...place(item), input: item.input, code: item.code, message: item.message }));
  const rejects = [...failed, ...unread].sort((a, b) => a.ordinal - b.ordinal);
  const notices = { ...noticesOf(records, batch), blank };
  return { records: items.length, entries, rejects, notices, columns: columnBytes(partsOf(batch)), vectors };
}

/**
 * (rows, encoders, dimension), unit vectors. All encoders end in one space: where one had nothing to read, the first one's vector
 * stands in, and `blank` counts it.
 */
async function encodeAll(batch: FeatureBatch, encoders: readonly MoleculeEncoder[], blank: Record<string, number>): Promise<Float32Array> {
  const rows = batch.rows.length;
  const { dimension } = encoders[0]!;
  const all = new Float32Array(rows * encoders.length * dimension);
  if (rows === 0) return all;
  const tables = await Promise.all(encoders.map(async (encoder) => l2Normalise(matrixOf(await encoder.encode(batch), dimension))));
  for (const [part, table] of tables.entries()) {
    for (let row = 0; row < rows; row++) {
      const own = rowOf(table, row);
      const isBlank = part > 0 && own.every((value) => value === 0);
      if (isBlank) blank[encoders[part]!.tower] = (blank[encoders[part]!.tower] ?? 0) + 1;
      all.set(isBlank ? rowOf(tables[0]!, row) : own, (row * encoders.length + part) * dimension);
    }
  }
  return all;
}

function noticesOf(records: readonly LibraryRecord[], { rows, molecules }: FeatureBatch): Omit<Notices, 'blank'> {
  const shortened: Record<string, number> = {};
  for (const row of rows) for (const column of records[row]!.shortened ?? []) shortened[column] = (shortened[column] ?? 0) + 1;
  return { cxsmiles: molecules.filter(({ warnings }) => warnings.includes('CXSMILES_IGNORED')).length, shortened };
}

function toEntry(record: LibraryRecord, batch: FeatureBatch, row: number): ShardEntry {
  const { parentSmiles, inchiKey } = batch.molecules[row]!;
  return {
    ordinal: record.ordinal, id: record.id ?? unnamed(record.ordinal), names: record.names, properties: record.properties,
    smiles: parentSmiles, inchiKey, scaffold: batch.scaffoldKeys?.[row] ?? '',
  };
}

/** What a record is called to which the library gives no identifier. */
export function unnamed(ordinal: number): string {
  return `mol-${ordinal + 1}`;
}

function place({ ordinal, line, id }: LibraryRecord | RejectedRecord): Pick<Reject, 'ordinal' | 'line' | 'id'> {
  return { ordinal, line, id };
}

function shorten(text: string): string {
  return text.length > 1000 ? `${text.slice(0, 1000)}...` : text;
}

function joinParts(parts: readonly Shard[]): Shard {
  return {
    records: parts.reduce((sum, part) => sum + part.records, 0),
    entries: parts.flatMap((part) => part.entries),
    rejects: parts.flatMap((part) => part.rejects),
    notices: parts.map((part) => part.notices).reduce(addNotices, NO_NOTICES),
    columns: Object.fromEntries(MOLECULE_COLUMNS.map(({ name }) => [name, Buffer.concat(parts.map(({ columns }) => columns[name]!))])),
    vectors: joinFloats(parts.map((part) => part.vectors)),
  };
}

function joinFloats(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Maps with several calls under way, in the order of the source. After a failure nothing more is started. */
export async function* mapInOrder<A, B>(source: AsyncIterable<A>, ahead: number, map: (item: A) => Promise<B>): AsyncGenerator<B> {
  const underWay: Promise<B>[] = [];
  for await (const item of source) {
    const result = map(item);
    // It is awaited below, perhaps after another one has failed: no unhandled rejection then.
    result.catch(() => {});
    underWay.push(result);
    if (underWay.length >= ahead) yield await underWay.shift()!;
  }
  for (const result of underWay) yield await result;
}
