#!/usr/bin/env node
import { existsSync } from 'node:fs';
const entry = new URL('../dist/cli/main.js', import.meta.url);
if (!existsSync(entry)) {
  process.stderr.write('isolens is not built yet. Run `npm run build` (or `npm run demo`) in the repository first.\n');
  process.exit(1);
}
await import(entry.href);
