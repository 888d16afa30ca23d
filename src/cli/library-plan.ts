/** What a library would take, as tables: counted, or measured on a sample of it. */
import type { Forecast } from '../ingest/index.ts';
import { libraryRows, planLibrary } from '../plan/index.ts';
import type { LibraryPlan, PlanRow } from '../plan/index.ts';
import { formatTable } from './table.ts';

export function libraryTable(plan: LibraryPlan): string {
  return tableOf(libraryRows(plan));
}

/** The plan of a library of which a sample was looked through. */
export function forecastPlan({ records, sampled, rejected, merged, perSecond, dimension, galleries, bytes }: Forecast): LibraryPlan {
  const refused = rejected.reduce((sum, { count }) => sum + count, 0);
  const molecules = Math.max(1, Math.round((records * (sampled - refused - merged)) / Math.max(1, sampled)));
  return planLibrary({ molecules, dimension, galleries, bytes, ...(perSecond > 0 ? { perSecond } : {}) });
}

export function forecastText(forecast: Forecast): string {
  const { records, sampled, rejected, merged, perSecond } = forecast;
  const refused = rejected.reduce((sum, { count }) => sum + count, 0);
  const share = (count: number): string => `${count} of ${sampled} (${((100 * count) / Math.max(1, sampled)).toFixed(1)} %)`;
  const rows: PlanRow[] = [
    ['records', records.toLocaleString('en')],
    ['looked through', sampled.toLocaleString('en')],
    ['refused', share(refused)],
    ['met before in the sample', share(merged)],
    ['molecules a second, here', perSecond.toFixed(0)],
  ];
  const reasons = rejected.flatMap(({ code, count, examples }) => [`- ${code}: ${count}`, ...examples.map(({ line, id, message }) => `    line ${line}${id === null ? '' : ` (${id})`}: ${message}`)]);
  return `${tableOf(rows)}\n${reasons.length === 0 ? '' : `\n${reasons.join('\n')}\n`}\n${libraryTable(forecastPlan(forecast))}`;
}

function tableOf(rows: readonly PlanRow[]): string {
  return formatTable([{ title: 'what', cell: ([what]: PlanRow) => what }, { title: 'figure', cell: ([, figure]: PlanRow) => figure }], rows, undefined);
}
