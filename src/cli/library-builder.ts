/** Libraries that a service indexes: each by a process of its own, so that no query waits for one, and one that takes all memory ends alone. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { IndexLibraryOptions } from '../api/index.ts';
import { bundleNameSchema, statedFacts } from '../bundle/index.ts';
import { ERROR_KINDS, IsoLensError } from '../core/index.ts';
import type { ErrorCode } from '../core/index.ts';
import { requireFacts } from '../ingest/index.ts';
import type { LibraryBuilder, LibraryTask } from '../server/index.ts';
import type { BuiltIndex, JobProgress } from '../store/index.ts';
import type { Context } from './context.ts';
import { EXIT } from './exit.ts';
import type { LiveBundles } from './live-bundles.ts';
import { searchSource } from './search-source.ts';
import type { ProgressLine } from './reporter.ts';

/** Of what a builder said, to tell why it failed. */
const KEPT_LINES = 20;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  /** The last lines that are no progress. */
  readonly said: readonly string[];
}

export class ForkedBuilder implements LibraryBuilder {
  private readonly context: Context;
  private readonly bundles: LiveBundles;

  constructor(context: Context, bundles: LiveBundles) {
    this.context = context;
    this.bundles = bundles;
  }

  check(index: string, options: IndexLibraryOptions): void {
    const { error } = bundleNameSchema.safeParse(index);
    if (error !== undefined) throw new IsoLensError('ARGUMENT_INVALID', `Expected an index named with lower-case letters, digits, dots, dashes and underscores but received ${JSON.stringify(index)}.`);
    const root = this.bundles.rootOf(index) ?? this.context.indexes;
    if (root !== this.context.indexes) throw new IsoLensError('ARGUMENT_INVALID', `Expected the name of an index that this service may make but "${index}" is served from another folder; choose another name.`);
    requireFacts(statedFacts(options));
  }

  async build({ index, path, options }: LibraryTask, onProgress: (progress: Omit<JobProgress, 'workedMs'>) => void, signal: AbortSignal): Promise<BuiltIndex> {
    const child = this.start(index, path, options);
    const stop = (): void => void child.kill('SIGTERM');
    signal.addEventListener('abort', stop);
    try {
      if (signal.aborted) stop();
      const { code, stdout, said } = await listenedTo(child, onProgress);
      signal.throwIfAborted();
      if (code !== EXIT.ok && code !== EXIT.rejects) throw failureIn(code, said);
      const { generation, records, rejected } = JSON.parse(stdout) as BuiltIndex;
      await this.bundles.adopt(await searchSource(this.context, index));
      return { generation, records, rejected };
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  private start(index: string, path: string, options: IndexLibraryOptions): ChildProcess {
    const { root, indexes } = this.context;
    const flags = Object.entries(FLAGS).flatMap(([name, flag]) => {
      const value = options[name as keyof IndexLibraryOptions];
      return value === undefined ? [] : [`${flag}=${value}`];
    });
    const args = ['index', '--progress', 'json', '--input', path, '--bundle', index, '--json', ...flags];
    const child = fork(join(root, 'bin', 'isolens.js'), args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: { ...process.env, ISOLENS_INDEXES: indexes } });
    // Queries go first.
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    return child;
  }
}

const FLAGS: Readonly<Record<keyof IndexLibraryOptions, string>> = {
  format: '--format', smilesColumn: '--smiles-column', idColumn: '--id-column', nameColumn: '--name-column', licence: '--licence', sourceUrl: '--source-url', link: '--link',
};

async function listenedTo(child: ChildProcess, onProgress: (progress: Omit<JobProgress, 'workedMs'>) => void): Promise<Ended> {
  let stdout = '';
  const said: string[] = [];
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  createInterface({ input: child.stderr! }).on('line', (line) => {
    const told = progressIn(line);
    if (told === undefined) said.push(line);
    else if ('progress' in told) onProgress({ ...told.progress, total: told.progress.total ?? told.progress.done });
    if (said.length > KEPT_LINES) said.shift();
  });
  const [code] = await once(child, 'close') as [number | null];
  return { code, stdout, said };
}

function progressIn(line: string): ProgressLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as ProgressLine;
  } catch {
    return undefined;
  }
}

function failureIn(code: number | null, said: readonly string[]): IsoLensError {
  const found = said.map((line) => /^error ([A-Z_]+): (.+)$/.exec(line)).find((match) => match !== null);
  const [, own, message] = found ?? [];
  if (own !== undefined && own in ERROR_KINDS && own !== 'INTERNAL') return new IsoLensError(own as ErrorCode, message!);
  return new IsoLensError('WORKER_FAILED', `Expected the library to be indexed but the process that did it ended ${code === null ? 'by a signal' : `with the exit code ${code}`}; it may have had too little memory.`);
}
