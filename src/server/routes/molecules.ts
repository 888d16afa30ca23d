import express from 'express';
import type { RequestHandler, Router } from 'express';
import * as z from 'zod';
import { depictionOptionsSchema, depictionRequestSchema } from '../../api/index.ts';
import type { SearchService } from '../service.ts';
import type { Gate } from '../gate.ts';
import { leaving, parse, requireMedia } from './search.ts';

const MAX_JSON_BYTES = 64 * 1024;

const moleculeQuery = z.strictObject({ index: z.string().optional() });
const depictionQuery = z.strictObject({ ...moleculeQuery.shape, ...depictionOptionsSchema.shape });

/** `held`: of what follows from the generation. */
export function moleculeRoutes(service: SearchService, gate: Gate, held: RequestHandler): Router {
  const router = express.Router();

  router.get('/molecules/:id', held, async (request, response) => {
    const { index } = parse(moleculeQuery, request.query);
    response.json(await service.molecule(String(request.params['id']), index));
  });

  router.get('/molecules/:id/depiction.svg', held, async (request, response) => {
    const { index, ...options } = parse(depictionQuery, request.query);
    const molecule = await service.molecule(String(request.params['id']), index);
    const svg = await gate.run(() => service.depict({ smiles: molecule.smiles, highlightDifference: false, ...options }), leaving(request));
    response.type('image/svg+xml').send(svg);
  });

  router.post('/depictions', requireMedia('application/json'), express.json({ limit: MAX_JSON_BYTES }), async (request, response) => {
    const wanted = parse(depictionRequestSchema, request.body);
    response.vary('Accept');
    if (request.accepts('image/svg+xml', 'application/json') === 'application/json') {
      response.json(await gate.run(() => service.depictPlaced(wanted), leaving(request)));
      return;
    }
    const svg = await gate.run(() => service.depict(wanted), leaving(request));
    response.type('image/svg+xml').send(svg);
  });
  return router;
}
