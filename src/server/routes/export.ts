import express from 'express';
import type { RequestHandler, Router } from 'express';
import * as z from 'zod';
import { MAX_EXPORT_BYTES, exportRequestSchema, exportTable } from '../../api/index.ts';
import { sendFile } from '../answers.ts';
import { wholeFile } from '../files.ts';
import type { Gate } from '../gate.ts';
import type { SearchService } from '../service.ts';
import { leaving, parse, requireMedia } from './search.ts';

export function exportRoutes(service: SearchService, gate: Gate): Router {
  const router = express.Router();
  const admit: RequestHandler = (_request, _response, next) => {
    gate.admit();
    next();
  };

  router.post('/export', admit, requireMedia('application/json'), express.json({ limit: MAX_EXPORT_BYTES }), async (request, response) => {
    parse(z.strictObject({}), request.query);
    const wanted = parse(exportRequestSchema, request.body);
    const file = await gate.run(() => wholeFile(service, wanted.format, exportTable(wanted)), leaving(request));
    await sendFile(response, { format: wanted.format, name: wanted.name ?? 'isolens', ...file });
  });
  return router;
}
