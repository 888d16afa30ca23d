import express from 'express';
import type { Router } from 'express';
import * as z from 'zod';
import { MAX_JOB_BYTES, jobPageSchema, jobRequestSchema } from '../../api/index.ts';
import type { Job, JobPage } from '../../api/index.ts';
import { negotiated, send, sendEvents, sendFile, withoutFormat } from '../answers.ts';
import type { JobRunner } from '../jobs.ts';
import type { SearchService } from '../service.ts';
import { leaving, parse, requireMedia } from './search.ts';

const nothing = z.strictObject({});

export function jobRoutes(service: SearchService, jobs: JobRunner): Router {
  const router = express.Router();

  router.get('/jobs', (request, response) => {
    parse(nothing, request.query);
    response.json(jobs.book.list());
  });

  router.post('/jobs', requireMedia('application/json'), express.json({ limit: MAX_JOB_BYTES }), (request, response) => {
    parse(nothing, request.query);
    const job = jobs.create(parse(jobRequestSchema, request.body));
    response.status(202).location(`/v1/jobs/${job.id}`).json(job);
  });

  router.get('/jobs/:id', (request, response) => {
    parse(nothing, request.query);
    response.json(jobs.book.get(request.params.id));
  });

  router.get('/jobs/:id/events', async (request, response) => {
    parse(nothing, request.query);
    // Refused before anything is sent.
    jobs.book.get(request.params.id);
    await sendEvents(response, 'job', jobs.book.follow(request.params.id, leaving(request)));
  });

  router.delete('/jobs/:id', (request, response) => {
    parse(nothing, request.query);
    response.json(jobs.book.remove(request.params.id));
  });

  router.get('/jobs/:id/results', async (request, response) => {
    const format = negotiated(request, response);
    const page = parse(jobPageSchema, withoutFormat(request.query));
    const job = jobs.book.get(request.params.id);
    if (format === 'json') {
      response.type('application/json');
      await send(response, resultsJson(jobs, job, page));
      return;
    }
    // Nobody waits for the end of so long a file: interactive drawings go first.
    const chunks = service.write(format, jobs.table(job.id, page), { urgent: false });
    await sendFile(response, { format, name: `isolens-job-${job.id.slice(0, 8)}`, chunks });
  });
  return router;
}

/** One result at a time: all of them may be some hundred megabytes. */
async function* resultsJson(jobs: JobRunner, job: Job, page: JobPage): AsyncGenerator<string> {
  yield `{"job":${JSON.stringify(job)},"results":[`;
  let comma = '';
  for await (const result of jobs.results(job.id, page)) {
    yield `${comma}${JSON.stringify(result)}`;
    comma = ',';
  }
  yield ']}';
}
