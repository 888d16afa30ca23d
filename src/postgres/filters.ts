/** Filters as conditions of SQL; every value is a parameter. */
import { DESCRIPTOR_NAMES } from '../chem/index.ts';
import type { DescriptorName } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import { KEY_CHARACTERS, descriptorColumn } from './schema.ts';

export interface DescriptorRange {
  readonly property: DescriptorName;
  /** Both bounds are kept; either may be infinite. */
  readonly low: number;
  readonly high: number;
}

/** Which molecules may be found; all conditions must hold. */
export interface LibraryFilters {
  readonly properties?: readonly DescriptorRange[] | undefined;
  /** Identifiers: only these molecules. */
  readonly among?: readonly string[] | undefined;
  /** Identifiers of molecules not to find. */
  readonly exclude?: readonly string[] | undefined;
  readonly excludeInchiKeys?: readonly string[] | undefined;
}

/** A condition over `molecules`, and the values of its parameters, which are numbered from `first` on. */
export interface Condition {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** ARGUMENT_INVALID for a property that is none, or a bound that is no number. `undefined` where everything may be found. */
export function conditionOf(schema: string, filters: LibraryFilters, first: number): Condition | undefined {
  const values: unknown[] = [];
  const value = (given: unknown, type: string): string => `$${first + values.push(given) - 1}::${type}`;
  const conditions: string[] = [];
  for (const { property, low, high } of filters.properties ?? []) {
    if (!DESCRIPTOR_NAMES.includes(property) || Number.isNaN(low) || Number.isNaN(high)) {
      throw new IsoLensError('ARGUMENT_INVALID', `Expected bounds of ${DESCRIPTOR_NAMES.join(', ')} but received ${JSON.stringify(property)} from ${low} to ${high}.`);
    }
    if (low !== -Infinity) conditions.push(`${descriptorColumn(property)} >= ${value(low, 'float8')}`);
    if (high !== Infinity) conditions.push(`${descriptorColumn(property)} <= ${value(high, 'float8')}`);
  }
  const rowsOf = (ids: readonly string[]): string => (
    `(SELECT row FROM ${schema}.identifiers WHERE left(id, ${KEY_CHARACTERS}) COLLATE "C" = ANY(${value(ids.map(keyOf), 'text[]')}) AND id = ANY(${value(ids, 'text[]')}))`
  );
  if (filters.among !== undefined) conditions.push(`row IN ${rowsOf(filters.among)}`);
  if (filters.exclude !== undefined && filters.exclude.length > 0) conditions.push(`row NOT IN ${rowsOf(filters.exclude)}`);
  if (filters.excludeInchiKeys !== undefined && filters.excludeInchiKeys.length > 0) conditions.push(`inchi_key <> ALL(${value(filters.excludeInchiKeys, 'text[]')})`);
  return conditions.length === 0 ? undefined : { text: conditions.join(' AND '), values };
}

/** The part of an identifier or a name that is indexed; as `left` of PostgreSQL, it counts code points. */
export function keyOf(text: string): string {
  return text.length <= KEY_CHARACTERS ? text : Array.from(text).slice(0, KEY_CHARACTERS).join('');
}
