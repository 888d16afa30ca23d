/** The HTTP API as typed methods, one for each operation of /openapi.json and named as it is there. The types are those of its schemas. */
import type {
  AnswerFormat, Capabilities, IndexLibraryOptions, DepictionRequest, EmbeddingRequest, EmbeddingResponse, ExportRequest, IndexInfo, Job, JobRemoval, JobRequest, JobResult, LibraryDetail, LibraryMap, Molecule, PlacedDepiction, PlacesRequest, PlacesResponse,
  ReadResponse, RecallRequest, RecallResponse, RejectPage, ReplacementRequest, ReplacementResponse, SearchOptions, SearchRequest, SearchResponse, UnderstandRequest, Understanding,
} from '../api/index.ts';
import { eventsIn } from './events.ts';
import { Transport, pairsOf } from './transport.ts';
import type { TransportOptions } from './transport.ts';

/** Before the service applies its defaults: all but `Needed` may be left out. */
export type Asked<Whole, Needed extends keyof Whole = never> = Partial<Omit<Whole, Needed>> & Pick<Whole, Needed>;

export type SearchAsked = Asked<SearchRequest, 'query'>;
export type OptionsAsked = Partial<SearchOptions>;
export type DepictionAsked = Asked<DepictionRequest, 'smiles'>;

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Any answer but JSON. */
export type FileAsked = Exclude<AnswerFormat, 'json'>;

export class IsoLensClient {
  private readonly transport: Transport;

  constructor(options: TransportOptions = {}) {
    this.transport = new Transport(options);
  }

  search(request: SearchAsked, { signal }: CallOptions = {}): Promise<SearchResponse> {
    return this.transport.json('/v1/search', { method: 'POST', json: request, signal });
  }

  /** The same as a file: SDF, SMILES, CSV or JSONL. */
  async searchFile(request: SearchAsked, format: FileAsked, { signal }: CallOptions = {}): Promise<Blob> {
    return (await this.transport.answered('/v1/search', { method: 'POST', json: request, query: { format }, signal })).blob();
  }

  /** PNG, JPEG, WebP, GIF or TIFF. */
  searchByImage(image: Blob, options: OptionsAsked & { readonly via?: 'both' | 'reading' | 'embedding' } = {}, { signal }: CallOptions = {}): Promise<SearchResponse> {
    return this.transport.json('/v1/search/image', { method: 'POST', body: image, query: options, signal });
  }

  /** 1 to 16 sites of one perturbation, each a TIFF with a page for each channel. */
  searchByCells(sites: readonly Blob[], options: OptionsAsked = {}, { signal }: CallOptions = {}): Promise<SearchResponse> {
    return this.transport.json('/v1/search/cells', { method: 'POST', body: formOf('site', sites, options), signal });
  }

  /** A table of profiles, CSV, TSV or Parquet. */
  searchByProfile(table: Blob, options: OptionsAsked & { readonly perturbation?: string } = {}, { signal }: CallOptions = {}): Promise<SearchResponse> {
    return this.transport.json('/v1/search/profile', { method: 'POST', body: formOf('table', [table], options), signal });
  }

  /** Of molecules. One that cannot be read fails alone. */
  embed(request: EmbeddingRequest, { signal }: CallOptions = {}): Promise<EmbeddingResponse> {
    return this.transport.json('/v1/embeddings', { method: 'POST', json: request, signal });
  }

  understand(request: UnderstandRequest, { signal }: CallOptions = {}): Promise<Understanding> {
    return this.transport.json('/v1/understand', { method: 'POST', json: request, signal });
  }

  /** structure: its number in the picture, from 1. */
  read(image: Blob, options: { readonly structure?: number } = {}, { signal }: CallOptions = {}): Promise<ReadResponse> {
    return this.transport.json('/v1/read', { method: 'POST', body: image, query: options, signal });
  }

  replace(request: Asked<ReplacementRequest, 'smiles'>, { signal }: CallOptions = {}): Promise<ReplacementResponse> {
    return this.transport.json('/v1/replacements', { method: 'POST', json: request, signal });
  }

  async export(request: Omit<ExportRequest, 'records'> & { readonly records: readonly ExportRequest['records'][number][] }, { signal }: CallOptions = {}): Promise<Blob> {
    return (await this.transport.answered('/v1/export', { method: 'POST', json: request, signal })).blob();
  }

  createJob(request: { readonly queries: JobRequest['queries']; readonly options?: OptionsAsked }, { signal }: CallOptions = {}): Promise<Job> {
    return this.transport.json('/v1/jobs', { method: 'POST', json: request, signal });
  }

  /** Sends a library to be indexed in the background, where the service allows that; `followJob` tells how far it is. */
  indexLibrary(name: string, library: Blob, options: IndexLibraryOptions, { signal }: CallOptions = {}): Promise<Job> {
    const body = new Blob([library], { type: 'application/octet-stream' });
    return this.transport.json(`/v1/indexes/${encodeURIComponent(name)}/library`, { method: 'POST', body, query: options, signal });
  }

  /** The newest first. */
  listJobs({ signal }: CallOptions = {}): Promise<Job[]> {
    return this.transport.json('/v1/jobs', { signal });
  }

  getJob(id: string, { signal }: CallOptions = {}): Promise<Job> {
    return this.transport.json(`/v1/jobs/${encodeURIComponent(id)}`, { signal });
  }

  /** The job now and after each change, until it has ended. */
  async *followJob(id: string, { signal }: CallOptions = {}): AsyncGenerator<Job> {
    const response = await this.transport.answered(`/v1/jobs/${encodeURIComponent(id)}/events`, { accept: 'text/event-stream', signal });
    for await (const data of eventsIn(response)) yield JSON.parse(data) as Job;
  }

  /** Cancels a job that waits or runs; deletes one that has ended. */
  removeJob(id: string, { signal }: CallOptions = {}): Promise<JobRemoval> {
    return this.transport.json(`/v1/jobs/${encodeURIComponent(id)}`, { method: 'DELETE', signal });
  }

  getJobResults(id: string, page: { readonly offset?: number; readonly limit?: number } = {}, { signal }: CallOptions = {}): Promise<{ readonly job: Job; readonly results: JobResult[] }> {
    return this.transport.json(`/v1/jobs/${encodeURIComponent(id)}/results`, { query: page, signal });
  }

  /** The results as a file, one row a hit. */
  async jobFile(id: string, format: FileAsked, { signal }: CallOptions = {}): Promise<Blob> {
    return (await this.transport.answered(`/v1/jobs/${encodeURIComponent(id)}/results`, { query: { format }, signal })).blob();
  }

  /** id: an identifier, a name or an InChIKey. */
  getMolecule(id: string, options: { readonly index?: string } = {}, { signal }: CallOptions = {}): Promise<Molecule> {
    return this.transport.json(`/v1/molecules/${encodeURIComponent(id)}`, { query: options, signal });
  }

  /** SVG. */
  async depictMolecule(id: string, options: Partial<Omit<DepictionRequest, 'smiles'>> & { readonly index?: string } = {}, { signal }: CallOptions = {}): Promise<string> {
    return (await this.transport.answered(`/v1/molecules/${encodeURIComponent(id)}/depiction.svg`, { query: options, accept: SVG, signal })).text();
  }

  /** SVG. */
  async depict(request: DepictionAsked, { signal }: CallOptions = {}): Promise<string> {
    return (await this.transport.answered('/v1/depictions', { method: 'POST', json: request, accept: SVG, signal })).text();
  }

  /** The same with the places of atoms. */
  depictPlaced(request: DepictionAsked, { signal }: CallOptions = {}): Promise<PlacedDepiction> {
    return this.transport.json('/v1/depictions', { method: 'POST', json: request, signal });
  }

  listIndexes({ signal }: CallOptions = {}): Promise<IndexInfo[]> {
    return this.transport.json('/v1/indexes', { signal });
  }

  getIndex(name: string, { signal }: CallOptions = {}): Promise<LibraryDetail> {
    return this.transport.json(`/v1/indexes/${encodeURIComponent(name)}`, { signal });
  }

  listRejects(name: string, page: { readonly from?: number; readonly limit?: number } = {}, { signal }: CallOptions = {}): Promise<RejectPage> {
    return this.transport.json(`/v1/indexes/${encodeURIComponent(name)}/rejects`, { query: page, signal });
  }

  measureRecall(name: string, request: Partial<RecallRequest> = {}, { signal }: CallOptions = {}): Promise<RecallResponse> {
    return this.transport.json(`/v1/indexes/${encodeURIComponent(name)}/recall`, { method: 'POST', json: request, signal });
  }

  getMap(name: string, { signal }: CallOptions = {}): Promise<LibraryMap> {
    return this.transport.json(`/v1/indexes/${encodeURIComponent(name)}/map`, { signal });
  }

  findPlaces(name: string, request: PlacesRequest, { signal }: CallOptions = {}): Promise<PlacesResponse> {
    return this.transport.json(`/v1/indexes/${encodeURIComponent(name)}/places`, { method: 'POST', json: request, signal });
  }

  getCapabilities({ signal }: CallOptions = {}): Promise<Capabilities> {
    return this.transport.json('/v1/capabilities', { signal });
  }

  getOpenApi({ signal }: CallOptions = {}): Promise<Record<string, unknown>> {
    return this.transport.json('/openapi.json', { signal });
  }

  getHealth({ signal }: CallOptions = {}): Promise<{ readonly status: 'ok' }> {
    return this.transport.json('/healthz', { signal });
  }

  /** Refused with NOT_READY while the service starts or stops. */
  getReadiness({ signal }: CallOptions = {}): Promise<{ readonly status: 'ready' }> {
    return this.transport.json('/readyz', { isAnsweredOnce: true, signal });
  }

  /** In the Prometheus text format. */
  async getMetrics({ signal }: CallOptions = {}): Promise<string> {
    return (await this.transport.answered('/metrics', { signal })).text();
  }
}

const SVG = 'image/svg+xml';

function formOf(field: string, files: readonly Blob[], options: Readonly<Record<string, unknown>>): FormData {
  const form = new FormData();
  for (const [name, value] of pairsOf(options)) form.append(name, value);
  files.forEach((file, i) => form.append(field, file, `${field}-${i + 1}`));
  return form;
}
