export { createApp } from './app.ts';
export type { AppOptions } from './app.ts';
export type { SearchService, ServiceQuery } from './service.ts';
