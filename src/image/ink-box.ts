/** Where the drawing is: touching cells form groups, and specks far smaller than the rest do not widen the crop. Twin of `InkCells` in src/native/drawing/normalise.cpp. */

/** Pixels; `bottom` and `right` are exclusive. */
export interface PixelBox {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

interface Grid {
  readonly cell: number;
  readonly high: number;
  readonly wide: number;
  /** Cells of a row, with an empty one on either side, so that neighbours need no bounds. */
  readonly pitch: number;
  readonly counts: Int32Array;
}

interface Group {
  top: number;
  left: number;
  bottom: number;
  right: number;
  ink: number;
}

const INK = 90;

/** The box of all ink but isolated specks; null where there is none. */
export function inkBox(ink: Uint8Array, rows: number, columns: number): PixelBox | null {
  const grid = countCells(ink, rows, columns);
  const { cell, high, wide, pitch } = grid;
  const groups: Group[] = [];
  for (let y = 1; y <= high; y++) {
    for (let x = 1; x <= wide; x++) if (grid.counts[y * pitch + x] !== 0) groups.push(takeGroup(grid, y * pitch + x));
  }
  const total = groups.reduce((sum, group) => sum + group.ink, 0);
  const large = groups.filter((group) => group.bottom - group.top > 1 || group.right - group.left > 1 || group.ink * 500 >= total);
  if (large.length === 0) return null;
  const fold = (of: (group: Group) => number, pick: (a: number, b: number) => number): number => large.map(of).reduce((a, b) => pick(a, b));
  return tighten(ink, columns, {
    top: fold((g) => g.top, Math.min) * cell,
    left: fold((g) => g.left, Math.min) * cell,
    bottom: Math.min(rows, (fold((g) => g.bottom, Math.max) + 1) * cell),
    right: Math.min(columns, (fold((g) => g.right, Math.max) + 1) * cell),
  });
}

function countCells(ink: Uint8Array, rows: number, columns: number): Grid {
  const cell = Math.max(2, Math.ceil(Math.max(rows, columns) / 80));
  const high = Math.ceil(rows / cell);
  const wide = Math.ceil(columns / cell);
  const pitch = wide + 2;
  const counts = new Int32Array((high + 2) * pitch);
  const sums = new Uint8Array(columns);
  for (let y = 0; y < high; y++) {
    // Only whether a cell has ink and roughly how much: at most 255 rows are counted.
    sums.fill(0);
    const top = y * cell;
    const end = Math.min(rows, top + cell, top + 255);
    for (let r = top; r < end; r++) {
      const start = r * columns;
      for (let x = 0; x < columns; x++) if (ink[start + x]! >= INK) sums[x]!++;
    }
    const row = (y + 1) * pitch + 1;
    for (let x = 0, at = 0; x < columns; at++) {
      for (const last = Math.min(columns, x + cell); x < last; x++) counts[row + at]! += sums[x]!;
    }
  }
  return { cell, high, wide, pitch, counts };
}

/** Empties the cells of one group while measuring it. */
function takeGroup({ high, wide, pitch, counts }: Grid, start: number): Group {
  const group: Group = { top: high, left: wide, bottom: -1, right: -1, ink: counts[start]! };
  const around = [-pitch - 1, -pitch, -pitch + 1, -1, 1, pitch - 1, pitch, pitch + 1];
  const stack = [start];
  counts[start] = 0;
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const y = Math.floor(at / pitch) - 1;
    const x = (at % pitch) - 1;
    group.top = Math.min(group.top, y);
    group.bottom = Math.max(group.bottom, y);
    group.left = Math.min(group.left, x);
    group.right = Math.max(group.right, x);
    for (const step of around) {
      if (counts[at + step] === 0) continue;
      group.ink += counts[at + step]!;
      counts[at + step] = 0;
      stack.push(at + step);
    }
  }
  return group;
}

/** From cells to pixels. */
function tighten(ink: Uint8Array, columns: number, cells: PixelBox): PixelBox {
  let { top, left, bottom, right } = cells;
  const rowHasInk = (row: number): boolean => {
    for (let x = left; x < right; x++) if (ink[row * columns + x]! >= INK) return true;
    return false;
  };
  const columnHasInk = (column: number): boolean => {
    for (let y = top; y < bottom; y++) if (ink[y * columns + column]! >= INK) return true;
    return false;
  };
  while (top + 1 < bottom && !rowHasInk(top)) top++;
  while (bottom - 1 > top && !rowHasInk(bottom - 1)) bottom--;
  while (left + 1 < right && !columnHasInk(left)) left++;
  while (right - 1 > left && !columnHasInk(right - 1)) right--;
  return { top, left, bottom, right };
}
