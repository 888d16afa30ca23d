/** In which format an answer is sent, and how a file is sent. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, RequestHandler, Response } from 'express';
import { ANSWER_FORMAT_IDS, FILE_FORMATS } from '../api/index.ts';
import type { AnswerFormat, FileFormat } from '../api/index.ts';
import { IsoLensError, systemErrorCode } from '../core/index.ts';

const JSON_TYPE = 'application/json';
const QUIET_MS = 15_000;
const MAX_SHOWN = 200;
/** Of X-Skipped: clients and proxies refuse long headers. The count beside it tells them all. */
const MAX_HEADER_CHARACTERS = 2000;

const MEDIA: Readonly<Record<AnswerFormat, string>> = {
  json: JSON_TYPE,
  ...(Object.fromEntries(Object.entries(FILE_FORMATS).map(([id, { mediaType }]) => [id, mediaType])) as Record<FileFormat, string>),
};

/** Decides before any body is read; `formatOf` tells what was decided. */
export const negotiate: RequestHandler = (request, response, next) => {
  response.locals['format'] = negotiated(request, response);
  next();
};

export function negotiated(request: Pick<Request, 'query' | 'accepts' | 'get'>, response: Response): AnswerFormat {
  response.vary('Accept');
  return wanted(request);
}

export function formatOf(response: Response): AnswerFormat {
  return response.locals['format'] as AnswerFormat;
}

function wanted(request: Pick<Request, 'query' | 'accepts' | 'get'>): AnswerFormat {
  const { format } = request.query;
  if (format !== undefined) {
    return ANSWER_FORMAT_IDS.find((id) => id === format) ?? refuse(`?format=${JSON.stringify(format)}`);
  }
  const media = request.accepts(Object.values(MEDIA));
  return ANSWER_FORMAT_IDS.find((id) => MEDIA[id] === media) ?? refuse(String(request.get('accept')));
}

function refuse(received: string): never {
  const accepted = ANSWER_FORMAT_IDS.map((id) => MEDIA[id]);
  throw new IsoLensError(
    'NOT_ACCEPTABLE',
    `Expected one of ${accepted.join(', ')} (as ?format=: ${ANSWER_FORMAT_IDS.join(', ')}) but received ${received.slice(0, MAX_SHOWN)}.`,
    { details: { accepted, formats: [...ANSWER_FORMAT_IDS] } },
  );
}

/** What of a whole query string is left for the route's own options. */
export function withoutFormat(query: Request['query']): Record<string, unknown> {
  const { format: _, ...rest } = query;
  return rest;
}

export interface SentFile {
  readonly format: FileFormat;
  /** Its extension is added where it lacks it. */
  readonly name: string;
  /** Identifiers of records without a structure, where that is known before the file is sent. */
  readonly skipped?: readonly string[];
  readonly chunks: AsyncIterable<string> | Iterable<string>;
}

export async function sendFile(response: Response, { format, name, skipped = [], chunks }: SentFile): Promise<void> {
  const { mediaType, extension } = FILE_FORMATS[format];
  response.attachment(fileName(name, extension));
  response.setHeader('Content-Type', format === 'csv' ? `${mediaType}; charset=utf-8` : mediaType);
  if (skipped.length > 0) {
    response.setHeader('X-Skipped', named(skipped));
    response.setHeader('X-Skipped-Count', String(skipped.length));
  }
  await send(response, chunks);
}

/** Piece by piece, as fast as the client takes them. Ends quietly when it leaves. */
export async function send(response: Response, chunks: AsyncIterable<string> | Iterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(chunks, { objectMode: true, highWaterMark: 4 }), response);
  } catch (error) {
    if (systemErrorCode(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

/** Server-sent events, each as it comes; a comment now and then keeps proxies from closing what is quiet. */
export async function sendEvents(response: Response, name: string, events: AsyncIterable<unknown>): Promise<void> {
  const first = await events[Symbol.asyncIterator]().next();
  response.type('text/event-stream').setHeader('Cache-Control', 'no-store, no-transform');
  response.flushHeaders();
  const event = (value: unknown): string => `event: ${name}\ndata: ${JSON.stringify(value)}\n\n`;
  if (first.done !== true) response.write(event(first.value));
  const timer = setInterval(() => response.write(': still here\n\n'), QUIET_MS);
  try {
    if (first.done !== true) for await (const one of events) response.write(event(one));
  } finally {
    clearInterval(timer);
    response.end();
  }
}

/** As many as a header holds. */
function named(ids: readonly string[]): string {
  let text = '';
  for (const id of ids) {
    // Half a surrogate pair cannot be encoded.
    const next = `${text === '' ? '' : ','}${encodeURIComponent(id.replaceAll(/\p{Cs}/gu, '\uFFFD'))}`;
    if (text.length + next.length > MAX_HEADER_CHARACTERS) break;
    text += next;
  }
  return text;
}

/** No folder, nothing unprintable, and nothing that hides the file. */
function fileName(name: string, extension: string): string {
  const plain = name.replaceAll(/[\p{C}\\/:*?"<>|]+/gu, '_').replace(/^[.\s]+/, '').trim() || 'isolens';
  return plain.toLowerCase().endsWith(extension) ? plain : `${plain}${extension}`;
}
