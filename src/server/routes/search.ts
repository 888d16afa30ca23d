import express from 'express';
import type { Request, RequestHandler, Router } from 'express';
import multer from 'multer';
import * as z from 'zod';
import { searchOptionsSchema, searchRequestSchema } from '../../api/index.ts';
import { IsoLensError } from '../../core/index.ts';
import type { SearchService } from '../service.ts';

const MAX_JSON_BYTES = 64 * 1024;

export function searchRoutes(service: SearchService): Router {
  const router = express.Router();
  const { maxImageBytes } = service.capabilities().limits;
  const upload = multer({ storage: multer.memoryStorage(), limits: { files: 1, fields: 8, fileSize: maxImageBytes } });

  router.post('/search', requireMedia('application/json'), express.json({ limit: MAX_JSON_BYTES }), async (request, response) => {
    const { query, ...options } = parse(searchRequestSchema, request.body);
    const serviceQuery = 'smiles' in query ? { kind: 'smiles', smiles: query.smiles } as const : { kind: 'id', id: query.id } as const;
    response.json(await service.search(serviceQuery, options));
  });

  router.post('/search/image', requireMedia('multipart/form-data', 'image/*', 'application/octet-stream'), upload.single('image'),
    express.raw({ type: ['image/*', 'application/octet-stream'], limit: maxImageBytes }), async (request, response) => {
      // Options may stand in the URL or, with a form, beside the file.
      const fields: unknown = request.is('multipart/form-data') ? { ...request.query, ...(request.body as object) } : request.query;
      const options = parse(searchOptionsSchema, fields);
      response.json(await service.search({ kind: 'image', bytes: imageBytes(request) }, options));
    });
  return router;
}

function imageBytes(request: Request): Uint8Array {
  if (request.file !== undefined) return request.file.buffer;
  if (Buffer.isBuffer(request.body) && request.body.length > 0) return request.body;
  throw new IsoLensError('IMAGE_EMPTY', 'Expected an image as the body, or in the form field "image", but received nothing.');
}

function requireMedia(...types: string[]): RequestHandler {
  return (request, _response, next) => {
    if (request.is(types) === false) {
      throw new IsoLensError('MEDIA_TYPE_UNSUPPORTED', `Expected a body of type ${types.join(' or ')} but received ${request.get('content-type') ?? 'no content type'}.`);
    }
    next();
  };
}

/** Validates and names every field that is wrong, in one message. */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${issue.message}`);
  throw new IsoLensError('REQUEST_INVALID', `${problems.join('; ')}. The expected shape is described in /openapi.json.`, { details: { problems } });
}
