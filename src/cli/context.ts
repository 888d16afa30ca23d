/** The composition root's surroundings: the only place that reads the environment, the clock and the standard streams. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { IsoLensError } from '../core/index.ts';
import type { Logger, Progress } from '../core/index.ts';
import { EXIT } from './exit.ts';
import { createJsonReporter, createReporter } from './reporter.ts';

export interface Context {
  /** The repository's root: bundles, models and the page's files are found from here. */
  readonly root: string;
  readonly version: string;
  /** Where bundles lie. */
  readonly indexes: string;
  /** Where shipped models lie. */
  readonly models: string;
  /** Real data for training and measuring. */
  readonly data: string;
  /** Address of a PostgreSQL database, where the environment names one; may hold a password. */
  readonly database: string | undefined;
  readonly threads: number;
  readonly now: () => number;
  /** Wall-clock time as ISO 8601, for manifests. */
  readonly date: () => string;
  readonly progress: Progress;
  readonly logger: Logger;
  /** For libraries that are piped in. */
  readonly stdin: Readable;
  /** Characters in a line of the terminal; undefined where stdout is a file or a pipe. */
  readonly columns: number | undefined;
  /** A result for programs or people, on stdout. */
  print(text: string): void;
  /** A remark for people, on stderr. */
  note(text: string): void;
  /** Aborted by SIGINT and SIGTERM. A command that never looks at it is ended by them at once, as any program is. */
  readonly signal: AbortSignal;
}

export interface GlobalOptions {
  readonly quiet?: boolean;
  readonly progress?: string;
}

export function createContext({ quiet = false, progress }: GlobalOptions): Context {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  let stop: AbortSignal | undefined;
  const write = (level: string, message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    if (!quiet || level !== 'info') process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
  };
  return {
    root,
    version,
    indexes: resolve(process.env['ISOLENS_INDEXES'] ?? join(root, 'indexes')),
    models: join(root, 'indexes', 'models'),
    data: resolve(process.env['ISOLENS_DATA'] ?? join(root, 'data')),
    database: process.env['ISOLENS_DATABASE'],
    threads: availableParallelism(),
    now: () => performance.now(),
    date: () => new Date().toISOString(),
    progress: progress === 'json'
      ? createJsonReporter({ stream: process.stderr, now: () => performance.now() })
      : createReporter({ stream: process.stderr, quiet, now: () => performance.now() }),
    logger: {
      info: (message, fields) => write('info', message, fields),
      warn: (message, fields) => write('warn', message, fields),
      error: (message, fields) => write('error', message, fields),
    },
    stdin: process.stdin,
    columns: process.stdout.isTTY ? process.stdout.columns : undefined,
    print: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => {
      if (!quiet) process.stderr.write(`${text}\n`);
    },
    get signal() {
      return (stop ??= watchInterrupts());
    },
  };
}

function watchInterrupts(): AbortSignal {
  const stop = new AbortController();
  const interrupt = (): void => {
    // The first asks for a clean end; a second one means now.
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    stop.abort(new IsoLensError('CANCELLED', 'The command was interrupted.'));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return stop.signal;
}
