/** The map on its canvas: the library faint, the hits by rank, the query as a ring. */
import type { LibraryMap } from '../../src/api/index.ts';
import { rankColour } from './map-view.ts';
import { cleared, colourOf } from './scatter.ts';
import type { Point, Scales } from './scatter.ts';

/** The library alone, as it is told of elsewhere as well. */
export function paintLibrary(context: CanvasRenderingContext2D, { points }: LibraryMap, { toX, toY }: Scales, size: number, zoom: number): void {
  // Few points are large and plain, many are fine and faint: dense parts look dense in both.
  const dot = Math.min(4, (points.length > 5000 ? 1.2 : 2) * Math.sqrt(zoom));
  context.fillStyle = colourOf('--quiet');
  context.globalAlpha = Math.min(0.6, (points.length > 5000 ? 0.25 : 0.4) * Math.sqrt(zoom));
  for (const [px, py] of points) {
    const [x, y] = [toX(px), toY(py)];
    if (x >= -dot && x <= size + dot && y >= -dot && y <= size + dot) context.fillRect(x - dot / 2, y - dot / 2, dot, dot);
  }
  context.globalAlpha = 1;
}

interface Painting {
  readonly map: LibraryMap;
  readonly hits: readonly Point[];
  readonly chosen: ReadonlySet<number> | undefined;
  readonly query: readonly [number, number] | null;
  readonly scales: Scales;
  readonly size: number;
  readonly zoom: number;
  readonly theme: 'light' | 'dark';
}

const RADII = { first: 6.5, last: 3.5 };
const RING = 10;

export function paint(canvas: HTMLCanvasElement, { map, hits, chosen, query, scales, size, zoom, theme }: Painting): void {
  const context = cleared(canvas, size, size);
  if (context === undefined) return;
  paintLibrary(context, map, scales, size, zoom);
  const { toX, toY } = scales;
  const [paper, quiet] = [colourOf('--panel'), colourOf('--quiet')];
  const last = Math.max(1, ...hits.map(({ rank }) => rank));
  const many = hits.length > 1000 ? 0.6 : 1;
  // The first is drawn last: on top.
  for (const { rank, x, y } of [...hits].sort((a, b) => Number(isChosen(a)) - Number(isChosen(b)) || b.rank - a.rank)) {
    const share = rank / last;
    context.globalAlpha = isChosen({ rank }) ? 1 : 0.35;
    circle(context, toX(x), toY(y), many * (RADII.first + share * (RADII.last - RADII.first)));
    context.fillStyle = isChosen({ rank }) ? rankColour(share, theme) : quiet;
    context.fill();
    context.strokeStyle = paper;
    context.lineWidth = 1;
    context.stroke();
  }
  context.globalAlpha = 1;
  if (query === null) return;
  // A dark line between two light ones is seen on whatever lies below.
  for (const [colour, width] of [[paper, 5], [colourOf('--ink'), 2.5]] as const) {
    circle(context, toX(query[0]), toY(query[1]), RING);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }

  function isChosen({ rank }: Pick<Point, 'rank'>): boolean {
    return chosen === undefined || chosen.has(rank);
  }
}

function circle(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
}
