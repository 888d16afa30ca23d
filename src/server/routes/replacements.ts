import express from 'express';
import type { RequestHandler, Router } from 'express';
import * as z from 'zod';
import { replacementRequestSchema } from '../../api/index.ts';
import type { Gate } from '../gate.ts';
import { noteWork } from '../requests.ts';
import type { SearchService } from '../service.ts';
import { leaving, parse, requireMedia } from './search.ts';

const MAX_JSON_BYTES = 64 * 1024;

export function replacementRoutes(service: SearchService, gate: Gate): Router {
  const router = express.Router();
  const admit: RequestHandler = (_request, _response, next) => {
    gate.admit();
    next();
  };

  router.post('/replacements', admit, requireMedia('application/json'), express.json({ limit: MAX_JSON_BYTES }), async (request, response) => {
    parse(z.strictObject({}), request.query);
    const wanted = parse(replacementRequestSchema, request.body);
    const found = await gate.run(() => service.replacements(wanted), leaving(request));
    noteWork(response, found.tookMs);
    response.json(found);
  });
  return router;
}
