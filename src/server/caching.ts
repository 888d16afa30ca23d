/** Answers that clients may keep, and ask whether they still hold. Libraries are secrets: no cache between may keep them. */
import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { SearchService } from './service.ts';

const TAG_CHARACTERS = 27;
const ASKED_EACH_TIME = 'private, no-cache';

/** Of an answer that may change with more than the libraries: its tag is made of what it holds, when it is known. */
export const revalidated: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', ASKED_EACH_TIME);
  next();
};

/**
 * Of an answer that follows from its address, the version of the service and the generations of its bundles: a client that has it is told
 * so before any work is done. The tag is weak, because an answer may be compressed or not.
 */
export function heldByGeneration(service: Pick<SearchService, 'indexes'>, version: string): RequestHandler {
  return (request, response, next) => {
    const generations = service.indexes().map(({ name, generation }) => [name, generation]);
    const digest = createHash('sha256').update(JSON.stringify([version, generations, request.originalUrl])).digest('base64url');
    response.setHeader('ETag', `W/"${digest.slice(0, TAG_CHARACTERS)}"`);
    response.setHeader('Cache-Control', ASKED_EACH_TIME);
    // "*" asks whether there is an answer at all, which is not known yet.
    if (request.headers['if-none-match'] !== '*' && request.fresh) {
      response.status(304).end();
      return;
    }
    next();
  };
}
