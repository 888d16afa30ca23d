/** Scaling a crop of ink to the canvas. Twin of `shrink` and `stretch_contrast` in src/native/drawing/normalise.cpp, in the same single precision. */
import type { Canvas } from './define.ts';
import type { PixelBox } from './ink-box.ts';

const f = Math.fround;

/** Every output pixel covers `width` input pixels from its `first` on, with these shares of one (some zero). */
interface Taps {
  readonly width: number;
  readonly first: Int32Array;
  /** (outputs, width) */
  readonly weights: Float32Array;
}

/** Area averaging when shrinking, linear interpolation when enlarging. */
function makeTaps(outputs: number, inputs: number): Taps {
  const scale = f(inputs / outputs);
  const reach = Math.max(scale, 1);
  const width = Math.min(inputs, Math.ceil(reach) + 1);
  const first = new Int32Array(outputs);
  const weights = new Float32Array(outputs * width);
  for (let i = 0; i < outputs; i++) {
    const middle = f((i + 0.5) * scale);
    const low = Math.max(0, f(middle - reach / 2));
    const high = Math.min(inputs, f(middle + reach / 2));
    const start = Math.min(Math.max(Math.trunc(low), 0), inputs - width);
    first[i] = start;
    for (let k = 0; k < width; k++) {
      const at = start + k;
      weights[i * width + k] = f(Math.max(0, f(Math.min(high, at + 1) - Math.max(low, at))) / reach);
    }
  }
  return { width, first, weights };
}

interface Placement {
  readonly rows: number;
  readonly columns: number;
  /** Index in the canvas of the first pixel. */
  readonly start: number;
}

/** Aspect kept, centred, a margin left free. */
function place({ height, width }: Canvas, rows: number, columns: number): Placement {
  const margin = Math.max(1, Math.floor(Math.min(height, width) / 64));
  const innerHeight = Math.max(1, height - 2 * margin);
  const innerWidth = Math.max(1, width - 2 * margin);
  const scale = Math.max(f(rows / innerHeight), f(columns / innerWidth));
  const clamp = (value: number, most: number): number => Math.min(Math.max(Math.trunc(f(f(value / scale) + 0.5)), 1), most);
  const outRows = clamp(rows, height);
  const outColumns = clamp(columns, width);
  return { rows: outRows, columns: outColumns, start: Math.trunc((height - outRows) / 2) * width + Math.trunc((width - outColumns) / 2) };
}

/** ink (rows of `stride`) inside the box goes to the canvas, which must be empty. */
export function fitInk(canvas: Canvas, ink: Uint8Array, stride: number, box: PixelBox): void {
  const columns = box.right - box.left;
  const placed = place(canvas, box.bottom - box.top, columns);
  const rowTaps = makeTaps(placed.rows, box.bottom - box.top);
  const columnTaps = makeTaps(placed.columns, columns);
  const line = new Float32Array(columns);
  for (let y = 0; y < placed.rows; y++) {
    line.fill(0);
    for (let k = 0; k < rowTaps.width; k++) {
      const weight = f(rowTaps.weights[y * rowTaps.width + k]! * f(1 / 255));
      if (weight === 0) continue;
      const row = (box.top + rowTaps.first[y]! + k) * stride + box.left;
      for (let x = 0; x < columns; x++) line[x]! += weight * ink[row + x]!;
    }
    weighColumns(canvas.data, placed.start + y * canvas.width, line, columnTaps);
  }
}

function weighColumns(out: Float32Array, start: number, line: Float32Array, { width, first, weights }: Taps): void {
  for (let x = 0, w = 0; x < first.length; x++) {
    const from = first[x]!;
    let sum = 0;
    for (let k = 0; k < width; k++, w++) sum = f(sum + weights[w]! * line[from + k]!);
    out[start + x] = sum;
  }
}

/** Thin lines of a large molecule come out pale after shrinking. The darkest twentieth of the inked pixels becomes 1. */
export function stretchContrast(data: Float32Array): void {
  const histogram = new Int32Array(65);
  for (let i = 0; i < data.length; i += 3) histogram[Math.trunc(Math.min(1, data[i]!) * 64)]!++;
  let inked = 0;
  for (let v = 5; v <= 64; v++) inked += histogram[v]!;
  let level = 64;
  for (let seen = 0; level > 12; level--) {
    seen += histogram[level]!;
    if (seen * 20 >= inked) break;
  }
  const scale = f(64 / level);
  for (let i = 0; i < data.length; i++) data[i] = Math.min(1, f(data[i]! * scale));
}
