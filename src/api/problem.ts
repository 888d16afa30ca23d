/** RFC 9457 problem documents from coded errors. */
import { toIsoLensError } from '../core/index.ts';
import type { Problem } from './schemas.ts';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export function problemOf(thrown: unknown, instance: string, requestId: string): Problem {
  const error = toIsoLensError(thrown);
  return {
    type: `urn:isolens:problem:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title: error.title,
    status: error.status,
    // What went wrong inside is for the log, not for the client.
    detail: error.code === 'INTERNAL' ? 'Something failed that should not. The log holds the details under this request id.' : error.message,
    instance,
    code: error.code,
    requestId,
    ...(Object.keys(error.details).length > 0 ? { details: error.details } : {}),
  };
}
