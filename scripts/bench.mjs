// Runs the benchmarks of test/bench and prints a table of each: `npm run bench`, or `npm run bench featurise start` for some of them.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Those that need nothing but the build and the demo bundle, the short ones first. */
const BENCHMARKS = ['textbook', 'featurise', 'start', 'event-loop', 'throughput', 'scan', 'cuts', 'load', 'hostile', 'kill', 'indexing', 'index'];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !BENCHMARKS.includes(name));
if (unknown.length > 0) {
  console.error(`Expected names of benchmarks (${BENCHMARKS.join(', ')}) but received ${unknown.join(', ')}.`);
  process.exit(2);
}
let failed = false;
for (const name of wanted.length > 0 ? wanted : BENCHMARKS) {
  console.log(`\n== ${name}`);
  const { status } = spawnSync(process.execPath, [fileURLToPath(new URL(`../test/bench/${name}.mjs`, import.meta.url))], { stdio: 'inherit' });
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
