/** Just enough of a TIFF's directories to refuse what the decoder would read wrong without saying so. */
import { IsoLensError } from '../core/index.ts';

const TAG = {
  width: 256, height: 257, bitsPerSample: 258, compression: 259, stripOffsets: 273, samplesPerPixel: 277, rowsPerStrip: 278, stripBytes: 279,
  planarConfiguration: 284, tileOffsets: 324, tileBytes: 325,
} as const;
const SEPARATE_PLANES = 2;
const UNCOMPRESSED = 1;
/** Sites have a page a channel; of more, the decoder looks after itself. */
const MAX_PAGES = 64;
const MAX_VALUES = 65_536;

/** What an entry of a directory holds: the first value at once, all of them where they are asked for. */
interface Entry {
  readonly first: number;
  all(): number[];
}
type Directory = ReadonlyMap<number, Entry>;

/**
 * Planes stored one after the other at more than 8 bits come out of the decoder as noise (IMAGE_FORMAT_UNSUPPORTED), and pixels that lie
 * behind the end of a file as black (IMAGE_CORRUPT). Directories that cannot be followed here are left to the decoder, which reports it.
 */
export function checkTiff(bytes: Uint8Array): void {
  const pages = directories(bytes);
  const [first] = pages;
  if (first === undefined) return;
  const isSeparate = valueOf(first, TAG.planarConfiguration) === SEPARATE_PLANES && (valueOf(first, TAG.samplesPerPixel) ?? 1) > 1;
  if (isSeparate && (valueOf(first, TAG.bitsPerSample) ?? 1) > 8) {
    throw new IsoLensError(
      'IMAGE_FORMAT_UNSUPPORTED',
      'Expected a TIFF with its channels side by side but received one with separate planes of more than 8 bits; save it again as PNG or with contiguous (chunky) channels.',
    );
  }
  const end = pages.reduce((last, page) => Math.max(last, endOfPixels(page)), 0);
  if (end <= bytes.length) return;
  throw new IsoLensError('IMAGE_CORRUPT', `Expected a whole TIFF image but its pixels end at byte ${end} and the file at ${bytes.length}; save or copy it again.`);
}

function valueOf(directory: Directory, tag: number): number | undefined {
  return directory.get(tag)?.first;
}

/** Behind the last byte that a page needs. Some programs write for the last strip what a whole one would take. */
function endOfPixels(page: Directory): number {
  const offsets = (page.get(TAG.stripOffsets) ?? page.get(TAG.tileOffsets))?.all() ?? [];
  const counts = (page.get(TAG.stripBytes) ?? page.get(TAG.tileBytes))?.all() ?? [];
  const isPlain = page.has(TAG.stripOffsets) && valueOf(page, TAG.compression) === UNCOMPRESSED
    && valueOf(page, TAG.planarConfiguration) !== SEPARATE_PLANES;
  const height = valueOf(page, TAG.height) ?? 0;
  const rowsPerStrip = Math.min(height, valueOf(page, TAG.rowsPerStrip) ?? height);
  const rowBits = (valueOf(page, TAG.width) ?? 0) * (valueOf(page, TAG.samplesPerPixel) ?? 1) * (valueOf(page, TAG.bitsPerSample) ?? 1);
  return offsets.reduce((end, offset, i) => {
    const needed = isPlain ? Math.max(0, Math.min(rowsPerStrip, height - i * rowsPerStrip)) * Math.ceil(rowBits / 8) : Infinity;
    return Math.max(end, offset + Math.min(counts[i] ?? 0, needed));
  }, 0);
}

function directories(bytes: Uint8Array): Directory[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  const found: Directory[] = [];
  try {
    const big = view.getUint16(2, little) === 43;
    const address = (at: number): number => (big ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
    for (let at = address(big ? 8 : 4); at !== 0 && found.length < MAX_PAGES;) {
      const count = big ? address(at) : view.getUint16(at, little);
      const entries = at + (big ? 8 : 2);
      const size = big ? 20 : 12;
      const page = new Map<number, Entry>();
      for (let i = 0; i < Math.min(count, 4096); i++) page.set(view.getUint16(entries + i * size, little), entryAt(view, entries + i * size, little, big));
      found.push(page);
      at = address(entries + count * size);
    }
  } catch {
    // What was read so far is checked.
  }
  return found;
}

/** Bytes of a value of type BYTE, SHORT, LONG and LONG8; of others nothing is asked. */
const SIZES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 16: 8 };

function entryAt(view: DataView, start: number, little: boolean, big: boolean): Entry {
  const type = view.getUint16(start + 2, little);
  const count = big ? Number(view.getBigUint64(start + 4, little)) : view.getUint32(start + 4, little);
  const field = start + (big ? 12 : 8);
  const size = SIZES[type] ?? 4;
  // Values that do not fit the entry lie elsewhere: it points to them.
  const at = count * size <= (big ? 8 : 4) ? field : big ? Number(view.getBigUint64(field, little)) : view.getUint32(field, little);
  const value = (place: number): number => {
    if (size === 8) return Number(view.getBigUint64(place, little));
    if (size === 4) return view.getUint32(place, little);
    return size === 2 ? view.getUint16(place, little) : view.getUint8(place);
  };
  return {
    // Of types that are not numbers the field itself, which nobody asks for.
    first: value(at + size <= view.byteLength ? at : field),
    all: () => {
      const last = Math.min(count, MAX_VALUES, Math.floor((view.byteLength - at) / size));
      return Array.from({ length: Math.max(0, last) }, (_, i) => value(at + i * size));
    },
  };
}
