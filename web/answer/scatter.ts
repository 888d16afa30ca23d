/** What every plot of points does: from numbers to pixels and back, the nearest point, a box, a sharp canvas. */

export type Spot = readonly [number, number];

/** In the numbers of the plot. */
export interface Box { readonly left: number; readonly right: number; readonly low: number; readonly high: number }

/** Pixels. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly margin: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
}

export interface Scales {
  readonly toX: (x: number) => number;
  readonly toY: (y: number) => number;
  /** Within the bounds. */
  readonly fromX: (x: number) => number;
  readonly fromY: (y: number) => number;
}

export interface Point { readonly rank: number; readonly x: number; readonly y: number }

/** A drag shorter than this is a click. */
const LEAST_DRAG_PX = 6;
const NEAR_PX = 10;

export function scalesOf({ width, height, margin }: Frame, { left, right, low, high }: Box): Scales {
  const across = (width - margin.left - margin.right) / (right - left);
  const up = (height - margin.top - margin.bottom) / (high - low);
  const bottom = height - margin.bottom;
  const within = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));
  return {
    toX: (x) => margin.left + (x - left) * across,
    toY: (y) => bottom - (y - low) * up,
    fromX: (x) => within(left + (x - margin.left) / across, left, right),
    fromY: (y) => within(low + (bottom - y) / up, low, high),
  };
}

/** undefined where the pointer hardly moved. */
export function boxBetween(from: Spot, to: Spot, { fromX, fromY }: Scales): Box | undefined {
  if (Math.abs(from[0] - to[0]) < LEAST_DRAG_PX || Math.abs(from[1] - to[1]) < LEAST_DRAG_PX) return undefined;
  return {
    left: fromX(Math.min(from[0], to[0])), right: fromX(Math.max(from[0], to[0])),
    low: fromY(Math.max(from[1], to[1])), high: fromY(Math.min(from[1], to[1])),
  };
}

export function ranksWithin(points: readonly Point[], { left, right, low, high }: Box): Set<number> {
  return new Set(points.filter(({ x, y }) => x >= left && x <= right && y >= low && y <= high).map(({ rank }) => rank));
}

/** Rank of the point under the pointer. */
export function nearestTo([x, y]: Spot, points: readonly Point[], { toX, toY }: Scales): number | undefined {
  let best: { rank: number; distance: number } | undefined;
  for (const point of points) {
    const distance = Math.hypot(toX(point.x) - x, toY(point.y) - y);
    if (distance < (best?.distance ?? NEAR_PX)) best = { rank: point.rank, distance };
  }
  return best?.rank;
}

/** Where the pointer is, in pixels of a plot that may be shown larger or smaller than it is. */
export function spotOf(event: PointerEvent | WheelEvent, element: Element, width: number): Spot {
  const shown = element.getBoundingClientRect();
  const scale = width / shown.width;
  return [(event.clientX - shown.left) * scale, (event.clientY - shown.top) * scale];
}

/** An empty canvas with as many dots as the screen has. */
export function cleared(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | undefined {
  const context = canvas.getContext('2d');
  if (context === null) return undefined;
  const scale = devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.scale(scale, scale);
  return context;
}

/** A colour of the style sheet as it is now. */
export function colourOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
