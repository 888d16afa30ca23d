import { formatShare } from '../define.ts';
import type { Table } from '../define.ts';
import type { Measure } from './measure.ts';
import type { ProfilesResult } from './run.ts';

/** With more tables the pairs are told together; JSON has each. */
const MAX_PAIRS_TOLD = 6;

/** What was read and left out, replicates, mechanisms: a table each. */
export function profilesTables({ tables, replicates, mechanisms }: ProfilesResult): Table[] {
  const toldPairs = tables.length * (tables.length - 1) <= MAX_PAIRS_TOLD;
  const shown = mechanisms.filter(({ queries, candidates }) => toldPairs || queries === 'all' || queries === candidates);
  const within = shown.filter(({ queries, candidates }) => queries === candidates || candidates === 'the same');
  const across = shown.filter((one) => !within.includes(one));
  return [
    [
      [
        'table', 'plates', 'wells', 'controls', 'no compound', 'compounds', 'of one well', 'no mechanism', 'alone in it',
        'features', 'gaps > 5 %', 'constant', 'filled',
      ],
      ...tables.map((one) => [one.table, ...[
        one.plates, one.wells, one.controls, one.wellsWithoutCompound, one.compounds, one.compoundsOfOneWell,
        one.compoundsWithoutMechanism, one.compoundsAloneInMechanism, one.features, one.droppedMissing, one.droppedConstant, one.filled,
      ].map(String)]),
    ],
    [
      [
        'replicates of', 'method', 'mAP', '95 % interval', 'chance', 'shuffled', 'gain', '95 % interval',
        'above chance', '95 % interval', 'compounds', 'too few controls',
      ],
      ...replicates.map((one) => [
        one.table, one.method, ...told(one.meanAveragePrecision), formatShare(one.chance), formatShare(one.shuffled),
        ...gained(one.meanAveragePrecision), ...told(one.significant), String(one.compounds), String(one.withoutControls),
      ]),
    ],
    [
      [
        'mechanisms of', 'among', 'method', 'top 1', '95 % interval', 'chance', 'top 5', '95 % interval', 'chance',
        'gain, top 5', '95 % interval', 'compounds',
      ],
      ...[...within, ...across].map((one) => [
        one.queries, one.queries === one.candidates ? 'the same' : one.candidates, one.method,
        ...told(one.top1), formatShare(one.chance[0]), ...told(one.top5), formatShare(one.chance[1]), ...gained(one.top5), String(one.compounds),
      ]),
    ],
  ];
}

function told({ value, interval: [low, high] }: Measure): [string, string] {
  return [formatShare(value), `${formatShare(low)} to ${formatShare(high)}`];
}

function gained({ gain }: Measure): [string, string] {
  if (gain === undefined) return ['', ''];
  const signed = (value: number): string => `${value < 0 ? '' : '+'}${formatShare(value)}`;
  return [signed(gain.value), `${signed(gain.interval[0])} to ${signed(gain.interval[1])}`];
}
