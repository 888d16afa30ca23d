/** Calls of the HTTP API, with its problems as errors. */
import type {
  Capabilities, DepictionRequest, IndexInfo, PlacedDepiction, Problem, ReadResponse, ReplacementRequest, ReplacementResponse, SearchRequest, SearchResponse, Understanding,
} from '../../src/api/index.ts';

/** What the service says went wrong. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** No answer at all: the service is away, or starts anew. */
export class AwayError extends Error {
  constructor() {
    super('Nothing answers. Is the service still running? What you typed is still here; try again in a moment.');
  }
}

/** Before the service applies its defaults. */
export type SearchAsked = Partial<Omit<SearchRequest, 'query'>> & Pick<SearchRequest, 'query'>;

export async function search(asked: SearchAsked, signal: AbortSignal): Promise<SearchResponse> {
  return answer(await postJson('/v1/search', asked, signal));
}

export async function searchByPicture(image: Blob, asked: Omit<SearchAsked, 'query'>, signal: AbortSignal): Promise<SearchResponse> {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(asked)) for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) parameters.append(key, String(one));
  return answer(await postPicture(`/v1/search/image?${parameters}`, image, signal));
}

/** undefined where it cannot be read, or the service has no reader. */
export async function read(image: Blob, structure: number, signal: AbortSignal): Promise<ReadResponse | undefined> {
  const response = await postPicture(`/v1/read?structure=${structure}`, image, signal);
  return response.ok ? answer(response) : undefined;
}

export async function understand(text: string, index: string | undefined, signal: AbortSignal): Promise<Understanding> {
  return answer(await postJson('/v1/understand', { text, ...(index === undefined ? {} : { index }) }, signal));
}

export async function replacements(asked: Partial<ReplacementRequest> & Pick<ReplacementRequest, 'smiles'>, signal: AbortSignal): Promise<ReplacementResponse> {
  return answer(await postJson('/v1/replacements', asked, signal));
}

export async function indexes(): Promise<IndexInfo[]> {
  return answer(await send('/v1/indexes'));
}

export async function capabilities(): Promise<Capabilities> {
  return answer(await send('/v1/capabilities'));
}

export type Drawing = Partial<DepictionRequest> & Pick<DepictionRequest, 'smiles'>;

export async function depict(drawing: Drawing, signal?: AbortSignal): Promise<string> {
  const response = await postJson('/v1/depictions', drawing, signal, 'image/svg+xml');
  return response.ok ? response.text() : answer(response);
}

export async function depictPlaced(drawing: Drawing, signal?: AbortSignal): Promise<PlacedDepiction> {
  return answer(await postJson('/v1/depictions', drawing, signal));
}

/** Any answer that is no JSON: a file. */
export async function file(path: string, body: unknown, accept: string): Promise<Blob> {
  const response = await postJson(path, body, undefined, accept);
  return response.ok ? response.blob() : answer(response);
}

export async function getJson<Result>(path: string, signal?: AbortSignal): Promise<Result> {
  return answer(await send(path, signal === undefined ? {} : { signal }));
}

export async function sendJson<Result>(method: 'POST' | 'DELETE', path: string, body?: unknown, signal?: AbortSignal): Promise<Result> {
  return answer(await send(path, { method, ...(signal === undefined ? {} : { signal }), ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) }));
}

/** What the file is shows in its bytes; a name or type that the system made up would only be in the way. */
function postPicture(path: string, image: Blob, signal: AbortSignal): Promise<Response> {
  return send(path, { method: 'POST', body: image, headers: { 'content-type': 'application/octet-stream' }, signal });
}

function postJson(path: string, body: unknown, signal?: AbortSignal, accept = 'application/json'): Promise<Response> {
  return send(path, { method: 'POST', headers: { 'content-type': 'application/json', accept }, body: JSON.stringify(body), ...(signal === undefined ? {} : { signal }) });
}

/** A full queue passes within a second or two. */
const TRIES = 4;

async function send(path: string, init: RequestInit = {}): Promise<Response> {
  for (let left = TRIES; ; left--) {
    const response = await fetch(path, init).catch((thrown: unknown) => {
      if (init.signal?.aborted === true) throw thrown;
      throw new AwayError();
    });
    if (response.status !== 503 || left === 1) return response;
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(response.headers.get('retry-after') ?? 1)));
  }
}

async function answer<Result>(response: Response): Promise<Result> {
  const body: unknown = response.status === 204 ? undefined : await response.json().catch(() => { throw new AwayError(); });
  if (response.ok) return body as Result;
  throw new ProblemError(body as Problem);
}

export function messageOf(thrown: unknown): { readonly title: string; readonly detail: string; readonly code?: string; readonly details?: Readonly<Record<string, unknown>> } {
  if (thrown instanceof ProblemError) {
    const { title, detail, code, details } = thrown.problem;
    return { title, detail, code, ...(details === undefined ? {} : { details }) };
  }
  if (thrown instanceof AwayError) return { title: 'The service does not answer', detail: thrown.message, code: 'AWAY' };
  return { title: 'The page failed', detail: thrown instanceof Error ? thrown.message : String(thrown) };
}
