/** Scans in TypeScript: what the native ones are compared with, and what runs where they are not built. */
import { Bitset, TopK, exactOver } from '../../ann/index.ts';
import type { Neighbours } from '../../ann/index.ts';
import type { Matrix } from '../../core/index.ts';
import { ALERT_BYTES, DESCRIPTOR_NAMES } from '../../chem/index.ts';
import { COLUMNS, FINGERPRINT_BYTES, TERMS, rawTerms } from '../../score/index.ts';
import type { ProfileQuery, Profiles } from '../../score/index.ts';
import type { RowFilter, Scanner } from './define.ts';

const WORDS = FINGERPRINT_BYTES / 4;

export class PlainScanner implements Scanner {
  private readonly profiles: Profiles;
  private readonly alerts: Uint8Array;
  /** (count, WORDS) */
  private readonly patterns: Uint32Array;

  constructor(profiles: Profiles) {
    this.profiles = profiles;
    this.alerts = profiles.table.column(COLUMNS.alerts);
    const { buffer, byteOffset, length } = profiles.table.column(COLUMNS.pattern);
    this.patterns = new Uint32Array(buffer, byteOffset, length / 4);
  }

  byFingerprint(query: ProfileQuery, breadth: number, allowed: Uint32Array | undefined): Neighbours {
    return this.best(breadth, allowed, (row) => this.profiles.ecfp4Tanimoto(query, row));
  }

  byPharmacophore(query: ProfileQuery, breadth: number, allowed: Uint32Array | undefined): Neighbours {
    return this.best(breadth, allowed, this.profiles.pharmacophoreFrom(query));
  }

  private best(breadth: number, allowed: Uint32Array | undefined, likeness: (row: number) => number): Neighbours {
    const { count } = this.profiles;
    const best = new TopK(Math.min(breadth, count));
    const set = allowed === undefined ? undefined : new Bitset(count, allowed);
    for (let row = 0; row < count; row++) if (set?.has(row) !== false) best.offer(row, likeness(row));
    return best.take();
  }

  embedding(vectors: Matrix, query: Float32Array, k: number, allowed: Uint32Array | undefined): Neighbours {
    return exactOver(vectors).search(query, k, allowed === undefined ? {} : { filter: new Bitset(vectors.rows, allowed) });
  }

  terms(query: ProfileQuery, rows: Int32Array): Float64Array {
    const raw = new Float64Array(rows.length * TERMS.length);
    rows.forEach((row, i) => rawTerms(this.profiles, query, row, 0, raw.subarray(i * TERMS.length, (i + 1) * TERMS.length)));
    return raw;
  }

  keep(filter: RowFilter, allowed: Uint32Array): number {
    const set = new Bitset(this.profiles.count, allowed);
    const passes = this.test(filter);
    for (let row = 0; row < set.size; row++) if (set.has(row) && !passes(row)) set.delete(row);
    return set.count();
  }

  private test(filter: RowFilter): (row: number) => boolean {
    const { profiles } = this;
    switch (filter.kind) {
      case 'window': return (row) => {
        const value = profiles.descriptors[row * DESCRIPTOR_NAMES.length + filter.column]! - filter.own;
        return value >= filter.low && value <= filter.high;
      };
      case 'noAlerts': return (row) => this.alerts.subarray(row * ALERT_BYTES, (row + 1) * ALERT_BYTES).every((byte) => byte === 0);
      case 'otherScaffold': return (row) => filter.scaffold === 0 || profiles.scaffolds[row] !== filter.scaffold;
      case 'unlike': return (row) => profiles.ecfp4Tanimoto(filter.query, row) <= filter.limit;
      case 'patterns': {
        const patterns = filter.patterns.map((bytes) => new Uint32Array(bytes.slice().buffer));
        return (row) => patterns.every((pattern) => this.hasAll(row, pattern));
      }
      case 'only': {
        const listed = new Set(filter.rows);
        return (row) => listed.has(row);
      }
      case 'exclude': {
        const listed = new Set(filter.rows);
        return (row) => !listed.has(row);
      }
    }
  }

  private hasAll(row: number, pattern: Uint32Array): boolean {
    for (let w = 0, i = row * WORDS; w < WORDS; w++, i++) if ((pattern[w]! & ~this.patterns[i]!) !== 0) return false;
    return true;
  }
}
