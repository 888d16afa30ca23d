/** Calls of the HTTP API, with its problems as errors. */
import type { Capabilities, IndexInfo, Problem, ReadResponse, SearchResponse } from '../src/api/index.ts';

export type Query = { text: string } | { image: Blob };

export interface Options {
  readonly k: number;
  /** Empty: the service's first. */
  readonly index: string;
  /** Empty: the service's default. */
  readonly mode: string;
}

/** What the service says went wrong. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

export async function search(query: Query, { k, index, mode }: Options, signal: AbortSignal): Promise<SearchResponse> {
  if ('image' in query) {
    // Without a mode: it finds the drawn molecule. For others like it, what was read is searched as a structure.
    const parameters = new URLSearchParams({ k: String(k), ...(index === '' ? {} : { index }) });
    return answer(await postPicture(`/v1/search/image?${parameters}`, query.image, signal));
  }
  return answer(await postJson('/v1/search', { query, k, ...(index === '' ? {} : { index }), ...(mode === '' ? {} : { mode }) }, signal));
}

/** undefined where it cannot be read, or the service has no reader. */
export async function read(image: Blob, signal: AbortSignal): Promise<ReadResponse | undefined> {
  const response = await postPicture('/v1/read', image, signal);
  return response.ok ? answer(response) : undefined;
}

export async function indexes(): Promise<IndexInfo[]> {
  return answer(await fetch('/v1/indexes'));
}

export async function capabilities(): Promise<Capabilities> {
  return answer(await fetch('/v1/capabilities'));
}

export interface Drawing {
  readonly smiles: string;
  readonly width: number;
  readonly height: number;
  readonly theme: 'light' | 'dark';
  /** Drawn as this molecule is, where they agree. */
  readonly alignTo?: string | undefined;
  /** Atoms to mark. */
  readonly highlightAtoms?: readonly number[] | undefined;
}

/** undefined where it cannot be drawn. */
export async function depict(drawing: Drawing): Promise<Blob | undefined> {
  const response = await postJson('/v1/depictions', drawing);
  return response.ok ? response.blob() : undefined;
}

/** What the file is shows in its bytes; a name or type that the system made up would only be in the way. */
function postPicture(path: string, image: Blob, signal: AbortSignal): Promise<Response> {
  return fetch(path, { method: 'POST', body: image, headers: { 'content-type': 'application/octet-stream' }, signal });
}

function postJson(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  return fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), ...(signal === undefined ? {} : { signal }) });
}

async function answer<Result>(response: Response): Promise<Result> {
  const body: unknown = await response.json();
  if (response.ok) return body as Result;
  throw new ProblemError(body as Problem);
}
