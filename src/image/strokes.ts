/** The strokes of a picture: its ink thinned to lines, and those cut where they turn. */
import { neighbours, thin } from './thin.ts';
import type { WorkingInk } from './working-ink.ts';

/** One straight piece. */
export interface Stroke {
  readonly fromX: number;
  readonly fromY: number;
  readonly toX: number;
  readonly toY: number;
  readonly length: number;
  /** Whether it goes on smoothly at an end, as pieces of a curve do. */
  readonly smooth: boolean;
  /** Number of the line it was cut from; a line runs between ends and crossings. */
  readonly line: number;
}

export interface Strokes {
  readonly strokes: readonly Stroke[];
  /** Of the pen, in pixels. */
  readonly penWidth: number;
  /** Inked pixels. */
  readonly area: number;
}

export function findStrokes({ inked, pitch }: WorkingInk): Strokes {
  const lines = inked.slice();
  const pixels = thin(lines, pitch);
  let area = 0;
  for (let at = 0; at < inked.length; at++) area += inked[at]!;
  const penWidth = pixels.length === 0 ? 0 : area / pixels.length;
  const strokes = traceLines(lines, pixels, pitch).flatMap((path, line) => cut(path, pitch, line, Math.max(1.3, 0.45 * penWidth)));
  return { strokes, penWidth, area };
}

/** Paths of pixels between ends and crossings, and around closed loops. */
function traceLines(lines: Uint8Array, pixels: Int32Array, pitch: number): Int32Array[] {
  const around = neighbours(pitch);
  // Sides before corners: a staircase is walked step by step.
  const order = [0, 2, 4, 6, 1, 3, 5, 7].map((i) => around[i]!);
  const isNode = (at: number): boolean => {
    let rises = 0;
    for (let i = 0; i < 8; i++) if (lines[at + around[i]!] === 0 && lines[at + around[(i + 1) & 7]!] !== 0) rises++;
    return rises !== 2;
  };
  const nodes: number[] = [];
  const inner: number[] = [];
  for (const at of pixels) (isNode(at) ? nodes : inner).push(at);
  const NODE = 2;
  for (const at of nodes) lines[at] = NODE;
  const paths: Int32Array[] = [];
  // Walked pixels become 3, so that crossings are still seen as inked.
  const walk = (path: number[]): void => {
    for (let at = path.at(-1)!; ;) {
      let next = -1;
      for (const side of order) {
        const to = at + side;
        if (lines[to] === NODE && !(path.length === 2 && to === path[0])) { next = to; break; }
        if (lines[to] === 1 && next < 0) next = to;
      }
      if (next < 0) return;
      path.push(next);
      if (lines[next] === NODE) return;
      lines[next] = 3;
      at = next;
    }
  };
  for (const node of nodes) {
    for (const side of order) {
      if (lines[node + side] !== 1) continue;
      lines[node + side] = 3;
      const path = [node, node + side];
      walk(path);
      paths.push(Int32Array.from(path));
    }
  }
  for (const at of inner) {
    if (lines[at] !== 1) continue;
    lines[at] = 3;
    const path = [at];
    walk(path);
    paths.push(fromCorner(path, pitch));
  }
  return paths;
}

/** A closed loop begins at the pixel that is farthest from where it was met, which is a corner where it has any. */
function fromCorner(path: readonly number[], pitch: number): Int32Array {
  const [first] = path;
  const distance = (at: number): number => Math.hypot((at % pitch) - (first! % pitch), Math.floor(at / pitch) - Math.floor(first! / pitch));
  const corner = path.reduce((best, at, i) => (distance(at) > distance(path[best]!) ? i : best), 0);
  return Int32Array.from([...path.slice(corner), ...path.slice(0, corner + 1)]);
}

/** A turn that is less, over a short way on both sides, is part of a curve. */
const SHARP = (25 * Math.PI) / 180;
const ARM = 6;

/** Cuts where the path leaves the straight line (Douglas and Peucker 1973). */
function cut(path: Int32Array, pitch: number, line: number, tolerance: number): Stroke[] {
  const xs = Float32Array.from(path, (at) => at % pitch);
  const ys = Float32Array.from(path, (at) => Math.floor(at / pitch));
  const ends = [0, path.length - 1];
  const split = (from: number, to: number): void => {
    const [dx, dy] = [xs[to]! - xs[from]!, ys[to]! - ys[from]!];
    const length = Math.hypot(dx, dy);
    let [worst, at] = [tolerance, -1];
    for (let i = from + 1; i < to; i++) {
      const [ex, ey] = [xs[i]! - xs[from]!, ys[i]! - ys[from]!];
      const off = length < 1 ? Math.hypot(ex, ey) : Math.abs(ex * dy - ey * dx) / length;
      if (off > worst) [worst, at] = [off, i];
    }
    if (at < 0) return;
    ends.push(at);
    split(from, at);
    split(at, to);
  };
  split(0, path.length - 1);
  ends.sort((a, b) => a - b);
  joinNear(ends, Math.max(8, 6 * tolerance));
  const turnsAt = (i: number): boolean => {
    const before = Math.max(0, i - ARM);
    const after = Math.min(path.length - 1, i + ARM);
    const turn = Math.atan2(ys[after]! - ys[i]!, xs[after]! - xs[i]!) - Math.atan2(ys[i]! - ys[before]!, xs[i]! - xs[before]!);
    return Math.abs(Math.atan2(Math.sin(turn), Math.cos(turn))) >= SHARP;
  };
  const isSmooth = (i: number): boolean => i > 0 && i < path.length - 1 && !turnsAt(i);
  return ends.slice(1).map((to, i) => {
    const from = ends[i]!;
    const [fromX, fromY, toX, toY] = [xs[from]!, ys[from]!, xs[to]!, ys[to]!];
    return { fromX, fromY, toX, toY, length: Math.hypot(toX - fromX, toY - fromY), smooth: isSmooth(from) || isSmooth(to), line };
  });
}

/** A rounded corner is cut twice: two cuts nearer than this, in pixels along the path, become one between them. In place. */
function joinNear(ends: number[], near: number): void {
  for (let i = 1; i + 2 < ends.length; i++) {
    if (ends[i + 1]! - ends[i]! >= near) continue;
    ends.splice(i, 2, (ends[i]! + ends[i + 1]!) >> 1);
  }
}
