/** The filters of a search as conditions of SQL, as the scan over local columns carries them out. */
import { DESCRIPTOR_NAMES } from '../chem/index.ts';
import { FINGERPRINT_BYTES } from '../score/index.ts';
import type { RowFilter } from '../search/index.ts';
import { FINGERPRINT_TYPE, bitText } from './fingerprints.ts';
import { descriptorColumn } from './schema.ts';

/** Numbers the parameters of one statement. */
export class Parameters {
  readonly values: unknown[];

  /** given: those that stand first. */
  constructor(given: readonly unknown[] = []) {
    this.values = [...given];
  }

  add(value: unknown, type: string): string {
    return `$${this.values.push(value)}::${type}`;
  }
}

/** A condition over a row of `fingerprints`. */
interface RowCondition {
  /** It reads properties or numbers alone, which `molecules` have as well, and indexed. */
  readonly isShared: boolean;
  readonly text: string;
}

/** Which rows are open, after filters. */
export class RowConditions {
  private readonly schema: string;
  private readonly filters: readonly RowFilter[];

  constructor(schema: string, filters: readonly RowFilter[]) {
    this.schema = schema;
    this.filters = filters;
  }

  /** A query that counts what is left after each filter: one row, `n0`, `n1`, ... */
  countAll(): { text: string; values: unknown[] } {
    const parameters = new Parameters();
    const conditions = this.filters.map((filter) => conditionOf(filter, parameters).text);
    const counts = conditions.map((_, i) => `count(*) FILTER (WHERE ${conditions.slice(0, i + 1).join(' AND ')})::int AS n${i}`);
    return { text: `SELECT ${counts.join(', ')} FROM ${this.schema}.fingerprints`, values: parameters.values };
  }

  /** The condition over one table's rows; undefined where all are open. */
  over(table: 'molecules' | 'fingerprints', parameters: Parameters): string | undefined {
    const all = this.filters.map((filter) => conditionOf(filter, parameters));
    const own = all.filter(({ isShared }) => isShared || table === 'fingerprints').map(({ text }) => text);
    const others = all.filter(({ isShared }) => !isShared && table === 'molecules').map(({ text }) => text);
    const joined = others.length === 0 ? [] : [`row IN (SELECT row FROM ${this.schema}.fingerprints WHERE ${others.join(' AND ')})`];
    return [...own, ...joined].join(' AND ') || undefined;
  }
}

function conditionOf(filter: RowFilter, parameters: Parameters): RowCondition {
  switch (filter.kind) {
    case 'window': return { isShared: true, text: windowText(filter, parameters) };
    case 'noAlerts': return { isShared: false, text: 'NOT has_alerts' };
    case 'otherScaffold': return { isShared: false, text: filter.scaffold === 0 ? 'true' : `scaffold_number <> ${parameters.add(filter.scaffold, 'int')}` };
    case 'unlike': {
      const query = parameters.add(bitText(bytesOf(filter.query.ecfp4)), FINGERPRINT_TYPE);
      const limit = parameters.add(filter.limit, 'float8');
      return { isShared: false, text: `coalesce(bit_count(ecfp4 & ${query})::float8 / nullif(bit_count(ecfp4 | ${query}), 0), 0) <= ${limit}` };
    }
    case 'patterns': {
      const held = filter.patterns.map((pattern) => parameters.add(bitText(pattern), FINGERPRINT_TYPE)).map((pattern) => `(pattern & ${pattern}) = ${pattern}`);
      return { isShared: false, text: held.length === 0 ? 'true' : held.join(' AND ') };
    }
    case 'only': return { isShared: true, text: `row = ANY(${parameters.add(Array.from(filter.rows), 'int[]')})` };
    case 'exclude': return { isShared: true, text: `row <> ALL(${parameters.add(Array.from(filter.rows), 'int[]')})` };
  }
}

/** Of the property itself an index is used; of its difference to the query's none can be. */
function windowText({ column, own, low, high }: Extract<RowFilter, { kind: 'window' }>, parameters: Parameters): string {
  const name = descriptorColumn(DESCRIPTOR_NAMES[column]!);
  const value = own === 0 ? name : `(${name}::float8 - ${parameters.add(own, 'float8')})`;
  const bounds = [low === -Infinity ? [] : [`${value} >= ${parameters.add(low, 'float8')}`], high === Infinity ? [] : [`${value} <= ${parameters.add(high, 'float8')}`]].flat();
  return bounds.length === 0 ? 'true' : bounds.join(' AND ');
}

/** words: 32 bits each, as fingerprints are compared. */
export function bytesOf(words: Int32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, FINGERPRINT_BYTES);
}
