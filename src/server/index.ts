export { createApp } from './app.ts';
export type { AppOptions } from './app.ts';
export { DEFAULT_LIMITS } from './gate.ts';
export type { GateLimits } from './gate.ts';
export { parseHost } from './hosts.ts';
export type { HostRule } from './hosts.ts';
export type { LibraryService, SearchService, ServiceQuery } from './service.ts';
