/** What programs ask the service with: `import { IsoLensClient } from 'isolens/client'`. Needs nothing but `fetch`. */
export { IsoLensClient } from './client.ts';
export type { Asked, CallOptions, DepictionAsked, FileAsked, OptionsAsked, SearchAsked } from './client.ts';
export { AwayError, ProblemError } from './transport.ts';
export type { TransportOptions } from './transport.ts';
