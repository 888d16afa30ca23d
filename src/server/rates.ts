/** How often one client may ask: whoever has a key counts as that key, everybody else by address. */
import type { RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { IsoLensError } from '../core/index.ts';
import { keyNameOf } from './requests.ts';

const MINUTE_MS = 60_000;

/** `isFree` says of a path that it does not count. */
export function limitRate(perMinute: number, isFree: (path: string) => boolean): RequestHandler {
  return rateLimit({
    windowMs: MINUTE_MS,
    limit: perMinute,
    // RateLimit and RateLimit-Policy, as the IETF draft has them.
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // Its own checks print to the console.
    validate: false,
    skip: (request) => isFree(request.path),
    keyGenerator: (request, response) => {
      const name = keyNameOf(response);
      // Of IPv6 a client has a whole subnet.
      return name === undefined ? `address ${ipKeyGenerator(request.ip ?? '')}` : `key ${name}`;
    },
    handler: (_request, _response, next) => {
      next(new IsoLensError('RATE_LIMITED', `Expected at most ${perMinute} requests a minute from one client but more were received; try again when Retry-After has passed.`));
    },
  });
}
