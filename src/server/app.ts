/** The Express application: security headers, routes, and every failure as an RFC 9457 problem. */
import { randomUUID } from 'node:crypto';
import express from 'express';
import type { ErrorRequestHandler, Express, NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import { openApiDocument, PROBLEM_MEDIA_TYPE, problemOf } from '../api/index.ts';
import { IsoLensError } from '../core/index.ts';
import type { Logger } from '../core/index.ts';
import type { Gate } from './gate.ts';
import { hostGuard } from './hosts.ts';
import type { HostRule } from './hosts.ts';
import type { JobRunner } from './jobs.ts';
import { methodGuard } from './methods.ts';
import { exportRoutes } from './routes/export.ts';
import { jobRoutes } from './routes/jobs.ts';
import { indexRoutes } from './routes/indexes.ts';
import { moleculeRoutes } from './routes/molecules.ts';
import { replacementRoutes } from './routes/replacements.ts';
import { searchRoutes } from './routes/search.ts';
import type { SearchService } from './service.ts';

const RETRY_AFTER_SECONDS = 1;
/** A job takes longer to end than a query. */
const RETRY_JOB_SECONDS = 30;
const NO_STORE = 'no-store';

export interface AppOptions {
  readonly service: SearchService;
  readonly version: string;
  readonly logger: Logger;
  /** Folder of the page's files. */
  readonly webRoot: string;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** All work goes through it, that of the jobs included. */
  readonly gate: Gate;
  readonly jobs: JobRunner;
  readonly hosts: HostRule;
}

export function createApp({ service, version, logger, webRoot, now, gate, jobs, hosts }: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // The service speaks plain HTTP on a local address; a proxy in front decides about TLS.
    strictTransportSecurity: false,
  }));
  app.use(requestLog(logger, now), hostGuard(hosts));

  const document = openApiDocument(version);
  // Before any body is read, and before a place is asked for.
  app.use(methodGuard({ '/': { get: {} }, ...document.paths }));
  app.use(['/v1', '/healthz', '/openapi.json'], unstored);
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/openapi.json', (_request, response) => void response.json(document));
  app.get('/v1/capabilities', (_request, response) => void response.json(service.capabilities()));
  app.use(
    '/v1', searchRoutes(service, gate), replacementRoutes(service, gate), moleculeRoutes(service, gate), exportRoutes(service, gate),
    jobRoutes(service, jobs), indexRoutes(service, gate),
  );
  app.use(express.static(webRoot, { index: 'index.html', maxAge: 0 }));

  app.use((request) => {
    throw new IsoLensError('NOT_FOUND', `Nothing answers ${request.method} ${request.path}. The paths are listed in /openapi.json.`);
  });
  app.use(problemHandler(logger));
  return app;
}

/** Answers hold structures, or say what is true now: no cache keeps them. A route that knows better says so itself. */
function unstored(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', NO_STORE);
  next();
}

function requestLog(logger: Logger, now: () => number) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const startedAt = now();
    const requestId = randomUUID();
    response.locals['requestId'] = requestId;
    response.setHeader('X-Request-Id', requestId);
    // Query structures are secrets in this trade: path and outcome are logged, never the body.
    // The path is taken now: a router shortens it while it is inside.
    const { method, path } = request;
    response.on('finish', () => {
      logger.info('request', { requestId, method, path, status: response.statusCode, ms: Math.round(now() - startedAt) });
    });
    next();
  };
}

function problemHandler(logger: Logger): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    if (response.headersSent) {
      next(thrown);
      return;
    }
    const requestId = String(response.locals['requestId'] ?? '');
    const error = fromExpress(thrown);
    const problem = problemOf(error, request.originalUrl.split('?')[0] ?? '/', requestId);
    if (problem.status >= 500) logger.error('request failed', { requestId, code: problem.code, error: String(thrown instanceof Error ? (thrown.stack ?? thrown.message) : thrown) });
    // Both pass within seconds: a queue that empties, a worker that is replaced.
    if (problem.code === 'OVERLOADED' || problem.code === 'WORKER_FAILED') response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
    if (problem.code === 'JOBS_FULL') response.setHeader('Retry-After', RETRY_JOB_SECONDS);
    response.setHeader('Cache-Control', NO_STORE);
    response.status(problem.status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
  };
}

/** Body parsers raise errors with a `type` and a `status`; they are the client's and get a code of ours. */
function fromExpress(thrown: unknown): unknown {
  if (thrown instanceof IsoLensError || !(thrown instanceof Error)) return thrown;
  const type = 'type' in thrown ? thrown.type : undefined;
  const code = 'code' in thrown ? thrown.code : undefined;
  const status = 'status' in thrown ? thrown.status : undefined;
  if (type === 'entity.too.large' || code === 'LIMIT_FILE_SIZE') return new IsoLensError('REQUEST_TOO_LARGE', 'Expected a smaller body. The limits are listed in /v1/capabilities.', { cause: thrown });
  if (status === 415) return new IsoLensError('MEDIA_TYPE_UNSUPPORTED', `Expected UTF-8, plain or compressed with gzip, deflate or br: ${thrown.message}.`, { cause: thrown });
  if (typeof status === 'number' && status >= 400 && status < 500) return new IsoLensError('REQUEST_INVALID', `Expected a readable body but received something else: ${thrown.message}`, { cause: thrown });
  if (typeof code === 'string' && code.startsWith('LIMIT_')) return new IsoLensError('REQUEST_INVALID', `Expected a form with the files that the route takes (see /openapi.json): ${thrown.message}`, { cause: thrown });
  return thrown;
}
