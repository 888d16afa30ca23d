/** Small drawings and hostile files made on the spot: nothing is stored. */
import sharp from 'sharp';
import { createRng } from '../../src/core/index.ts';

export interface Plain {
  readonly data: Uint8Array;
  readonly rows: number;
  readonly columns: number;
}

/** A hexagon with a substituent, black lines on white. */
export function hexagon(rows = 240, columns = 320, ink = 0, paper = 255): Plain {
  const data = new Uint8Array(rows * columns).fill(paper);
  const image = { data, rows, columns };
  const corners = Array.from({ length: 6 }, (_, i) => [columns * 0.4 + rows * 0.3 * Math.cos((i * Math.PI) / 3), rows * 0.5 + rows * 0.3 * Math.sin((i * Math.PI) / 3)] as const);
  corners.forEach(([x, y], i) => line(image, x, y, corners[(i + 1) % 6]![0], corners[(i + 1) % 6]![1], ink));
  line(image, corners[0]![0], corners[0]![1], columns * 0.9, rows * 0.5, ink);
  return image;
}

export function line({ data, rows, columns }: Plain, x0: number, y0: number, x1: number, y1: number, ink: number): void {
  const steps = Math.ceil(2 * Math.hypot(x1 - x0, y1 - y0));
  for (let s = 0; s <= steps; s++) {
    for (const [dx, dy] of [[0, 0], [1, 0], [0, 1]] as const) {
      const x = Math.round(x0 + ((x1 - x0) * s) / steps) + dx;
      const y = Math.round(y0 + ((y1 - y0) * s) / steps) + dy;
      if (x >= 0 && x < columns && y >= 0 && y < rows) data[y * columns + x] = ink;
    }
  }
}

export function png(image: Plain): Promise<Buffer> {
  return sharp(image.data, { raw: { width: image.columns, height: image.rows, channels: 1 } }).png().toBuffer();
}

/** Smooth colours all over, as in a photograph of anything. */
export function photograph(): Promise<Buffer> {
  const [width, height] = [320, 240];
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const blob = Math.sin(x / 23) * Math.cos(y / 31) + Math.sin((x + y) / 47);
      data.set([128 + 60 * blob, 110 + 50 * Math.cos(x / 40 + blob), 90 + 70 * Math.sin(y / 29 - blob)], (y * width + x) * 3);
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } }).jpeg().toBuffer();
}

/** Planes one after the other, 16 bits, several rows a strip: what the decoder reads wrong without an error. */
export function planarTiff(width = 8, height = 8): Buffer {
  const plane = width * height * 2;
  const entries: (readonly [tag: number, type: number, count: number, value: number])[] = [
    [256, 3, 1, width], [257, 3, 1, height], [258, 3, 3, 0], [259, 3, 1, 1], [262, 3, 1, 2], [273, 4, 3, 0], [277, 3, 1, 3], [278, 3, 1, height], [279, 4, 3, 0], [284, 3, 1, 2],
  ];
  const extra = 8 + 2 + entries.length * 12 + 4;
  const [bits, offsets, counts, pixels] = [extra, extra + 6, extra + 18, extra + 30];
  const out = Buffer.alloc(pixels + 3 * plane);
  out.write('II*\0', 0, 'latin1');
  out.writeUInt32LE(8, 4);
  out.writeUInt16LE(entries.length, 8);
  const pointers: Record<number, number> = { 258: bits, 273: offsets, 279: counts };
  entries.forEach(([tag, type, count, value], i) => {
    const at = 10 + i * 12;
    out.writeUInt16LE(tag, at);
    out.writeUInt16LE(type, at + 2);
    out.writeUInt32LE(count, at + 4);
    out.writeUInt32LE(pointers[tag] ?? value, at + 8);
  });
  for (let c = 0; c < 3; c++) {
    out.writeUInt16LE(16, bits + 2 * c);
    out.writeUInt32LE(pixels + c * plane, offsets + 4 * c);
    out.writeUInt32LE(plane, counts + 4 * c);
  }
  return out;
}

/** A TIFF with a page for each channel: round cells, somewhere else for every seed, brighter in later channels. 8 or 16 bit. */
export function siteTiff(channels: number, height: number, width: number, seed: number, depth: 'uchar' | 'ushort' = 'uchar'): Promise<Buffer> {
  const rng = createRng(seed);
  const cells = Array.from({ length: 6 }, () => ({ x: rng.next() * width, y: rng.next() * height, r: (0.1 + 0.1 * rng.next()) * Math.min(height, width) }));
  const top = depth === 'uchar' ? 255 : 4095; // of a camera of 12 bits
  const pixels = Array.from({ length: channels * height * width }, (_, i) => {
    const [channel, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
    const cell = cells.some((one) => Math.hypot(x - one.x, y - one.y) < one.r * (1 + 0.2 * channel));
    return Math.round(top * (0.05 + 0.05 * rng.next() + (cell ? 0.3 + 0.1 * channel : 0)));
  });
  const raw = { width, height: channels * height, channels: 1 as const, pageHeight: height };
  if (depth === 'uchar') return sharp(Uint8Array.from(pixels), { raw }).toColourspace('b-w').tiff({ compression: 'lzw' }).toBuffer();
  return Promise.resolve(deepTiff(Uint16Array.from(pixels), channels, height, width));
}

/** A page for each channel, 16 bits, not compressed (sharp writes 8 bits); the date holds a zero, as some microscopes' programs write it. */
export function deepTiff(pixels: Uint16Array, channels: number, height: number, width: number): Buffer {
  const plane = width * height * 2;
  const date = '2026:01:01\0 10:00:00\0';
  const head = 2 + 11 * 12 + 4;
  const page = head + date.length + (date.length % 2) + plane;
  const out = Buffer.alloc(8 + channels * page);
  out.write('II*\0', 0, 'latin1');
  out.writeUInt32LE(8, 4);
  for (let channel = 0; channel < channels; channel++) {
    const start = 8 + channel * page;
    const text = start + head;
    const data = start + page - plane;
    const entries: (readonly [tag: number, type: number, count: number, value: number])[] = [
      [256, 4, 1, width], [257, 4, 1, height], [258, 3, 1, 16], [259, 3, 1, 1], [262, 3, 1, 1], [273, 4, 1, data], [277, 3, 1, 1], [278, 4, 1, height], [279, 4, 1, plane],
      [284, 3, 1, 1], [306, 2, date.length, text],
    ];
    out.writeUInt16LE(entries.length, start);
    entries.forEach(([tag, type, count, value], i) => {
      const at = start + 2 + 12 * i;
      out.writeUInt16LE(tag, at);
      out.writeUInt16LE(type, at + 2);
      out.writeUInt32LE(count, at + 4);
      if (type === 3) out.writeUInt16LE(value, at + 8);
      else out.writeUInt32LE(value, at + 8);
    });
    out.writeUInt32LE(channel + 1 < channels ? start + page : 0, start + 2 + 12 * entries.length);
    out.write(date, text, 'latin1');
    for (let i = 0; i < width * height; i++) out.writeUInt16LE(pixels[channel * width * height + i]!, data + 2 * i);
  }
  return out;
}
