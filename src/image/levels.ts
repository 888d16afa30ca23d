/** Which grey is paper and which is ink. Twin of `find_levels` and `to_ink` in src/native/drawing/normalise.cpp. */
import type { GreyImage } from './define.ts';

export interface Levels {
  readonly paper: number;
  /** Above `paper` where the picture is white on black. */
  readonly ink: number;
}

/** Grey levels nearer to paper than this are paper. */
const NEAR = 16;

/** Paper is the most common level; ink lies on the side of it that holds more contrast. Null where nothing differs from paper. */
export function findLevels({ data }: GreyImage): Levels | null {
  const histogram = sampleHistogram(data);
  const paper = findPaper(histogram);
  let darker = 0;
  let lighter = 0;
  for (let v = 0; v < 256; v++) {
    const contrast = Math.abs(v - paper) < NEAR ? 0 : Math.abs(v - paper) * histogram[v]!;
    if (v < paper) darker += contrast;
    else lighter += contrast;
  }
  if (darker + lighter === 0) return null;
  const ink = darker >= lighter ? findInk(histogram, paper, 1) : findInk(histogram, paper, -1);
  return ink === null ? null : { paper, ink };
}

/** About 12,000 samples tell the levels; an odd step meets no column pattern. */
export function sampleHistogram(data: Uint8Array): Uint32Array {
  const histogram = new Uint32Array(256);
  const step = Math.max(1, Math.floor(data.length / 12000)) | 1;
  for (let i = 0; i < data.length; i += step) histogram[data[i]!]!++;
  return histogram;
}

function findPaper(histogram: Uint32Array): number {
  let paper = 255;
  let best = 0;
  for (let v = 0; v < 256; v++) {
    if (histogram[v]! * 5 < best) continue;
    let near = 0;
    for (let k = Math.max(0, v - 2); k <= Math.min(255, v + 2); k++) near += histogram[k]!;
    if (near > best || (near === best && histogram[v]! > histogram[paper]!)) {
      best = near;
      paper = v;
    }
  }
  return paper;
}

/** The level that a twelfth of the inked samples reach, coming from the far end. */
function findInk(histogram: Uint32Array, paper: number, direction: 1 | -1): number | null {
  const start = direction > 0 ? 0 : 255;
  const end = paper - direction * (NEAR - 1);
  let beyond = 0;
  for (let v = start; v !== end; v += direction) beyond += histogram[v]!;
  const wanted = Math.max(1, Math.floor(beyond / 12));
  let seen = 0;
  for (let v = start; v !== end; v += direction) {
    seen += histogram[v]!;
    if (seen >= wanted) return v;
  }
  return null;
}

/** 0 = paper ... 255 = ink; the faintest tenth (paper texture, compression noise) is paper. Single precision as in the twin. */
export function toInk({ data }: GreyImage, { paper, ink }: Levels): Uint8Array {
  const f = Math.fround;
  const range = ink - paper;
  const scale = f(255 / f(f(0.9) * range));
  const offset = f(-scale * f(paper + f(0.1) * range));
  const table = Uint8Array.from({ length: 256 }, (_, grey) => Math.trunc(Math.min(255, Math.max(0, f(grey * scale + offset)))));
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = table[data[i]!]!;
  return out;
}
