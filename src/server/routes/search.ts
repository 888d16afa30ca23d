import express from 'express';
import type { Request, RequestHandler, Response, Router } from 'express';
import multer from 'multer';
import * as z from 'zod';
import { cellsOptionsSchema, embeddingRequestSchema, imageOptionsSchema, profileOptionsSchema, readOptionsSchema, searchRequestSchema, understandRequestSchema } from '../../api/index.ts';
import type { SearchOptions, SearchRequest } from '../../api/index.ts';
import { IsoLensError } from '../../core/index.ts';
import { formatOf, negotiate, sendFile, withoutFormat } from '../answers.ts';
import { wholeFile } from '../files.ts';
import type { Gate } from '../gate.ts';
import { noteWork } from '../requests.ts';
import type { SearchService, ServiceQuery } from '../service.ts';
import { hitTable } from '../tables.ts';

const MAX_JSON_BYTES = 64 * 1024;
/** A thousand SMILES of a thousand characters. */
const MAX_LIST_BYTES = 1024 * 1024 + MAX_JSON_BYTES;
const MAX_SITES = 16;
const MAX_TABLE_BYTES = 64 * 1024 * 1024;
const RAW_IMAGE = ['image/*', 'application/octet-stream'];

export function searchRoutes(service: SearchService, gate: Gate): Router {
  const router = express.Router();
  const { maxImageBytes } = service.capabilities().limits;
  const upload = multer({ storage: multer.memoryStorage(), limits: { files: 1, fields: 16, fieldSize: 1024, fileSize: maxImageBytes } });
  // Before the body is read: an upload costs memory while it waits.
  const admit: RequestHandler = (_request, _response, next) => {
    gate.admit();
    next();
  };

  /** Answers in the format that was decided on. */
  const answer = async (request: Request, response: Response, query: ServiceQuery, options: SearchOptions): Promise<void> => {
    const format = formatOf(response);
    const found = await gate.run(async () => {
      const result = await service.search(query, options);
      noteWork(response, result.tookMs);
      return format === 'json' ? result : { format, name: 'isolens', ...(await wholeFile(service, format, hitTable(result))) };
    }, leaving(request));
    if ('chunks' in found) await sendFile(response, found);
    else response.json(found);
  };

  const readJson = express.json({ limit: MAX_JSON_BYTES });
  router.post('/search', negotiate, admit, requireMedia('application/json'), readJson, async (request, response) => {
    parse(z.strictObject({}), withoutFormat(request.query));
    const { query, ...options } = parse(searchRequestSchema, request.body);
    await answer(request, response, serviceQuery(query), options);
  });

  router.post('/understand', admit, requireMedia('application/json'), express.json({ limit: MAX_JSON_BYTES }), async (request, response) => {
    const wanted = parse(understandRequestSchema, request.body);
    response.json(await gate.run(() => service.understand(wanted), leaving(request)));
  });

  router.post('/embeddings', admit, requireMedia('application/json'), express.json({ limit: MAX_LIST_BYTES }), async (request, response) => {
    const wanted = parse(embeddingRequestSchema, request.body);
    response.json(await gate.run(() => service.embed(wanted), leaving(request)));
  });

  router.post('/search/image', negotiate, admit, requireMedia('multipart/form-data', ...RAW_IMAGE), readForm(upload.single('image')),
    express.raw({ type: RAW_IMAGE, limit: maxImageBytes }), async (request, response) => {
      // Options may stand in the URL or, with a form, beside the file.
      const inUrl = withoutFormat(request.query);
      const fields: unknown = request.is('multipart/form-data') ? { ...inUrl, ...(request.body as object) } : inUrl;
      const { via, ...options } = parse(imageOptionsSchema, fields);
      const bytes = imageBytes(request);
      await answer(request, response, { kind: 'image', bytes, via }, options);
    });

  const sites = multer({ storage: multer.memoryStorage(), limits: { files: MAX_SITES, fields: 16, fieldSize: 1024, fileSize: maxImageBytes } });
  router.post('/search/cells', negotiate, admit, requireMedia('multipart/form-data'), readForm(sites.array('site', MAX_SITES)), async (request, response) => {
    const options = parse(cellsOptionsSchema, { ...withoutFormat(request.query), ...(request.body as object) });
    const files = (request.files ?? []) as Express.Multer.File[];
    if (files.length === 0) throw new IsoLensError('IMAGE_EMPTY', 'Expected sites of cells in the form field "site", a stack of channels each, but received none.');
    await answer(request, response, { kind: 'sites', sites: files.map(({ buffer }) => buffer) }, options);
  });

  const tables = multer({ storage: multer.memoryStorage(), limits: { files: 1, fields: 16, fieldSize: 1024, fileSize: MAX_TABLE_BYTES } });
  router.post('/search/profile', negotiate, admit, requireMedia('multipart/form-data'), readForm(tables.single('table')), async (request, response) => {
    const { perturbation, ...options } = parse(profileOptionsSchema, { ...withoutFormat(request.query), ...(request.body as object) });
    if (request.file === undefined) throw new IsoLensError('REQUEST_INVALID', 'Expected a table of profiles in the form field "table" but received none.');
    await answer(request, response, { kind: 'wells', table: request.file.buffer, perturbation }, options);
  });

  router.post('/read', admit, requireMedia('multipart/form-data', ...RAW_IMAGE), readForm(upload.single('image')),
    express.raw({ type: RAW_IMAGE, limit: maxImageBytes }), async (request, response) => {
      const { structure } = parse(readOptionsSchema, request.is('multipart/form-data') ? { ...request.query, ...(request.body as object) } : request.query);
      const bytes = imageBytes(request);
      const reading = await gate.run(() => service.read(bytes, structure), leaving(request));
      noteWork(response, reading.tookMs);
      response.json(reading);
    });
  return router;
}

/** Aborted when the client leaves before it has its answer. */
export function leaving(request: Request): AbortSignal {
  const left = new AbortController();
  request.res?.on('close', () => left.abort());
  return left.signal;
}

function serviceQuery(query: SearchRequest['query']): ServiceQuery {
  if ('smiles' in query) return { kind: 'smiles', smiles: query.smiles };
  if ('embedding' in query) return { kind: 'embedding', embedding: query.embedding };
  return 'id' in query ? { kind: 'id', id: query.id } : { kind: 'text', text: query.text };
}

/** A form that cannot be taken apart is the client's fault; the parser's errors do not say so themselves. */
function readForm(handler: RequestHandler): RequestHandler {
  return (request, response, next) => {
    handler(request, response, (thrown?: unknown) => {
      const isPlain = thrown instanceof Error && !(thrown instanceof IsoLensError) && !('code' in thrown);
      next(isPlain ? new IsoLensError('REQUEST_INVALID', `Expected a form with one file in the field "image" but it cannot be read: ${thrown.message}.`, { cause: thrown }) : thrown);
    });
  };
}

function imageBytes(request: Request): Uint8Array {
  if (request.file !== undefined) return request.file.buffer;
  if (Buffer.isBuffer(request.body) && request.body.length > 0) return request.body;
  throw new IsoLensError('IMAGE_EMPTY', 'Expected an image as the body, or in the form field "image", but received nothing.');
}

export function requireMedia(...types: string[]): RequestHandler {
  return (request, _response, next) => {
    // null: no body at all, which the routes tell in their own words.
    if (request.is(types) === false) {
      throw new IsoLensError('MEDIA_TYPE_UNSUPPORTED', `Expected a body of type ${types.join(' or ')} but received ${request.get('content-type') ?? 'no content type'}.`);
    }
    next();
  };
}

/** Validates and names every field that is wrong, in one message. */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${issue.message}`);
  throw new IsoLensError('REQUEST_INVALID', `${problems.join('; ')}. The expected shape is described in /openapi.json.`, { details: { problems } });
}
