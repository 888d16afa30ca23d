/** Answers are sent compressed where that pays: text above 1 kB, to clients that can read it. */
import { constants } from 'node:zlib';
import compression from 'compression';
import type { RequestHandler } from 'express';

const THRESHOLD_BYTES = 1024;
/** Text as well, which the list of compressible types does not know. */
const TEXT = /^(?:chemical\/|application\/x-ndjson)/;

export function compressing(): RequestHandler {
  return compression({
    threshold: THRESHOLD_BYTES,
    filter: (request, response) => TEXT.test(String(response.getHeader('Content-Type'))) || compression.filter(request, response),
    // A long file goes out piece by piece, as it is made.
    flush: constants.Z_SYNC_FLUSH,
    brotli: { flush: constants.BROTLI_OPERATION_FLUSH },
  });
}
