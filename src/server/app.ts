/** The Express application: security headers, who may ask and how often, routes, and every failure as an RFC 9457 problem. */
import express from 'express';
import type { ErrorRequestHandler, Express, NextFunction, Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';
import { openApiDocument, PROBLEM_MEDIA_TYPE, problemOf } from '../api/index.ts';
import { IsoLensError, toIsoLensError } from '../core/index.ts';
import type { ErrorCode, Logger } from '../core/index.ts';
import { compressing } from './compressing.ts';
import type { Gate } from './gate.ts';
import { heldByGeneration } from './caching.ts';
import { hostGuard } from './hosts.ts';
import type { HostRule } from './hosts.ts';
import type { IndexJobs } from './index-jobs.ts';
import type { JobRunner } from './jobs.ts';
import { identify, requireKey, requireKeyFromElsewhere } from './keys.ts';
import type { ApiKeys } from './keys.ts';
import { methodGuard, pathFinder } from './methods.ts';
import { Metrics } from './metrics.ts';
import { limitRate } from './rates.ts';
import { noteRequests } from './requests.ts';
import { exportRoutes } from './routes/export.ts';
import { jobRoutes } from './routes/jobs.ts';
import { libraryRoutes } from './routes/library.ts';
import { indexRoutes } from './routes/indexes.ts';
import { moleculeRoutes } from './routes/molecules.ts';
import { replacementRoutes } from './routes/replacements.ts';
import { searchRoutes } from './routes/search.ts';
import type { SearchService } from './service.ts';

/** Most pass within seconds: a queue that empties, a worker that is replaced. A job takes longer to end than a query. */
const RETRY_SECONDS: Partial<Record<ErrorCode, number>> = { OVERLOADED: 1, WORKER_FAILED: 1, NOT_READY: 5, DATABASE_UNAVAILABLE: 5, JOBS_FULL: 30 };
/** What a supervisor asks: it is not counted, and needs no key. */
const PROBES: readonly (string | undefined)[] = ['/healthz', '/readyz'];
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
  /** Indexes libraries that clients send; refused where absent. */
  readonly indexing?: IndexJobs | undefined;
  readonly hosts: HostRule;
  /** Who may ask; everybody where absent. */
  readonly keys?: ApiKeys | undefined;
  /** From one client; no limit where absent. */
  readonly requestsPerMinute?: number | undefined;
  /** False while the service stops; ready where absent. */
  readonly isReady?: (() => boolean) | undefined;
}

export function createApp(options: AppOptions): Express {
  const { service, version, logger, webRoot, now, gate, jobs, indexing, hosts, keys, requestsPerMinute, isReady = () => true } = options;
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
  const document = openApiDocument(version);
  const paths = { '/': { get: {} }, ...document.paths };
  const routeOf = pathFinder(Object.keys(paths));
  const metrics = new Metrics({ service, gate, jobs: jobs.book, version });
  app.use(noteRequests({ logger, metrics, now, routeOf }), closing(isReady), hostGuard(hosts), compressing());
  // Before any body is read, and before a place is asked for.
  if (keys !== undefined) app.use(identify(keys));
  if (requestsPerMinute !== undefined) app.use(limitRate(requestsPerMinute, (path) => PROBES.includes(routeOf(path))));
  app.use(methodGuard(paths));
  app.use(['/v1', '/healthz', '/readyz', '/metrics', '/openapi.json'], unstored);
  if (keys !== undefined) {
    app.use('/v1', requireKey);
    app.use('/metrics', requireKeyFromElsewhere);
  }
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', (_request, response) => {
    if (!isReady()) throw new IsoLensError('NOT_READY', 'Expected a service that takes requests but it is stopping; ask another one, or this one again in a moment.');
    response.json({ status: 'ready' });
  });
  app.get('/metrics', async (_request, response) => void response.setHeader('Content-Type', metrics.mediaType).end(await metrics.text()));
  app.get('/openapi.json', (_request, response) => void response.json(document));
  app.get('/v1/capabilities', (_request, response) => void response.json(service.capabilities()));
  const held = heldByGeneration(service, version);
  app.use(
    '/v1', searchRoutes(service, gate), replacementRoutes(service, gate), moleculeRoutes(service, gate, held), exportRoutes(service, gate),
    jobRoutes(service, jobs), indexRoutes(service, gate, held), libraryRoutes(indexing),
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

/** A client that keeps its connection would keep a stopping service: it is told to open another. */
function closing(isReady: () => boolean): RequestHandler {
  return (_request, response, next) => {
    if (!isReady()) response.setHeader('Connection', 'close');
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
    const error = toIsoLensError(fromExpress(thrown));
    const problem = problemOf(error, request.originalUrl.split('?')[0] ?? '/', requestId);
    if (problem.status >= 500) logger.error('request failed', { requestId, code: problem.code, error: String(thrown instanceof Error ? (thrown.stack ?? thrown.message) : thrown) });
    const retrySeconds = RETRY_SECONDS[error.code];
    if (retrySeconds !== undefined) response.setHeader('Retry-After', retrySeconds);
    response.removeHeader('ETag');
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
