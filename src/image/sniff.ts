/** What a file is, by its bytes: a name or a content type may be wrong. */
import { IsoLensError } from '../core/index.ts';

export type ImageFormat = 'png' | 'jpeg' | 'webp' | 'gif' | 'tiff';

/** For messages and `accept` attributes. */
export const IMAGE_FORMATS: readonly ImageFormat[] = ['png', 'jpeg', 'webp', 'gif', 'tiff'];

/** The format, or a coded refusal that says what the file is instead and what to do. */
export function sniffImage(bytes: Uint8Array): ImageFormat {
  if (bytes.length === 0) throw new IsoLensError('IMAGE_EMPTY', 'Expected an image but received no bytes; choose a file with a drawn structure.');
  const found = MAGIC.find(({ marks }) => marks.every(([at, text]) => hasText(bytes, at, text)));
  if (found !== undefined) return found.format;
  throw unsupported(describe(bytes));
}

type Mark = readonly [at: number, text: string];

const MAGIC: readonly { readonly format: ImageFormat; readonly marks: readonly Mark[] }[] = [
  { format: 'png', marks: [[0, '\x89PNG\r\n\x1a\n']] },
  { format: 'jpeg', marks: [[0, '\xff\xd8\xff']] },
  { format: 'webp', marks: [[0, 'RIFF'], [8, 'WEBP']] },
  { format: 'gif', marks: [[0, 'GIF87a']] },
  { format: 'gif', marks: [[0, 'GIF89a']] },
  { format: 'tiff', marks: [[0, 'II*\0']] },
  { format: 'tiff', marks: [[0, 'MM\0*']] },
  { format: 'tiff', marks: [[0, 'II+\0']] },
  { format: 'tiff', marks: [[0, 'MM\0+']] },
];

/** What is often sent instead of an image that can be read. */
const OTHERS: readonly { readonly name: string; readonly advice: string; readonly marks: readonly Mark[] }[] = [
  { name: 'a PDF', advice: 'save the page, or a cut-out of the structure, as PNG', marks: [[0, '%PDF']] },
  { name: 'a BMP picture', advice: 'save it as PNG', marks: [[0, 'BM']] },
  { name: 'a HEIC or AVIF picture', advice: 'save it as PNG or JPEG', marks: [[4, 'ftyp']] },
  { name: 'a ChemDraw file', advice: 'export it as PNG, or copy the structure as SMILES and search by that', marks: [[0, 'VjCD0100']] },
  { name: 'a Windows metafile', advice: 'save it as PNG', marks: [[0, '\xd7\xcd\xc6\x9a']] },
  { name: 'an enhanced metafile', advice: 'save it as PNG', marks: [[40, ' EMF']] },
  { name: 'a ZIP archive or an Office document', advice: 'save the picture in it as PNG', marks: [[0, 'PK\x03\x04']] },
  { name: 'a gzip file', advice: 'unpack it first', marks: [[0, '\x1f\x8b']] },
];

function describe(bytes: Uint8Array): { name: string; advice: string } {
  const known = OTHERS.find(({ marks }) => marks.every(([at, text]) => hasText(bytes, at, text)));
  if (known !== undefined) return known;
  const head = textHead(bytes);
  if (head === null) return { name: 'a file of unknown kind', advice: 'save the picture as PNG' };
  if (/<svg[\s>]/i.test(head)) return { name: 'an SVG drawing', advice: 'export it as PNG, 1,000 pixels wide or so' };
  if (/^\s*<(!doctype html|html)/i.test(head)) return { name: 'a web page', advice: 'save the picture on it, not the page' };
  if (/^\s*<\?xml|<CDXML/i.test(head)) return { name: 'an XML document', advice: 'export the drawing as PNG' };
  if (/M {2}END|V[23]000/.test(head)) return { name: 'a molfile', advice: 'search by the structure itself instead' };
  return { name: 'a text file', advice: 'choose an image, or search by SMILES' };
}

function unsupported({ name, advice }: { name: string; advice: string }): IsoLensError {
  return new IsoLensError('IMAGE_FORMAT_UNSUPPORTED', `Expected an image (${IMAGE_FORMATS.join(', ')}) but received ${name}; ${advice}.`);
}

/** `text` holds one character for each byte. */
function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  if (bytes.length < at + text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

const HEAD_BYTES = 4096;

/** The beginning as text, where it is text (UTF-8, or UTF-16 with its mark). */
function textHead(bytes: Uint8Array): string | null {
  const head = bytes.subarray(0, HEAD_BYTES);
  const utf16 = hasText(head, 0, '\xff\xfe') ? 'utf-16le' : null;
  const text = new TextDecoder(utf16 ?? 'utf-8').decode(head);
  // A multi-byte character may be cut at the end; control characters are no text.
  return /[\0-\x08\x0e-\x1a\x1c-\x1f]|\ufffd(?!.{0,3}$)/s.test(text) ? null : text;
}
