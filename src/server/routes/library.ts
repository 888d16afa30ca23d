/** Libraries that clients send to be indexed. */
import express from 'express';
import type { Router } from 'express';
import { indexLibrarySchema } from '../../api/index.ts';
import { IsoLensError } from '../../core/index.ts';
import type { IndexJobs } from '../index-jobs.ts';
import { parse, requireMedia } from './search.ts';

/** indexing: absent where nobody allowed it. */
export function libraryRoutes(indexing: IndexJobs | undefined): Router {
  const router = express.Router();
  router.post('/indexes/:name/library', requireMedia('application/octet-stream'), async (request, response) => {
    if (indexing === undefined) throw new IsoLensError('INDEXING_NOT_ALLOWED', 'Expected a service that indexes libraries but this one was not allowed to; start it with "isolens serve --allow-indexing".');
    const options = parse(indexLibrarySchema, request.query);
    const job = await indexing.accept(String(request.params['name']), request, options);
    response.status(202).location(`/v1/jobs/${job.id}`).json(job);
  });
  return router;
}
