/** Ink turned by quarters, and places in it turned back: readers know upright letters alone. */
import type { InkPicture } from './resample.ts';

/** Turned clockwise by so many quarters, 1 to 3. */
export function turnInk({ data, rows, columns }: InkPicture, quarters: number): InkPicture {
  const isUpright = quarters % 2 === 0;
  const [high, wide] = isUpright ? [rows, columns] : [columns, rows];
  const out = new Float32Array(rows * columns);
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < wide; x++) {
      const { x: from, y: row } = turnBack({ x: x + 0.5, y: y + 0.5 }, quarters, rows, columns);
      out[y * wide + x] = data[Math.floor(row) * columns + Math.floor(from)]!;
    }
  }
  return { data: out, rows: high, columns: wide };
}

/** A place in the turned ink as one of the ink of (rows, columns) that was turned. */
export function turnBack({ x, y }: { readonly x: number; readonly y: number }, quarters: number, rows: number, columns: number): { x: number; y: number } {
  if (quarters === 1) return { x: y, y: rows - x };
  if (quarters === 2) return { x: columns - x, y: rows - y };
  if (quarters === 3) return { x: columns - y, y: x };
  return { x, y };
}
