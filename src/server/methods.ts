/** Which of the known paths a request asks, and what that path answers to a method that it does not have. */
import type { RequestHandler } from 'express';
import { IsoLensError } from '../core/index.ts';

/** `paths` as in the OpenAPI document: methods by path, with `{id}` for a part of it. */
export function methodGuard(paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>): RequestHandler {
  const known = Object.entries(paths).map(([path, methods]) => ({ pattern: patternOf(path), allow: allowed(Object.keys(methods)) }));
  return (request, response, next) => {
    const found = known.find(({ pattern }) => pattern.test(request.path));
    if (found === undefined || found.allow.includes(request.method)) return next();
    const allow = found.allow.join(', ');
    response.setHeader('Allow', allow);
    if (request.method === 'OPTIONS') {
      response.status(204).end();
      return;
    }
    throw new IsoLensError(
      'METHOD_NOT_ALLOWED',
      `Expected ${allow} for ${request.path} but received ${request.method}; /openapi.json lists what each path answers.`,
    );
  };
}

/** Finds the path of the OpenAPI document that a request's path is one of: what may be counted and shown where the path itself may not. */
export function pathFinder(paths: readonly string[]): (path: string) => string | undefined {
  const known = paths.map((path) => ({ path, pattern: patternOf(path) }));
  return (asked) => known.find(({ pattern }) => pattern.test(asked))?.path;
}

/** As the router compares paths: in any case, with or without a slash at the end. */
function patternOf(path: string): RegExp {
  const parts = path.split(/\{\w+\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]+')}/?$`, 'i');
}

function allowed(methods: readonly string[]): string[] {
  const upper = methods.map((method) => method.toUpperCase());
  return upper.includes('GET') ? [...upper, 'HEAD'] : upper;
}
