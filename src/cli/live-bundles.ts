/**
 * The bundles that a service answers from. A new generation is opened and warmed beside the one that is served, and takes its place between
 * two requests; what was begun with the old one ends with it. One that cannot be opened is refused, and the old one stays.
 */
import { dirname } from 'node:path';
import { IsoLensError, toIsoLensError } from '../core/index.ts';
import type { ErrorCode, Logger } from '../core/index.ts';
import type { SearchEngine } from '../search/index.ts';
import type { SearchSource } from './search-source.ts';

export interface LiveBundlesOptions {
  /** The first answers where a request names none. */
  readonly sources: readonly SearchSource[];
  /** Opens the current generation, ready to answer. */
  readonly open: (source: SearchSource) => Promise<SearchEngine>;
  readonly logger: Logger;
}

/** A generation that was not opened, and why. */
export interface RefusedGeneration {
  readonly code: ErrorCode;
  readonly message: string;
}

interface Lease {
  readonly engine: SearchEngine;
  /** Requests that it answers now. */
  users: number;
  isReplaced: boolean;
}

interface Live {
  readonly root: string;
  /** Absent where nothing newer is looked for. */
  readonly source: SearchSource | undefined;
  lease: Lease;
  /** What the source's pointer said when it was last looked at. */
  pointer: string | undefined;
  refused: RefusedGeneration | undefined;
}

export class LiveBundles {
  private readonly bundles = new Map<string, Live>();
  private readonly open: LiveBundlesOptions['open'];
  private readonly logger: Logger;
  private readonly closing: Promise<void>[] = [];
  private looking: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  private constructor({ open, logger }: LiveBundlesOptions) {
    this.open = open;
    this.logger = logger;
  }

  /** Opens all, one after the other; refuses two of one name with ARGUMENT_INVALID. */
  static async open(options: LiveBundlesOptions): Promise<LiveBundles> {
    const live = new LiveBundles(options);
    try {
      for (const source of options.sources) await live.add(source);
    } catch (error) {
      await live.close();
      throw error;
    }
    return live;
  }

  /** Those that are open already: they stay as they are, and the caller's to close. */
  static of(engines: readonly SearchEngine[], logger: Logger): LiveBundles {
    const live = new LiveBundles({ sources: [], open: () => Promise.reject(new Error('never looked for')), logger });
    for (const engine of engines) {
      live.bundles.set(engine.manifest.name, { root: dirname(dirname(engine.directory)), source: undefined, lease: leaseOf(engine), pointer: undefined, refused: undefined });
    }
    return live;
  }

  get names(): string[] {
    return [...this.bundles.keys()];
  }

  /** What answers now, in the order in which they were given. */
  get engines(): SearchEngine[] {
    return [...this.bundles.values()].map(({ lease }) => lease.engine);
  }

  /** The folder in which the bundle of this name lies, '' for a library elsewhere; undefined where none is served. */
  rootOf(name: string): string | undefined {
    return this.bundles.get(name)?.root;
  }

  /** For an answer that is given at once; BUNDLE_NOT_FOUND for a name that is not served. */
  engine(name: string | undefined): SearchEngine {
    return this.live(name).lease.engine;
  }

  /** Why the newest generation of a bundle is not the one that answers; undefined where it is. */
  refused(name: string): RefusedGeneration | undefined {
    return this.live(name).refused;
  }

  /** For an answer that takes time: the generation stays open until it is given. */
  async using<Result>(name: string | undefined, work: (engine: SearchEngine) => Promise<Result>): Promise<Result> {
    const { lease } = this.live(name);
    lease.users++;
    try {
      return await work(lease.engine);
    } finally {
      lease.users--;
      this.closeUnused(lease);
    }
  }

  /** Looks for new generations every `intervalMs` until it is closed. */
  watch(intervalMs: number): void {
    this.timer = setInterval(() => void this.look(), intervalMs);
    this.timer.unref();
  }

  /** Looks once, and resolves when what was found is served or refused. */
  look(): Promise<void> {
    this.looking ??= this.lookAtAll().finally(() => (this.looking = undefined));
    return this.looking;
  }

  /** Serves the current generation of a bundle that may be new here; throws what keeps it from being opened. */
  async adopt(source: SearchSource): Promise<void> {
    await this.looking;
    if (!this.bundles.has(source.name)) return this.add(source);
    // What is served already is looked at by its own source.
    await source.close();
    await this.look();
    const refused = this.refused(source.name);
    if (refused !== undefined) throw new IsoLensError(refused.code, refused.message);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
    for (const { lease } of this.bundles.values()) this.replace(lease);
    await Promise.all([...this.closing, ...[...this.bundles.values()].map(({ source }) => source?.close())]);
  }

  private async add(source: SearchSource): Promise<void> {
    try {
      const pointer = await source.pointer();
      const engine = await this.open(source);
      const { name } = engine.manifest;
      if (this.bundles.has(name)) {
        await engine.close();
        throw new IsoLensError('ARGUMENT_INVALID', `Expected bundles of different names but received "${name}" twice.`);
      }
      this.bundles.set(name, { root: source.root, source, lease: leaseOf(engine), pointer, refused: undefined });
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  private live(name: string | undefined): Live {
    const found = name === undefined ? this.bundles.values().next().value : this.bundles.get(name);
    if (found !== undefined) return found;
    throw new IsoLensError('BUNDLE_NOT_FOUND', `Expected one of the indexes ${this.names.join(', ')} but received ${JSON.stringify(name)}.`);
  }

  /** One after the other: two libraries that are opened at once take twice the memory. */
  private async lookAtAll(): Promise<void> {
    for (const live of this.bundles.values()) await this.lookAt(live);
  }

  private async lookAt(live: Live): Promise<void> {
    const { source } = live;
    const pointer = await source?.pointer().catch(() => undefined);
    // Gone, or unreadable for a moment: what is open still answers.
    if (source === undefined || pointer === undefined || pointer === live.pointer) return;
    const before = live.pointer;
    live.pointer = pointer;
    const index = live.lease.engine.manifest.name;
    try {
      const engine = await this.open(source);
      const old = live.lease;
      live.lease = leaseOf(engine);
      live.refused = undefined;
      this.logger.info('generation served', { index, generation: engine.manifest.generation, before: old.engine.manifest.generation });
      this.replace(old);
    } catch (thrown) {
      const { code, message } = toIsoLensError(thrown);
      // A database that did not answer says nothing of the generation: it is looked at again.
      if (code === 'DATABASE_UNAVAILABLE') live.pointer = before;
      live.refused = { code, message };
      this.logger.error('generation refused', { index, served: live.lease.engine.manifest.generation, code, error: message });
    }
  }

  private replace(lease: Lease): void {
    lease.isReplaced = true;
    this.closeUnused(lease);
  }

  private closeUnused(lease: Lease): void {
    if (!lease.isReplaced || lease.users > 0) return;
    this.closing.push(lease.engine.close().catch((error: unknown) => this.logger.error('generation not closed', { error: String(error) })));
  }
}

function leaseOf(engine: SearchEngine): Lease {
  return { engine, users: 0, isReplaced: false };
}
