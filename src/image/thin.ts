/** Strokes to lines one pixel wide (Zhang and Suen 1984, doi:10.1145/357994.358023). */

/** The neighbours of a pixel, clockwise from above. */
export function neighbours(pitch: number): readonly number[] {
  return [-pitch, -pitch + 1, 1, pitch + 1, pitch, pitch - 1, -1, -pitch - 1];
}

/** Anything wider than twice this is no stroke, and is left as it is. */
const ROUNDS = 12;

/** Whether a pixel goes in each half round, by which of its neighbours are inked (bit i: neighbour i). */
const GOES = [0, 1].map((half) => Uint8Array.from({ length: 256 }, (_, mask) => {
  const has = (i: number): boolean => ((mask >> (i & 7)) & 1) === 1;
  const around = Array.from({ length: 8 }, (_side, i) => i);
  const inked = around.filter(has).length;
  const rises = around.filter((i) => !has(i) && has(i + 1)).length;
  const [up, right, down, left] = [has(0), has(2), has(4), has(6)];
  const open = half === 0 ? !(up && right && down) && !(right && down && left) : !(up && right && left) && !(up && down && left);
  return inked >= 2 && inked <= 6 && rises === 1 && open ? 1 : 0;
}));

/** In place. inked: 1 = ink, with an empty border one pixel wide; `pitch` pixels a row. Gives the pixels that are left. */
export function thin(inked: Uint8Array, pitch: number): Int32Array {
  const [n0, n1, n2, n3, n4, n5, n6, n7] = neighbours(pitch) as [number, number, number, number, number, number, number, number];
  const left = inkedPixels(inked);
  const leaving = new Int32Array(left.length);
  let count = left.length;
  for (let round = 0; round < ROUNDS; round++) {
    const before = count;
    for (const goes of GOES) {
      let leavers = 0;
      let stayers = 0;
      for (let i = 0; i < count; i++) {
        const at = left[i]!;
        const mask = inked[at + n0]! | (inked[at + n1]! << 1) | (inked[at + n2]! << 2) | (inked[at + n3]! << 3)
          | (inked[at + n4]! << 4) | (inked[at + n5]! << 5) | (inked[at + n6]! << 6) | (inked[at + n7]! << 7);
        if (goes[mask] === 1) leaving[leavers++] = at;
        else left[stayers++] = at;
      }
      for (let i = 0; i < leavers; i++) inked[leaving[i]!] = 0;
      count = stayers;
    }
    if (count === before) break;
  }
  return left.subarray(0, count);
}

function inkedPixels(inked: Uint8Array): Int32Array {
  let count = 0;
  for (let at = 0; at < inked.length; at++) count += inked[at]!;
  const pixels = new Int32Array(count);
  for (let at = 0, i = 0; i < count; at++) if (inked[at] !== 0) pixels[i++] = at;
  return pixels;
}
