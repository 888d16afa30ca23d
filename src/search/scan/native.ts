/** The native scans (src/native/scan), in the words of the search. Filters by lists of rows, which are short, stay here. */
import { Bitset, exactOver } from '../../ann/index.ts';
import type { Neighbours } from '../../ann/index.ts';
import type { Matrix } from '../../core/index.ts';
import { COLUMNS, PROPERTY_STEPS, TERMS, agreementOf } from '../../score/index.ts';
import type { ColumnName, ProfileQuery, Profiles } from '../../score/index.ts';
import { createScan } from '../../native/index.ts';
import type { NativeScan, NativeScanColumns } from '../../native/index.ts';
import type { RowFilter, Scanner } from './define.ts';

const AGREEMENT = TERMS.findIndex(({ id }) => id === 'properties');

export class NativeScanner implements Scanner {
  private readonly count: number;
  private readonly scan: NativeScan;

  /** NATIVE_UNAVAILABLE where the engine is not built for this machine. */
  constructor({ count, table, vectors }: Profiles) {
    this.count = count;
    const columns = Object.fromEntries((Object.keys(COLUMNS) as ColumnName[]).map((name) => [name, table.column(COLUMNS[name])]));
    this.scan = createScan({ ...columns, vectors: vectors.data } as unknown as NativeScanColumns, PROPERTY_STEPS);
  }

  byFingerprint(query: ProfileQuery, breadth: number, allowed: Uint32Array | undefined): Neighbours {
    return this.scan.nearestByFingerprint(query, breadth, allowed ?? null);
  }

  byPharmacophore(query: ProfileQuery, breadth: number, allowed: Uint32Array | undefined): Neighbours {
    return this.scan.nearestByPharmacophore(query, breadth, allowed ?? null);
  }

  embedding(vectors: Matrix, query: Float32Array, k: number, allowed: Uint32Array | undefined): Neighbours {
    const norm = Math.sqrt(query.reduce((sum, value) => sum + value * value, 0));
    // What has no direction, or another dimension, is refused in the words of the index.
    if (!(norm > 0 && norm < Infinity) || query.length !== vectors.cols) return exactOver(vectors).search(query, k);
    // Scaled as the index scales it, so that both give the same bits.
    const scale = 1 / norm;
    return this.scan.nearestByVector(vectors.data, query.map((value) => value * scale), k, allowed ?? null);
  }

  terms(query: ProfileQuery, rows: Int32Array): Float64Array {
    const raw = new Float64Array(rows.length * TERMS.length);
    this.scan.terms(query, rows, raw);
    // The exponential is JavaScript's, so that both ways give the same bits.
    for (let at = AGREEMENT; at < raw.length; at += TERMS.length) raw[at] = agreementOf(raw[at]!);
    return raw;
  }

  keep(filter: RowFilter, allowed: Uint32Array): number {
    switch (filter.kind) {
      case 'window': return this.scan.keepWindow(allowed, filter.column, filter.own, filter.low, filter.high);
      case 'noAlerts': return this.scan.keepWithoutAlerts(allowed);
      case 'otherScaffold': return this.scan.keepOtherScaffold(allowed, filter.scaffold);
      case 'unlike': return this.scan.keepUnlike(allowed, filter.query, filter.limit);
      case 'patterns': {
        for (const pattern of filter.patterns) this.scan.keepPattern(allowed, pattern);
        break;
      }
      case 'only': {
        const listed = Bitset.of(this.count, filter.rows);
        for (let word = 0; word < allowed.length; word++) allowed[word]! &= listed.words[word]!;
        break;
      }
      case 'exclude': {
        const left = new Bitset(this.count, allowed);
        for (const row of filter.rows) left.delete(row);
        break;
      }
    }
    return new Bitset(this.count, allowed).count();
  }
}
