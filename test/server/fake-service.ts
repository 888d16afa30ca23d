import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IsoLensError } from '../../src/core/index.ts';
import type { Logger } from '../../src/core/index.ts';
import { DEFAULT_LIMITS, Gate, JobRunner, createApp } from '../../src/server/index.ts';
import { JobStore } from '../../src/store/index.ts';
import { writerOf } from '../../src/ingest/index.ts';
import type { AppOptions, GateLimits, HostRule, SearchService, ServiceQuery, WriteCall } from '../../src/server/index.ts';
import type { DepictionRequest, EmbeddingRequest, FileFormat, Hit, PlacesRequest, RecallRequest, ReplacementRequest, SearchOptions, UnderstandRequest, Table } from '../../src/api/index.ts';
import { LIBRARY_EXAMPLES } from '../../src/api/library-examples.ts';

export const HIT: Hit = {
  id: 'M-1', smiles: 'CCO', names: ['ethanol'], inchiKey: 'LFQSCWFLJHTTHZ-UHFFFAOYSA-N', isQuery: false, score: 0.9, cosine: 0.8, percentile: 99.9, reading: null, tanimoto: 1, sameScaffold: false,
  terms: [{ id: 'embedding', raw: 0.8, value: 3, weight: 0.5, contribution: 1.5 }], descriptors: { molecularWeight: 46.07 }, alerts: [{ name: 'none of note', source: 'a test' }],
  reason: { kept: { queryAtoms: [0, 1], atoms: [1, 0] }, lost: [2], added: [2], changes: [{ kind: 'group', from: '*O', to: '*N', text: '*O -> *N', names: { from: 'hydroxy', to: 'amino' } }], ionisation: { from: 'neutral', to: 'base' }, scaffoldDistance: null, propertyChanges: { molecularWeight: -1 }, evidence: null, text: 'Keeps 2 of 3 heavy atoms.' },
  properties: { target: 'none', count: 2, note: null },
};
export const MAX_IMAGE_BYTES = 4096;
/** A bundle without a map. */
export const BARE = 'bare';

/** Answers at once and remembers what it was asked; `hold` lets searches wait. */
export class FakeService implements SearchService {
  readonly asked: { query: ServiceQuery; options: SearchOptions }[] = [];
  hold: Promise<void> = Promise.resolve();
  failure: Error | undefined;
  /** What a text waits for, or throws. */
  when: (text: string) => Promise<void> | undefined = () => undefined;

  capabilities(): ReturnType<SearchService['capabilities']> {
    return {
      version: '1.2.3', modalities: [{ id: 'drawing', source: 'image', summary: 'Drawings.' }], imageFormats: ['png'], groups: [{ name: 'nitro', smarts: 'N(=O)=O' }],
      limits: { maxK: 1000, maxSmilesCharacters: 1000, maxAtoms: 250, maxImageBytes: MAX_IMAGE_BYTES, maxImagePixels: 1e6 }, indexes: ['demo'],
    };
  }

  indexes(): ReturnType<SearchService['indexes']> {
    return [{ name: 'demo', generation: 'g1', count: 1, dimension: 32, backend: 'hnsw', modalities: ['drawing'], createdAt: '2026-11-20T10:00:00.000Z', rejected: 0, licence: null, link: null, hasMap: true }];
  }

  async search(query: ServiceQuery, options: SearchOptions): ReturnType<SearchService['search']> {
    this.asked.push({ query, options });
    await this.hold;
    if (query.kind === 'text') {
      await this.when(query.text);
      if (query.text.startsWith('bad')) throw new IsoLensError('SMILES_SYNTAX', 'Expected something better.');
    }
    if (this.failure !== undefined) throw this.failure;
    const isImage = query.kind === 'image' || query.kind === 'sites' || query.kind === 'wells';
    return {
      query: { kind: query.kind, smiles: isImage ? null : 'CCO', input: null, inchiKey: isImage ? null : HIT.inchiKey, removed: [], warnings: [], held: null, descriptors: null, applicability: null, chance: null, reading: null },
      index: { name: 'demo', generation: 'g1', count: 1 }, mode: isImage ? 'similarity' : 'default', filters: [], hits: [HIT], tookMs: 1.5,
    };
  }

  holding: SearchService['holding'] = (index, work) => {
    const found = this.indexes().find(({ name }) => name === index);
    if (found === undefined) return Promise.reject(new IsoLensError('BUNDLE_NOT_FOUND', 'Expected one of the indexes demo.'));
    return work({ generation: found.generation, search: (query, options) => this.search(query, options) });
  };

  async molecule(id: string, index: string | undefined): ReturnType<SearchService['molecule']> {
    if (id !== HIT.id && id !== 'A/B c%') throw new IsoLensError('NOT_FOUND', `Expected an identifier but received "${id}".`);
    if (index !== undefined && index !== 'demo') throw new IsoLensError('BUNDLE_NOT_FOUND', 'Expected one of the indexes demo.');
    return { id, otherIds: [], smiles: HIT.smiles, names: HIT.names, inchiKey: HIT.inchiKey, properties: HIT.properties, index: 'demo' };
  }

  async read(): ReturnType<SearchService['read']> {
    await this.hold;
    if (this.failure !== undefined) throw this.failure;
    return {
      smiles: 'C', inchiKey: 'VNWKTOKETHGBQD-UHFFFAOYSA-N', molfile: 'M  END', confidence: 0.9, atoms: [{ x: 1, y: 2, label: 'C', charge: 0, confidence: 0.9 }], bonds: [], drawnAtoms: [0],
      box: { left: 0, top: 0, right: 3, bottom: 4 }, structures: [], picture: { width: 9, height: 9 }, removed: [], warnings: [], tookMs: 1,
    };
  }

  async replacements({ smiles, atoms, index }: ReplacementRequest): ReturnType<SearchService['replacements']> {
    await this.hold;
    if (atoms !== undefined && atoms.some((atom) => atom >= smiles.length)) throw new IsoLensError('ATOM_NOT_FOUND', 'Expected atoms of the molecule.', { details: { atom: atoms[0]! } });
    return { query: { kind: 'molecule', smiles, input: smiles, inchiKey: HIT.inchiKey, removed: [], warnings: [] }, groups: [], proposals: [], refused: 0, index: index ?? null, tookMs: 1 };
  }

  async understand({ text, index }: UnderstandRequest): ReturnType<SearchService['understand']> {
    if (text !== 'ethanol') throw new IsoLensError('NAME_UNKNOWN', 'Expected a name.', { details: { near: ['ethanol'] } });
    return {
      kind: 'name', smiles: 'CCO', inchiKey: HIT.inchiKey, formula: 'C2H6O', id: HIT.id, names: HIT.names, removed: [], warnings: [], descriptors: HIT.descriptors, alerts: HIT.alerts, ionisation: 'neutral', index: index ?? 'demo',
    };
  }

  async embed({ smiles, index }: EmbeddingRequest): ReturnType<SearchService['embed']> {
    if (index !== undefined && index !== 'demo') throw new IsoLensError('BUNDLE_NOT_FOUND', 'Expected one of the indexes demo.');
    const results = smiles.map((one) => (one.endsWith('(') ? { error: { code: 'SMILES_SYNTAX', message: 'Expected a SMILES.' } } : { embedding: [0.6, 0.8] }));
    return { index: 'demo', generation: 'one', tower: 'structure', dimension: 2, results };
  }

  async depictPlaced(request: DepictionRequest): ReturnType<SearchService['depictPlaced']> {
    return { svg: await this.depict(request), smiles: request.smiles, atoms: [[1, 2]] };
  }

  /** The real writers, with no chemistry: nothing has coordinates, and a SMILES that begins with X cannot be read. */
  async *write(format: FileFormat, { columns, rows, provenance }: Table, { onSkipped }: WriteCall): AsyncGenerator<string> {
    const all = [];
    for await (const row of rows) {
      if (row.smiles.startsWith('X')) onSkipped?.(row.id);
      all.push(row);
    }
    yield* writerOf(format).write(all, { columns, provenance });
  }

  async library(name: string): ReturnType<SearchService['library']> {
    this.known(name);
    return LIBRARY_EXAMPLES.detail;
  }

  async rejects(name: string, from: number, limit: number): ReturnType<SearchService['rejects']> {
    this.known(name);
    return { ...LIBRARY_EXAMPLES.rejects, from, rows: LIBRARY_EXAMPLES.rejects.rows.slice(from, from + limit) };
  }

  async recall(name: string, { queries, k }: RecallRequest): ReturnType<SearchService['recall']> {
    this.known(name);
    await this.hold;
    return { ...LIBRARY_EXAMPLES.recall, queries, k };
  }

  map(name: string): ReturnType<SearchService['map']> {
    this.known(name);
    if (name === BARE) throw new IsoLensError('MAP_MISSING', 'Expected a map.');
    return LIBRARY_EXAMPLES.map;
  }

  async places(name: string, { ids = [] }: PlacesRequest): ReturnType<SearchService['places']> {
    this.map(name);
    return { places: ids.map((id) => (id === HIT.id ? [0.5, 0.25] : null)), query: null };
  }

  private known(name: string): void {
    if (name !== 'demo' && name !== BARE) throw new IsoLensError('BUNDLE_NOT_FOUND', 'Expected one of the indexes demo.');
  }

  async depict({ smiles, width, height, theme, alignTo }: DepictionRequest): Promise<string> {
    if (smiles === '') throw new IsoLensError('SMILES_EMPTY', 'Expected a SMILES.');
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" class="${theme} ${alignTo ?? 'alone'}"/>`;
  }
}

export interface RunningApp {
  readonly url: string;
  readonly service: FakeService;
  readonly jobs: JobRunner;
  readonly log: { level: string; message: string; fields: Readonly<Record<string, unknown>> }[];
  close(): Promise<void>;
}

/** `more`: who may ask, how often, and whether it is ready. */
export async function startApp(
  limits: GateLimits = DEFAULT_LIMITS, hosts: Partial<HostRule> = {}, store = new JobStore(':memory:'),
  more: Pick<AppOptions, 'keys' | 'requestsPerMinute' | 'isReady'> = {},
): Promise<RunningApp> {
  const service = new FakeService();
  const webRoot = mkdtempSync(join(tmpdir(), 'web-'));
  writeFileSync(join(webRoot, 'index.html'), '<!doctype html><title>IsoLens</title>');
  const log: RunningApp['log'] = [];
  const at = (level: string) => (message: string, fields: Readonly<Record<string, unknown>> = {}): void => void log.push({ level, message, fields });
  const logger: Logger = { info: at('info'), warn: at('warn'), error: at('error') };
  const now = (): number => performance.now();
  const gate = new Gate(limits);
  const jobs = new JobRunner({ service, store, gate, logger, now, date: () => new Date().toISOString() });
  jobs.start();
  const app = createApp({
    service, version: '1.2.3', logger, webRoot, now, gate, jobs, hosts: { listening: '127.0.0.1', allowed: [], ...hosts }, ...more,
  });
  const server: Server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, service, log,
    jobs,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await jobs.stop();
      store.close();
    },
  };
}

/** Fails where the answer is not a problem document with this status and code. */
export async function problemIn(response: Response): Promise<{ status: number; code: string; detail: string; instance: string; requestId: string; type: string; title: string }> {
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) throw new Error(`No problem document: ${response.status} ${await response.text()}`);
  return (await response.json()) as Awaited<ReturnType<typeof problemIn>>;
}
