export * from './export.ts';
export * from './jobs.ts';
export * from './replacements.ts';
export * from './schemas.ts';
export * from './reading.ts';
export * from './understanding.ts';
export * from './library.ts';
export { openApiDocument } from './openapi.ts';
export { PROBLEM_MEDIA_TYPE, problemOf } from './problem.ts';
