/** What is noted of every request: a line in the log, and a count in the metrics. */
import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { Logger } from '../core/index.ts';
import type { Metrics } from './metrics.ts';

/** As proxies write it: the client left before its answer was sent. */
const CLIENT_LEFT = 499;
/** Paths of no route: files of the page, and whatever somebody tries. */
const OTHER = 'other';

export interface NotedBy {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** The pattern of a path; undefined where it is none of the service's. */
  readonly routeOf: (path: string) => string | undefined;
}

export function noteRequests({ logger, metrics, now, routeOf }: NotedBy): RequestHandler {
  return (request, response, next) => {
    const startedAt = now();
    const requestId = randomUUID();
    response.locals['requestId'] = requestId;
    response.setHeader('X-Request-Id', requestId);
    // Query structures are secrets in this trade: path and outcome are logged, never the body.
    // The path is taken now: a router shortens it while it is inside.
    const { method, path } = request;
    response.on('finish', () => {
      const key = keyNameOf(response);
      const status = response.statusCode;
      logger.info('request', { requestId, method, path, status, ms: Math.round(now() - startedAt), ...(key === undefined ? {} : { key }) });
    });
    response.on('close', () => {
      const status = response.writableFinished ? response.statusCode : CLIENT_LEFT;
      metrics.add({ method, route: routeOf(path) ?? OTHER, status, ms: now() - startedAt, workMs: workOf(response) });
    });
    next();
  };
}

/** Tells what the work itself took, for the metrics. */
export function noteWork(response: Response, tookMs: number): void {
  response.locals['workMs'] = tookMs;
}

function workOf(response: Response): number | undefined {
  return response.locals['workMs'] as number | undefined;
}

/** Tells by which key the request was let in. */
export function noteKey(response: Response, name: string): void {
  response.locals['key'] = name;
}

/** undefined where no known key came with the request. */
export function keyNameOf(response: Response): string | undefined {
  return response.locals['key'] as string | undefined;
}
