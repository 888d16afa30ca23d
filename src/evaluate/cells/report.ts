import { formatShare } from '../define.ts';
import type { Table } from '../define.ts';
import { RANKS } from './retrieval.ts';
import type { CellsRow } from './retrieval.ts';

/** One line a setting, direction and pool. */
export function cellsTable(rows: readonly CellsRow[]): Table {
  return [
    ['setting', 'from', 'among', ...RANKS.flatMap((k) => [`top ${k}`, '95 % interval', 'chance', 'swapped']), 'compounds', 'queries'],
    ...rows.map((row) => [
      row.setting, row.direction, row.among === 'pool' ? 'the fold' : '1 + 99 decoys',
      ...row.top.flatMap(({ value, interval: [low, high] }, k) => [formatShare(value), `${formatShare(low)} to ${formatShare(high)}`, formatShare(row.chance[k]!), formatShare(row.swapped[k]!)]),
      String(row.compounds), String(row.queries),
    ]),
  ];
}
