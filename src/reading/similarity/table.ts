/**
 * What many molecules are made of, and which of them are most like a reading: what both have over what either has, by counts.
 * A full scan: an inverted index would be twice as large, and most of a molecule's keys are in most others.
 */
import { IsoLensError } from '../../core/index.ts';
import { KEYS } from './features.ts';
import type { PathCounts } from './paths.ts';

/** A molecule's own counts, or those expected of a reading that is not certain. Keys ascend. */
export interface QueryCounts {
  readonly keys: Uint16Array;
  readonly counts: Uint8Array | Float32Array;
}

export interface Neighbour {
  readonly row: number;
  /** 0 to 1. */
  readonly similarity: number;
}

export interface TableColumns {
  /** (rows) Entries of each row. */
  readonly lengths: Uint16Array;
  /** (entries) */
  readonly keys: Uint16Array;
  /** (entries) */
  readonly counts: Uint8Array;
}

/** Rows whose total promises at least this similarity are looked at first: what they give rules out most others. */
const BANDS = [0.85, 0.7, 0.55, 0.4, 0.2, 0] as const;

export class ReadingTable {
  readonly count: number;
  readonly columns: TableColumns;
  /** (rows + 1) */
  private readonly offsets: Uint32Array;
  private summed: Uint32Array | undefined;

  constructor(columns: TableColumns) {
    const { lengths, keys, counts } = columns;
    this.count = lengths.length;
    this.columns = columns;
    this.offsets = new Uint32Array(this.count + 1);
    for (let row = 0; row < this.count; row++) this.offsets[row + 1] = this.offsets[row]! + lengths[row]!;
    const entries = this.offsets[this.count]!;
    if (keys.length !== entries || counts.length !== entries) {
      throw new IsoLensError('ARGUMENT_INVALID', `Expected ${entries} keys and counts but received ${keys.length} and ${counts.length}.`);
    }
  }

  /** (rows) Sum of the counts; added up for the first picture, since that reads the whole table. */
  private get totals(): Uint32Array {
    return (this.summed ??= this.sums());
  }

  private sums(): Uint32Array {
    const { offsets, count, columns: { counts } } = this;
    const totals = new Uint32Array(count);
    for (let row = 0; row < count; row++) for (let i = offsets[row]!; i < offsets[row + 1]!; i++) totals[row]! += counts[i]!;
    return totals;
  }

  /** The `k` rows most like the query, the best first, ties in row order, of those that are allowed; what shares nothing is left out. */
  nearest(query: QueryCounts, k: number, allowed?: { has(row: number): boolean }): Neighbour[] {
    const wanted = new Uint16Array(KEYS);
    query.keys.forEach((key, i) => (wanted[key] = inUnits(query.counts[i]!)));
    const total = totalOf(query);
    const best = new Best(k);
    let above = Number.POSITIVE_INFINITY;
    for (const band of BANDS) {
      this.scan(wanted, total, band, above, best, allowed);
      if (best.least >= band) break;
      above = band;
    }
    return best.list();
  }

  similarity(query: QueryCounts, row: number): number {
    const { keys, counts } = this.columns;
    let common = 0;
    for (let i = this.offsets[row]!, j = 0; i < this.offsets[row + 1]! && j < query.keys.length;) {
      const [own, other] = [keys[i]!, query.keys[j]!];
      if (own === other) common += Math.min(counts[i]! * UNIT, inUnits(query.counts[j]!));
      if (own <= other) i++;
      if (other <= own) j++;
    }
    return ratio(common, totalOf(query), this.totals[row]! * UNIT);
  }

  /** Looks at the rows of which the totals allow a similarity from `from` to below `below`. wanted: (KEYS), in units */
  private scan(wanted: Uint16Array, total: number, from: number, below: number, best: Best, allowedRows: { has(row: number): boolean } | undefined): void {
    const { totals, count } = this;
    for (let row = 0; row < count; row++) {
      const own = totals[row]! * UNIT;
      const bound = ratio(Math.min(own, total), total, own);
      if (!(bound >= from && bound < below) || bound < best.least || allowedRows?.has(row) === false) continue;
      // A row is given up once it lacks more than a row as good as the last of the best may lack; one unit for rounding.
      const allowed = own - (best.least * (total + UNREAD * own)) / (1 + UNREAD * best.least) + 1;
      const missing = this.missing(wanted, row, allowed);
      if (missing > allowed) continue;
      const similarity = ratio(own - missing, total, own);
      if (similarity > 0 && similarity >= best.least) best.offer(row, similarity);
    }
  }

  /** What the row has beyond the query, in units; counted no further than beyond `allowed`. Without branches: they are not foreseeable. */
  private missing(wanted: Uint16Array, row: number, allowed: number): number {
    const { keys, counts } = this.columns;
    let missing = 0;
    let i = this.offsets[row]!;
    const end = this.offsets[row + 1]!;
    for (; i + 8 <= end && missing <= allowed; i += 8) {
      const d0 = counts[i]! * UNIT - wanted[keys[i]!]!;
      const d1 = counts[i + 1]! * UNIT - wanted[keys[i + 1]!]!;
      const d2 = counts[i + 2]! * UNIT - wanted[keys[i + 2]!]!;
      const d3 = counts[i + 3]! * UNIT - wanted[keys[i + 3]!]!;
      const d4 = counts[i + 4]! * UNIT - wanted[keys[i + 4]!]!;
      const d5 = counts[i + 5]! * UNIT - wanted[keys[i + 5]!]!;
      const d6 = counts[i + 6]! * UNIT - wanted[keys[i + 6]!]!;
      const d7 = counts[i + 7]! * UNIT - wanted[keys[i + 7]!]!;
      missing += (d0 & ~(d0 >> 31)) + (d1 & ~(d1 >> 31)) + (d2 & ~(d2 >> 31)) + (d3 & ~(d3 >> 31));
      missing += (d4 & ~(d4 >> 31)) + (d5 & ~(d5 >> 31)) + (d6 & ~(d6 >> 31)) + (d7 & ~(d7 >> 31));
    }
    for (; i < end && missing <= allowed; i++) missing += Math.max(0, counts[i]! * UNIT - wanted[keys[i]!]!);
    return missing;
  }
}

/** How much something of the molecule that was not read counts against it: less than what was read and is not there, for readers rather lose than invent. */
const UNREAD = 0.7;

/** Steps of a count of 1, so that fractions are whole numbers. */
const UNIT = 256;

function inUnits(count: number): number {
  return Math.min(Math.round(count * UNIT), 255 * UNIT);
}

function totalOf({ counts }: QueryCounts): number {
  let total = 0;
  for (const count of counts) total += inUnits(count);
  return total;
}

/** Similarity of a reading of total `read` to a row of total `own`. */
function ratio(common: number, read: number, own: number): number {
  const either = read + UNREAD * (own - common);
  return either > 0 ? common / either : 0;
}

/** Keeps the best: rows come in any order, and equal similarities leave the lower row before. */
class Best {
  /** What another one must reach. */
  least = 0;
  private readonly size: number;
  private found: Neighbour[] = [];

  constructor(size: number) {
    this.size = size;
    if (size < 1) this.least = Number.POSITIVE_INFINITY;
  }

  offer(row: number, similarity: number): void {
    this.found.push({ row, similarity });
    if (this.found.length >= 2 * this.size + 16) this.trim();
    else if (this.found.length === this.size) this.least = Math.min(...this.found.map((one) => one.similarity));
  }

  list(): Neighbour[] {
    this.trim();
    return this.found;
  }

  private trim(): void {
    this.found = this.found.sort((a, b) => b.similarity - a.similarity || a.row - b.row).slice(0, this.size);
    if (this.found.length === this.size && this.size > 0) this.least = this.found.at(-1)!.similarity;
  }
}

/** Gathers rows; `finish` makes the table. */
export class ReadingTableBuilder {
  /** In blocks: what grows by copying takes more than twice the room of what it holds. */
  private readonly keys = new Blocks<Uint16Array>(Uint16Array);
  private readonly counts = new Blocks<Uint8Array>(Uint8Array);
  private readonly lengths = new Blocks<Uint16Array>(Uint16Array);

  /** A molecule that cannot be read is an empty row, which nothing is like. */
  add({ keys, counts }: PathCounts): void {
    this.keys.push(keys);
    this.counts.push(counts);
    this.lengths.push(Uint16Array.of(keys.length));
  }

  /** The columns piece by piece, to be written one after the other. */
  parts(): { readonly [Column in keyof TableColumns]: readonly TableColumns[Column][] } {
    return { lengths: this.lengths.all(), keys: this.keys.all(), counts: this.counts.all() };
  }

  finish(): ReadingTable {
    return new ReadingTable({ lengths: this.lengths.joined(), keys: this.keys.joined(), counts: this.counts.joined() });
  }
}

const BLOCK = 1 << 20;

class Blocks<A extends Uint8Array | Uint16Array> {
  private readonly make: new (length: number) => A;
  private readonly full: A[] = [];
  private block: A;
  private used = 0;

  constructor(make: new (length: number) => A) {
    this.make = make;
    this.block = new make(0);
  }

  push(values: A): void {
    if (this.used + values.length > this.block.length) {
      if (this.used > 0) this.full.push(this.block.subarray(0, this.used) as A);
      this.block = new this.make(Math.max(BLOCK, values.length));
      this.used = 0;
    }
    this.block.set(values, this.used);
    this.used += values.length;
  }

  all(): A[] {
    return [...this.full, this.block.subarray(0, this.used) as A];
  }

  joined(): A {
    const all = this.all();
    const whole = new this.make(all.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of all) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}
