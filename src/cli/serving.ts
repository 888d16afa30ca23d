/** Opens bundles and serves them until the process is asked to stop. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { ChemPool } from '../chem/index.ts';
import { IsoLensError, systemErrorCode } from '../core/index.ts';
import type { DrawingReader } from '../reading/index.ts';
import type { SearchEngine } from '../search/index.ts';
import { DEFAULT_LIMITS, Gate, IndexJobs, JobRunner, createApp } from '../server/index.ts';
import { readAccess } from './access.ts';
import type { Access, AccessOptions } from './access.ts';
import type { Context } from './context.ts';
import { shippedReplacements } from './evidence.ts';
import type { LazyReplacements, ShippedReplacements } from './evidence.ts';
import { openJobs } from './jobs.ts';
import { ForkedBuilder } from './library-builder.ts';
import { LiveBundles } from './live-bundles.ts';
import { openShippedReader } from './reading.ts';
import { searchSource } from './search-source.ts';
import type { SearchSource } from './search-source.ts';
import { BundleService } from './service.ts';

export interface ListenOptions extends AccessOptions {
  /** 0 takes any free one. */
  readonly port: number;
  /** Folder in which jobs are kept; beside the bundles where absent. */
  readonly jobs?: string | undefined;
  readonly allowIndexing?: boolean | undefined;
  /** Seconds in which a stopping service still answers, but says that it is not ready. */
  readonly drain?: number | undefined;
}

export interface ServeOptions extends ListenOptions {
  readonly bundles: readonly string[];
}

/** A query waits for a person: what takes longer is refused. */
export const MOLECULE_TIMEOUT_MS = 5000;
const ENCODER_TIMEOUT_MS = 10_000;
/** A scan is a small part of a query: one thread of it keeps this many threads of chemistry busy. */
const SCANS_PER = 4;
/** Where libraries wait that clients sent. */
const LIBRARIES = 'libraries';
/** Of one library, as it is sent. */
const MAX_LIBRARY_BYTES = 8 * 2 ** 30;
/** How often a new generation is looked for: a small file or one row is read. */
const LOOK_MS = 2000;
/**
 * Connections without a request are kept for longer than balancers and clients keep theirs (60 s at most, as a rule): the side that asks closes first, and
 * no request is sent into a connection that is just being closed. Headers may take a little longer than that.
 */
const KEPT_OPEN = { keepAliveTimeout: 65_000, headersTimeout: 66_000 } as const;
/** How often a service that stops closes connections that have become idle. */
const IDLE_MS = 100;
/** Time that running requests get when the service is stopped: none takes longer. */
const GRACE_MS = DEFAULT_LIMITS.timeoutMs;

export async function serve(context: Context, options: ServeOptions): Promise<void> {
  const { signal } = context;
  const access = await readAccess(context, options);
  const chem = new ChemPool({ workers: context.threads, itemTimeoutMs: MOLECULE_TIMEOUT_MS });
  const replacements = shippedReplacements(context);
  const reader = await openShippedReader(context, ENCODER_TIMEOUT_MS);
  let bundles: LiveBundles | undefined;
  try {
    const open = (source: SearchSource): Promise<SearchEngine> => openEngine(context, source, chem, replacements, reader);
    bundles = await LiveBundles.open({ sources: await Promise.all([...new Set(options.bundles)].map((bundle) => searchSource(context, bundle))), open, logger: context.logger });
    if (signal.aborted) return;
    // Reading the table stands in the way of everything for a moment: before anyone waits.
    if (replacements.evidence !== undefined) replacements.table();
    bundles.watch(LOOK_MS);
    await serveBundles(context, { bundles, chem, replacements: replacements.table, reader }, access, options);
  } finally {
    await bundles?.close();
    await reader?.close();
    await chem.close();
  }
}

export interface Served {
  readonly bundles: LiveBundles;
  readonly chem: ChemPool;
  readonly replacements: LazyReplacements;
  /** Absent where none is installed. */
  readonly reader: DrawingReader | undefined;
}

/** Serves what is open already; it stays the caller's to close. */
export async function serveBundles(context: Context, { bundles, chem, replacements, reader }: Served, access: Access, options: ListenOptions): Promise<void> {
  // Heaps of all threads may grow by a half between two collections. Left to itself, V8 lets them grow several times over, and a service
  // that was busy once holds a third more memory for good. A fifth takes less still, but a fifth more time for each query.
  setFlagsFromString('--heap-growing-percent=50');
  const { store, folder } = openJobs(context, options.jobs);
  try {
    const service = new BundleService({ bundles, chem, replacements, reader, version: context.version, now: context.now });
    const { logger, now, date } = context;
    const gate = new Gate(DEFAULT_LIMITS);
    const jobs = new JobRunner({ service, store, gate, logger, now, date });
    const indexing = options.allowIndexing === true
      ? new IndexJobs({ book: jobs.book, builder: new ForkedBuilder(context, bundles), folder: join(folder, LIBRARIES), maxBytes: MAX_LIBRARY_BYTES, logger, now, date })
      : undefined;
    const webRoot = join(context.root, 'dist', 'web');
    const isReady = (): boolean => !context.signal.aborted;
    const server = createServer(KEPT_OPEN, createApp({ service, version: context.version, logger, webRoot, now, gate, jobs, indexing, isReady, ...access }));
    await indexing?.tidy();
    const address = await listen(server, options);
    jobs.start();
    indexing?.start();
    context.print(`IsoLens listens on ${address} (${bundles.names.join(', ')}). Stop it with Ctrl-C.`);
    await stopped(context.signal);
    context.note('Stopping: running requests are finished first.');
    await Promise.all([delay(1000 * (options.drain ?? 0)).then(async () => close(server)), jobs.stop(), indexing?.stop()]);
  } finally {
    store.close();
  }
}

async function openEngine(
  context: Context, source: SearchSource, chem: ChemPool, { evidence }: ShippedReplacements, reader: DrawingReader | undefined,
): Promise<SearchEngine> {
  context.signal.throwIfAborted();
  context.progress.start(`opening ${source.name}`);
  const scan = { workers: Math.ceil(context.threads / SCANS_PER) };
  const engine = await source.open({ chem, evidence, reader, inference: { workers: 1, timeoutMs: ENCODER_TIMEOUT_MS }, scan, now: context.now });
  try {
    await engine.warm();
  } catch (error) {
    await engine.close();
    throw error;
  }
  context.progress.finish(`${engine.manifest.count} molecules`);
  return engine;
}

function listen(server: Server, { host, port }: ListenOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(unable(error, host, port)));
    server.listen(port, host, () => {
      const { address, family, port: bound } = server.address() as AddressInfo;
      resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`);
    });
  });
}

function unable(error: Error, host: string, port: number): IsoLensError {
  const code = systemErrorCode(error);
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another program uses it; choose another with --port',
    EACCES: 'this user may not open it; choose one above 1023 with --port',
    EADDRNOTAVAIL: 'this machine has no such address; choose another with --host',
    ENOTFOUND: 'no such host is known; choose another with --host',
  };
  return new IsoLensError('ARGUMENT_INVALID', `Expected to listen on ${host} port ${port} but ${reasons[code ?? ''] ?? error.message}.`, { cause: error });
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_MS);
  const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(timer);
}
