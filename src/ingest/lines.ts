import { TextDecoder } from 'node:util';
import { IsoLensError, toIsoLensError } from '../core/index.ts';

/** One line without its ending. */
export interface Line {
  readonly text: string;
  /** From 1. */
  readonly line: number;
  /** Byte at which it begins. */
  readonly offset: number;
  /** It was longer than the limit; `text` holds its beginning. */
  readonly overlong: boolean;
}

/** A longer line is no molecule; it is cut so that a file without line breaks cannot fill the memory. */
export const MAX_LINE_BYTES = 1 << 20;
const KEPT_OF_OVERLONG = 1000;

const LF = 10;
const CR = 13;

/**
 * Splits bytes into lines, in batches. Takes LF, CRLF and, where the text has no LF at its beginning, CR; skips a UTF-8
 * byte-order mark and reads UTF-16 where its mark says so.
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Line[]> {
  const splitter = new Splitter();
  for await (const chunk of toUtf8(chunks)) {
    const lines = splitter.push(chunk);
    if (lines.length > 0) yield lines;
  }
  const rest = splitter.end();
  if (rest.length > 0) yield rest;
}

class Splitter {
  private tail: Buffer = Buffer.alloc(0);
  private tailOffset = 0;
  private line = 1;
  private ending = 0;
  private skipping = false;

  push(chunk: Buffer): Line[] {
    if (this.ending === 0) this.ending = detectEnding(chunk);
    const data = this.tail.length === 0 ? chunk : Buffer.concat([this.tail, chunk]);
    const lines: Line[] = [];
    let start = 0;
    for (let end = data.indexOf(this.ending, 0); end >= 0; end = data.indexOf(this.ending, start)) {
      this.emit(lines, data, start, end);
      start = end + 1;
    }
    this.tail = data.subarray(start);
    this.tailOffset += start;
    if (this.tail.length > MAX_LINE_BYTES) this.dropTail(lines);
    return lines;
  }

  end(): Line[] {
    const lines: Line[] = [];
    if (this.tail.length > 0 && !this.skipping) this.emit(lines, this.tail, 0, this.tail.length);
    return lines;
  }

  private emit(lines: Line[], data: Buffer, start: number, end: number): void {
    // What was cut from this line has been reported already.
    if (this.skipping) this.skipping = false;
    else {
      const last = end > start && data[end - 1] === CR ? end - 1 : end;
      const overlong = last - start > MAX_LINE_BYTES;
      const text = data.toString('utf8', start, overlong ? start + KEPT_OF_OVERLONG : last);
      lines.push({ text, line: this.line, offset: this.tailOffset + start, overlong });
    }
    this.line++;
  }

  private dropTail(lines: Line[]): void {
    if (!this.skipping) lines.push({ text: this.tail.toString('utf8', 0, KEPT_OF_OVERLONG), line: this.line, offset: this.tailOffset, overlong: true });
    this.skipping = true;
    this.tailOffset += this.tail.length;
    this.tail = Buffer.alloc(0);
  }
}

/** Old Macintosh files end lines with CR alone. */
function detectEnding(chunk: Buffer): number {
  return chunk.includes(LF) || !chunk.subarray(0, chunk.length - 1).includes(CR) ? LF : CR;
}

async function* toUtf8(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | undefined;
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    let data = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (head !== undefined) {
      // A byte-order mark may be split over two chunks.
      data = Buffer.concat([head, data]);
      head = data.length < 3 ? data : undefined;
      if (head !== undefined) continue;
      decoder = utf16Decoder(data);
      data = withoutMark(data);
    }
    yield decoder === undefined ? data : Buffer.from(decoder.decode(data, { stream: true }), 'utf8');
  }
  if (head !== undefined && head.length > 0) yield head;
}

function utf16Decoder(data: Buffer): TextDecoder | undefined {
  if (data[0] === 0xff && data[1] === 0xfe) return new TextDecoder('utf-16le');
  if (data[0] === 0xfe && data[1] === 0xff) {
    throw new IsoLensError('FILE_FORMAT_UNKNOWN', 'Expected text in UTF-8 but received big-endian UTF-16; save the file as UTF-8.');
  }
  return undefined;
}

function withoutMark(data: Buffer): Buffer {
  return data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf ? data.subarray(3) : data;
}

/** Names the file in errors of the stream below (missing, unreadable, damaged archive). */
export async function* named(path: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    const known = toIsoLensError(error, 'FILE_UNREADABLE');
    if (known.code === 'FILE_NOT_FOUND') throw new IsoLensError('FILE_NOT_FOUND', `Expected a file at ${path} but there is none.`, { cause: error });
    throw new IsoLensError('FILE_UNREADABLE', `Expected to read ${path} to its end, but: ${known.message}.`, { cause: error });
  }
}
