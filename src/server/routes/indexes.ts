/** What is told of the libraries themselves. */
import express from 'express';
import type { RequestHandler, Router } from 'express';
import * as z from 'zod';
import { placesRequestSchema, recallRequestSchema, rejectQuerySchema } from '../../api/index.ts';
import { revalidated } from '../caching.ts';
import type { Gate } from '../gate.ts';
import type { SearchService } from '../service.ts';
import { leaving, parse, requireMedia } from './search.ts';

const MAX_JSON_BYTES = 64 * 1024;
/** 10,000 identifiers. */
const MAX_PLACES_BYTES = 1024 * 1024;
const nothing = z.strictObject({});

/** `held`: of what follows from the generation. */
export function indexRoutes(service: SearchService, gate: Gate, held: RequestHandler): Router {
  const router = express.Router();
  const admit: RequestHandler = (_request, _response, next) => {
    gate.admit();
    next();
  };
  const json = (limit: number): RequestHandler[] => [admit, requireMedia('application/json'), express.json({ limit })];

  router.get('/indexes', held, (_request, response) => void response.json(service.indexes()));

  // It tells of the reader of drawings as well, which may be exchanged.
  router.get('/indexes/:name', revalidated, async (request, response) => {
    parse(nothing, request.query);
    response.json(await gate.run(() => service.library(named(request.params)), leaving(request)));
  });

  router.get('/indexes/:name/rejects', async (request, response) => {
    const { from, limit } = parse(rejectQuerySchema, request.query);
    response.json(await gate.run(() => service.rejects(request.params.name, from, limit), leaving(request)));
  });

  router.get('/indexes/:name/map', held, (request, response) => {
    parse(nothing, request.query);
    response.json(service.map(named(request.params)));
  });

  router.post('/indexes/:name/recall', ...json(MAX_JSON_BYTES), async (request, response) => {
    parse(nothing, request.query);
    const wanted = parse(recallRequestSchema, request.body);
    const left = leaving(request);
    response.json(await gate.run(() => service.recall(named(request.params), wanted, left), left));
  });

  router.post('/indexes/:name/places', ...json(MAX_PLACES_BYTES), async (request, response) => {
    parse(nothing, request.query);
    const wanted = parse(placesRequestSchema, request.body);
    response.json(await gate.run(() => service.places(named(request.params), wanted), leaving(request)));
  });
  return router;
}

/** The router types parameters by the path alone, not where other handlers stand before. */
function named(parameters: Readonly<Record<string, string | string[] | undefined>>): string {
  return String(parameters['name']);
}
