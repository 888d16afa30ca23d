/** Just enough of a TIFF's first directory to refuse what the decoder would read wrong without saying so. */
import { IsoLensError } from '../core/index.ts';

const TAG = { bitsPerSample: 258, samplesPerPixel: 277, planarConfiguration: 284 } as const;
const SEPARATE_PLANES = 2;

/**
 * Planes stored one after the other at more than 8 bits come out of the decoder as noise. A directory that cannot be
 * followed here is left to the decoder, which reports it.
 */
export function checkTiff(bytes: Uint8Array): void {
  const tags = firstDirectory(bytes);
  if (tags === null) return;
  const separate = tags.get(TAG.planarConfiguration) === SEPARATE_PLANES && (tags.get(TAG.samplesPerPixel) ?? 1) > 1;
  if (!separate || (tags.get(TAG.bitsPerSample) ?? 1) <= 8) return;
  throw new IsoLensError(
    'IMAGE_FORMAT_UNSUPPORTED',
    'Expected a TIFF with its channels side by side but received one with separate planes of more than 8 bits; save it again as PNG or with contiguous (chunky) channels.',
  );
}

/** The first value of every tag (a file offset where it does not fit the entry, which is true only of what we do not ask for). */
function firstDirectory(bytes: Uint8Array): Map<number, number> | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  try {
    const big = view.getUint16(2, little) === 43;
    const at = big ? Number(view.getBigUint64(8, little)) : view.getUint32(4, little);
    const count = big ? Number(view.getBigUint64(at, little)) : view.getUint16(at, little);
    const entry = big ? 20 : 12;
    const tags = new Map<number, number>();
    for (let i = 0; i < Math.min(count, 4096); i++) {
      const start = at + (big ? 8 : 2) + i * entry;
      tags.set(view.getUint16(start, little), firstValue(view, start, little, big));
    }
    return tags;
  } catch {
    return null;
  }
}

const SHORT = 3;

function firstValue(view: DataView, start: number, little: boolean, big: boolean): number {
  const type = view.getUint16(start + 2, little);
  const values = big ? Number(view.getBigUint64(start + 4, little)) : view.getUint32(start + 4, little);
  const field = start + (big ? 12 : 8);
  if (type !== SHORT) return view.getUint32(field, little);
  // Bits per sample of several channels do not fit the entry: it points to them.
  const at = values * 2 <= (big ? 8 : 4) ? field : big ? Number(view.getBigUint64(field, little)) : view.getUint32(field, little);
  return view.getUint16(at, little);
}
