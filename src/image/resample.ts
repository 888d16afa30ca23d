/** One channel at another size: the twin of `src/native/feeds/resample.cpp`, so that serving sees what training saw. */

interface AxisWeights {
  /** (size) first input of each output; its weights are `weights[first[i] .. first[i + 1]]`. */
  readonly begin: Int32Array;
  readonly first: Int32Array;
  readonly weights: Float32Array;
}

/** Triangle filter, as wide as the step from one output pixel to the next, and at least one input pixel; clipped at the edges. */
function axisWeights(inputs: number, size: number): AxisWeights {
  const begin = new Int32Array(size);
  const first = new Int32Array(size + 1);
  const weights: number[] = [];
  const step = inputs / size;
  const reach = Math.max(1, step);
  for (let i = 0; i < size; i++) {
    const centre = (i + 0.5) * step - 0.5;
    begin[i] = Math.max(0, Math.ceil(centre - reach));
    const end = Math.min(inputs - 1, Math.floor(centre + reach));
    const own = Array.from({ length: end - begin[i]! + 1 }, (_, at) => Math.max(0, 1 - Math.abs(begin[i]! + at - centre) / reach));
    const sum = own.reduce((total, weight) => total + weight, 0);
    weights.push(...own.map((weight) => weight / sum));
    first[i + 1] = weights.length;
  }
  return { begin, first, weights: Float32Array.from(weights) };
}

/** pixels (height, width) to (rows, columns); 0 to 255 stays 0 to 255. */
export function resample(pixels: ArrayLike<number>, height: number, width: number, rows: number, columns: number): Float32Array {
  const across = axisWeights(width, columns);
  const down = axisWeights(height, rows);
  const narrow = new Float32Array(height * columns);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let w = across.first[x]!, at = y * width + across.begin[x]!; w < across.first[x + 1]!; w++, at++) sum += across.weights[w]! * pixels[at]!;
      narrow[y * columns + x] = sum;
    }
  }
  const out = new Float32Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    for (let w = down.first[y]!, from = down.begin[y]!; w < down.first[y + 1]!; w++, from++) {
      const weight = down.weights[w]!;
      for (let x = 0; x < columns; x++) out[y * columns + x]! += weight * narrow[from * columns + x]!;
    }
  }
  return out;
}
