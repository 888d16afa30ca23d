/** Pictures of ink at other sizes: area averaging when shrinking, linear interpolation when enlarging. */

/** 0 = paper ... 255 = ink: (rows, columns). */
export interface InkPicture {
  readonly data: Uint8Array | Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** Output i is the sum over k of `weights[i * width + k]` times input `first[i] + k`. */
interface Taps {
  readonly width: number;
  readonly first: Int32Array;
  readonly weights: Float32Array;
}

function makeTaps(outputs: number, inputs: number): Taps {
  const step = inputs / outputs;
  const reach = Math.max(step, 1);
  const width = Math.min(inputs, Math.ceil(reach) + 1);
  const first = new Int32Array(outputs);
  const weights = new Float32Array(outputs * width);
  for (let i = 0; i < outputs; i++) {
    const low = (i + 0.5) * step - reach / 2;
    const start = Math.min(Math.max(Math.floor(low), 0), inputs - width);
    first[i] = start;
    let total = 0;
    for (let k = 0; k < width; k++) {
      const share = Math.max(0, Math.min(low + reach, start + k + 1) - Math.max(low, start + k));
      weights[i * width + k] = share;
      total += share;
    }
    // At an edge the window looks beyond the picture: what it finds counts in full.
    for (let k = 0; k < width; k++) weights[i * width + k]! /= total;
  }
  return { width, first, weights };
}

export function resample({ data, rows, columns }: InkPicture, outRows: number, outColumns: number): InkPicture & { readonly data: Float32Array } {
  const [down, across] = [makeTaps(outRows, rows), makeTaps(outColumns, columns)];
  const out = new Float32Array(outRows * outColumns);
  const line = new Float32Array(columns);
  for (let y = 0; y < outRows; y++) {
    line.fill(0);
    for (let k = 0; k < down.width; k++) {
      const weight = down.weights[y * down.width + k]!;
      if (weight === 0) continue;
      const row = (down.first[y]! + k) * columns;
      for (let x = 0; x < columns; x++) line[x]! += weight * data[row + x]!;
    }
    for (let x = 0, w = 0; x < outColumns; x++) {
      const from = across.first[x]!;
      let sum = 0;
      for (let k = 0; k < across.width; k++, w++) sum += across.weights[w]! * line[from + k]!;
      out[y * outColumns + x] = sum;
    }
  }
  return { data: out, rows: outRows, columns: outColumns };
}

/** The smallest part that holds all ink of at least this level; undefined where there is none. */
export function cropToInk({ data, rows, columns }: InkPicture, level: number): (InkPicture & { readonly top: number; readonly left: number }) | undefined {
  let [top, left, bottom, right] = [rows, columns, -1, -1];
  for (let y = 0, i = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++, i++) {
      if (data[i]! < level) continue;
      if (y < top) top = y;
      bottom = y;
      if (x < left) left = x;
      if (x > right) right = x;
    }
  }
  if (bottom < 0) return undefined;
  const [high, wide] = [bottom - top + 1, right - left + 1];
  const out = new Float32Array(high * wide);
  for (let y = 0; y < high; y++) out.set(data.subarray((top + y) * columns + left, (top + y) * columns + right + 1), y * wide);
  return { data: out, rows: high, columns: wide, top, left };
}
