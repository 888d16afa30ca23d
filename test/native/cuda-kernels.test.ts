/** The kernels of the CUDA backend against f64, run thread by thread on this processor. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const MINUTES = 60_000;

test('products, convolutions and the contrastive loss equal their references in every order of threads', { timeout: 20 * MINUTES }, () => {
  execFileSync('make', ['--no-print-directory', '-C', `${root}src/native`, 'emulated-kernels'], { stdio: 'pipe' });
  const output = execFileSync(`${root}build/emulated-kernels-test`, { encoding: 'utf8' });
  const lines = output.trim().split('\n');
  expect(lines[0]).toMatch(/^seed \d+$/);
  expect(lines.at(-1)).toBe('0 failures');
  for (const name of ['gemm', 'conv2d', 'contrastive']) expect(lines.filter((line) => line.startsWith(`ok   ${name}`)).length).toBeGreaterThan(50);
});

test('the benchmark runs and prints one object a line', { timeout: 20 * MINUTES }, () => {
  execFileSync('make', ['--no-print-directory', '-C', `${root}src/native`, 'emulated-kernels'], { stdio: 'pipe' });
  const rows = execFileSync(`${root}build/emulated-kernels-bench`, ['1'], { encoding: 'utf8' }).trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['ceiling: copy', expect.stringContaining('contrastive symmetric')]));
  expect(rows.filter(({ error }) => error !== undefined)).toEqual([]);
});
