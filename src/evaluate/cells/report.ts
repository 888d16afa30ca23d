import { formatShare } from '../define.ts';
import type { Table } from '../define.ts';
import { DECOYS, RANKS } from './retrieval.ts';
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

/** What a card keeps of it: how often the right structure is among the first of `among`, for compounds that the model had not seen. */
export function cellsFact(rows: readonly CellsRow[]): Readonly<Record<string, unknown>> {
  const asked = rows.filter(({ direction }) => direction === 'cells to structure');
  const row = asked.find(({ among }) => among === 'decoys') ?? asked[0]!;
  const rounded = (value: number): number => Number(value.toFixed(4));
  return {
    among: row.among === 'decoys' ? DECOYS + 1 : Math.round(1 / row.chance[0]!), compounds: row.compounds,
    top: RANKS.map((rank, k) => ({ rank, share: rounded(row.top[k]!.value), interval: row.top[k]!.interval.map(rounded) })),
  };
}
