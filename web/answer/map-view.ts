/** What of the map is seen, what lies near the query, and the colours of ranks. */
import type { LibraryMap } from '../../src/api/index.ts';
import type { Box, Point } from './scatter.ts';

type Place = readonly [number, number];

/** Points at the rim are seen whole. */
const RIM = 0.02;
export const WHOLE: Box = { left: -RIM, right: 1 + RIM, low: -RIM, high: 1 + RIM };
const LEAST_SPAN = 0.01;

/** About the point (x, y), which stays where it is; never more than the whole map. */
export function zoomed(view: Box, factor: number, x = (view.left + view.right) / 2, y = (view.low + view.high) / 2): Box {
  const span = view.right - view.left;
  const next = Math.max(LEAST_SPAN, Math.min(WHOLE.right - WHOLE.left, span * factor));
  const share = next / span;
  return within({ left: x - (x - view.left) * share, right: x + (view.right - x) * share, low: y - (y - view.low) * share, high: y + (view.high - y) * share });
}

export function moved(view: Box, dx: number, dy: number): Box {
  return within({ left: view.left + dx, right: view.right + dx, low: view.low + dy, high: view.high + dy });
}

function within({ left, right, low, high }: Box): Box {
  const x = Math.max(WHOLE.left - left, 0) + Math.min(WHOLE.right - right, 0);
  const y = Math.max(WHOLE.low - low, 0) + Math.min(WHOLE.high - high, 0);
  return { left: left + x, right: right + x, low: low + y, high: high + y };
}

/** So many molecules of the library the service looks at as well, when it says how far the map can be trusted. */
const NEIGHBOURS = 100;
const LEAST_NEIGHBOURS = 5;

/** How far from the query its hundred nearest of the library reach; of a large library, a part of them is on the map. */
export function reachOf({ points, count, sampled }: LibraryMap, query: Place): number {
  const distances = Float64Array.from(points, ([x, y]) => Math.hypot(x - query[0], y - query[1])).sort();
  const wanted = Math.max(LEAST_NEIGHBOURS, Math.round((NEIGHBOURS * sampled) / Math.max(1, count)));
  return distances[Math.min(wanted, distances.length) - 1] ?? 0;
}

export function ranksNear(points: readonly Point[], query: Place, reach: number): Set<number> {
  return new Set(points.filter(({ x, y }) => Math.hypot(x - query[0], y - query[1]) <= reach).map(({ rank }) => rank));
}

/** Viridis: it grows evenly lighter, so that it reads without seeing colours, and in print. */
const VIRIDIS = [[68, 1, 84], [65, 68, 135], [42, 120, 142], [34, 168, 132], [122, 209, 81], [253, 231, 37]] as const;
/** The first rank stands out most, and the last is still seen on the paper. */
const RANGE = { light: [0, 0.6], dark: [1, 0.42] } as const;

/** 0 is the first rank, 1 the last. */
export function rankColour(share: number, theme: 'light' | 'dark'): string {
  const [from, to] = RANGE[theme];
  const at = (from + share * (to - from)) * (VIRIDIS.length - 1);
  const below = Math.min(VIRIDIS.length - 2, Math.floor(at));
  const [first, second] = [VIRIDIS[below]!, VIRIDIS[below + 1]!];
  return `rgb(${first.map((value, i) => Math.round(value + (at - below) * (second[i]! - value))).join(' ')})`;
}

export function rankScale(theme: 'light' | 'dark'): string {
  return `linear-gradient(90deg, ${[0, 0.25, 0.5, 0.75, 1].map((share) => rankColour(share, theme)).join(', ')})`;
}
