import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { IsoLensError } from './errors.ts';

/**
 * Where a worker thread's compiled program lies. Worker threads load plain JavaScript only (Node.js 20 cannot strip types),
 * so a module that runs from `src/*.ts` (the tests) starts the worker that `tsc` compiled to `dist/*.js`; a module that runs
 * from `dist` finds it beside itself. Build before testing: `npm test` does.
 *
 * @param moduleUrl `import.meta.url` of the caller
 * @param worker path of the worker relative to the caller, as written in TypeScript: `./worker.ts`
 */
export function workerEntry(moduleUrl: string, worker: string): URL {
  const source = new URL(worker, moduleUrl);
  const entry = compiledUrl(source);
  if (!existsSync(fileURLToPath(entry))) {
    throw new IsoLensError('INTERNAL', `Expected the compiled worker ${fileURLToPath(entry)}, but it does not exist; run "npm run build".`);
  }
  return entry;
}

/** `.../src/a/b.ts` -> `.../dist/a/b.js`; `.../dist/a/b.ts` -> `.../dist/a/b.js`. */
function compiledUrl(source: URL): URL {
  const compiled = source.href.replace(/\.ts$/, '.js');
  const at = compiled.lastIndexOf('/src/');
  const dist = compiled.lastIndexOf('/dist/');
  return new URL(at > dist ? `${compiled.slice(0, at)}/dist/${compiled.slice(at + '/src/'.length)}` : compiled);
}
