import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Native modules, WASM and worker threads: one process a file keeps a crash in its own file.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A shared machine stalls browsers and child processes now and then; what fails twice has failed. A person sees the first failure.
    retry: process.env['CI'] === undefined ? 0 : 1,
  },
});
