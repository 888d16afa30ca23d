/** What is told of molecules from their columns. */
import { ALERT_BYTES, DESCRIPTOR_NAMES, alertsOf } from '../chem/index.ts';
import type { Descriptors } from '../chem/index.ts';
import { COLUMNS } from '../score/index.ts';
import type { Profiles } from '../score/index.ts';
import type { RowFacts } from './library.ts';

/** values: in the order of DESCRIPTOR_NAMES. */
export function describe(values: Float32Array): Descriptors {
  return Object.fromEntries(DESCRIPTOR_NAMES.map((name, i) => [name, Number(values[i]!.toFixed(4))])) as Descriptors;
}

/** row: as the profiles count it. */
export function factsAt({ descriptors, table }: Profiles, row: number): RowFacts {
  const alerts = table.column(COLUMNS.alerts).subarray(row * ALERT_BYTES, (row + 1) * ALERT_BYTES);
  return { descriptors: describe(descriptors.subarray(row * DESCRIPTOR_NAMES.length, (row + 1) * DESCRIPTOR_NAMES.length)), alerts: alertsOf(alerts) };
}
