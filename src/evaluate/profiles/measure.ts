import { createRng } from '../../core/index.ts';
import { bootstrapInterval, meanOf } from '../metrics.ts';
import type { Interval } from '../metrics.ts';

/** One value of one compound; a compound has several where several tables are taken together. */
export interface Valued {
  readonly compound: number;
  readonly value: number;
}

export interface Measure {
  /** NaN, as its interval, where there is no item. */
  readonly value: number;
  /** 95 %, by resampling compounds. */
  readonly interval: Interval;
  /** Mean difference from the first method on the same items, and its interval; absent for that method itself. */
  readonly gain?: { readonly value: number; readonly interval: Interval };
}

/** `base`: the same items in the same order by the method that this one is compared with. */
export function measure(items: readonly Valued[], base: readonly Valued[] | undefined, seed: number): Measure {
  if (items.length === 0) return { value: Number.NaN, interval: [Number.NaN, Number.NaN] };
  const value = meanOf(items.map((item) => item.value));
  const interval = intervalOf(items, seed);
  if (base === undefined) return { value, interval };
  const differences = items.map((item, i) => ({ compound: item.compound, value: item.value - base[i]!.value }));
  return { value, interval, gain: { value: meanOf(differences.map((item) => item.value)), interval: intervalOf(differences, seed) } };
}

function intervalOf(items: readonly Valued[], seed: number): Interval {
  const groups = new Map<number, number[]>();
  for (const { compound, value } of items) {
    const own = groups.get(compound);
    if (own === undefined) groups.set(compound, [value]);
    else own.push(value);
  }
  return bootstrapInterval([...groups.values()], createRng(seed));
}
